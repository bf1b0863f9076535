"""Writes the model card of a published checkpoint as a hub reads it, and finds the checkpoint's own in it."""

import json
import re
from collections.abc import Sequence

from segpaint.core.requests.checkpoint import Description

LICENCES = (
    "apache-2.0", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "mit",
)  # fmt: skip
"""Licences that the hub knows by name; any other is named there as it is."""
BEGIN, END = "<!-- card of the checkpoint -->", "<!-- end of its card -->"


def published_card(description: Description, card: str, datasets: Sequence[str] = ()) -> str:
    """Write a model card with what a hub reads in front of it, in YAML, and how to use the model.

    Parameters
    ----------
    card : str
        The checkpoint's own, which goes along.
    datasets : sequence of str
        Names of its training data on the hub.
    """
    kind = "unconditional-image-generation" if description.ignores_mask else "image-to-image"
    tags = ["medical", "diffusion", "mask-to-image", "synthetic", "segpaint", description.modality]
    front = {
        **_licence(description.licence),
        "library_name": "diffusers",
        "pipeline_tag": kind,
        "tags": tags,
        "datasets": list(datasets),
    }
    # What JSON writes is YAML, too.
    fields = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items())
    shape = f"{description.size} x {description.size}"
    known = {one.name: one.values[0] for one in description.attributes}
    asked = f", attributes={json.dumps(known, ensure_ascii=False)}" if known else ""
    return f"""---
{fields}
---

**The images that this model makes are synthetic. They must not be used for diagnosis.**

## Use with diffusers

The folder needs `diffusers` and `torch` alone. Read `pipeline.py` before you trust its code, as the call does.

```python
import numpy as np
from diffusers import DiffusionPipeline
from PIL import Image

model = DiffusionPipeline.from_pretrained("FOLDER-OR-OWNER/NAME", trust_remote_code=True)
mask = np.asarray(Image.open("mask.png"))  # uint8, {shape}, each pixel the index of its label
image = model(mask, seed=0{asked}).images[0]
image.save("image.png")
```

`labels.json` names the labels. The value 255 marks a region where the model decides. `used=["NAME", ...]` names
the labels that the mask is annotated for; the model decides on all others. `num_inference_steps`,
`guidance_scale`, and `sampler` (`dpm++`, `ddim`, or `ddpm`) are the recommended ones unless you give others.

To paint the mask and watch, take the model into SegPaint: `segpaint checkpoint import FOLDER`.

{BEGIN}
{card.strip()}
{END}
"""


def own_card(published: str) -> str:
    """Find the checkpoint's own card in a published one; all but the fields in front if it is not marked."""
    if BEGIN in published:
        published = published.partition(BEGIN)[2].rpartition(END)[0] or published.partition(BEGIN)[2]
    return re.sub(r"\A---\n.*?\n---\n", "", published, flags=re.DOTALL).strip() + "\n"


def without_pictures(card: str) -> str:
    """Take pictures out of a card, and links to files beside it, which stay behind."""
    card = re.sub(r"!\[([^\]]*)\]\((?!https?:)[^)]*\)", r"(picture left out: \1)", card)
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)#]+\)", r"\1", card)


def _licence(text: str) -> dict[str, str]:
    name = "-".join(text.casefold().split())
    if name in LICENCES:
        return {"license": name}
    return {"license": "other", "license_name": text or "not stated"}
