"""Adds an evaluation to a checkpoint folder and its model card."""

from collections.abc import Sequence
from pathlib import Path

from segpaint.core.files import write_together
from segpaint.core.requests.checkpoint import CARD, read_card

BEGIN, END = "<!-- evaluation -->", "<!-- end of evaluation -->"
FIGURES = "figures.json"
PICTURES = ("seeds.png", "ablation.png", "nearest.png")


def put_into_card(checkpoint: Path, figures: Path, summary: str, more: Sequence[str] = ()) -> None:
    """Copy report, figures and pictures into the checkpoint, and show them in its card.

    Parameters
    ----------
    checkpoint : Path
        Its folder.
    figures : Path
        The JSON file of `segpaint.evaluation.evaluation_run.evaluate`.
    summary : str
        From `segpaint.evaluation.report.summary`.
    more : sequence of str
        From `segpaint.evaluation.report.pictures`: further pictures that the report shows.

    Raises
    ------
    SegPaintError
        If the checkpoint cannot be written, or its card cannot be read.
    """
    made, folder = figures.with_suffix(""), checkpoint / "evaluation"
    path = checkpoint / CARD
    card = read_card(path) if path.exists() else f"# {checkpoint.name}\n"
    before, _, rest = card.partition(BEGIN)
    after = rest.partition(END)[2]
    section = f"""{BEGIN}
## Measured

{summary}

All figures, made by `segpaint evaluate`: [evaluation/report.md](evaluation/report.md), and as
[JSON](evaluation/{FIGURES}).

Masks of patients that were not trained on, their real slices, five seeds:

![unseen mask, real slice, five seeds](evaluation/seeds.png)

Every label left out of the mask in turn, same noise:

![every label ablated](evaluation/ablation.png)
{END}"""
    write_together(
        {folder / name: made / name for name in (*PICTURES, *more, "report.md")}
        | {folder / FIGURES: figures}
        | {path: f"{before.rstrip()}\n\n{section}\n\n{after.strip()}".rstrip().encode() + b"\n"}
    )
