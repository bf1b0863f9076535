"""Writes the guide's page on speed, from figures that were measured.

segpaint bench sample --json resources/guide/performance.json
python resources/guide/performance.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("performance.md")
FIGURES = PAGE.with_suffix(".json")
HEAD = """# How fast it is

`segpaint bench sample` measures how long images take on your machine. It makes each kind of image in turn,
under the example masks, so that a busy machine slows all of them alike. Seconds differ between machines, and
from one hour to the next. What compares is the column *times faster*.

- *plain* is the yardstick: 50 steps of DDIM with the same weights in 32 bits, one call of the network a step,
  and no guidance.
- *finished* is what **Generate** makes, with the steps and the guidance that the model recommends. Guidance
  calls the network twice a step.
- *every step shown* is the same image, made as in the window: each step becomes a picture.
- *finished in 4 or 8 long steps* is the sampler *Few steps*, where the model was
  [distilled](train.md#4-make-it-fast): guidance costs nothing then.
- *finished in long, then short steps* is the sampler of that name: the network for few steps begins, and the
  model itself ends.
- *draft* is what live painting makes at the fewest steps, while no image is finished: two long steps, or four
  plain ones.
- *edit* is a finished image that is [changed](paint.md#change-an-image-that-you-made) where its mask was: by
  a dab of the brush on the border of a label, or by a label that has grown on all sides. Its drafts are those
  of live painting.
- *edit from noise* leads a reference [back to noise](edit-a-real-image.md#change-its-anatomy), and makes it
  anew from there. The *next* edit of the same reference needs the latter alone.
- *one of 8* is the time for one of eight images that are asked for together, as in a paired set.

*Steps* are those that were taken. *Dice* is how well the model's own segmenter finds the mask in the image.
*Kept* is the share of pixels beyond twice the margin of an edit that are the same as before.

On a processor, a checkpoint can be compiled, which makes its images about twice as fast:

```sh
.venv/bin/pip install 'segpaint[openvino]'
.venv/bin/segpaint checkpoint compile cardiac-cine-mri-128
```

In the window, **Help > Compile this model** does the same. It takes seconds, once for each checkpoint on each
machine. Images then differ in the last digit, and their requests name `openvino-float32` or `openvino-bfloat16`
as the precision. So they are made again only where the checkpoint is compiled, too. A paired set may be made on
several machines: it is computed as before, unless its specification names such a precision. Tables of compiled
checkpoints are marked.

The figures below are of two cores of a shared machine, which multiply bfloat16.
"""
COLUMNS = ("image", "seconds", "times faster", "steps", "Dice", "kept")


def page(figures: dict[str, dict[str, dict[str, Any]]]) -> str:
    """The page in Markdown."""
    lines = [HEAD]
    for checkpoint, ways in figures.items():
        lines += [f"## {checkpoint}", "", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
        lines += [_row(way, measured) for way, measured in ways.items()]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(way: str, measured: dict[str, Any]) -> str:
    dice = "" if measured["dice"] is None else f"{measured['dice']:.2f}"
    kept = "" if measured["kept"] is None else f"{100 * measured['kept']:g} %"
    cells = (
        way,
        f"{measured['seconds']:.2f}",
        f"{measured['times_faster']:.1f}",
        f"{measured['steps']:.0f}",
        dice,
        kept,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(FIGURES.read_text(encoding="utf-8"))), encoding="utf-8")
