"""One picture of many slices with their labels' outlines, to see mistakes before a night of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from skimage.segmentation import find_boundaries

from segpaint.core.labels import LabelTable
from segpaint.io.cases import Axis
from segpaint.training.pictures import write_png

COLUMNS, ROWS, CELL, CAPTION, LINE = 6, 4, 224, 20, 24
LEGEND_COLUMNS = 3
SIDES: dict[Axis, tuple[str, str]] = {
    "axial": ("R", "A"), "coronal": ("R", "S"), "sagittal": ("A", "S"),
}  # fmt: skip
"""What lies on the left and at the top: right, anterior, superior."""


@dataclass(frozen=True)
class LabelCount:
    """How often a label is seen.

    Attributes
    ----------
    pixels : int
        Over all masks.
    slices : float
        Share of the slices that hold it, 0 to 1.
    """

    pixels: int
    slices: float


def draw_contact_sheet(
    path: Path,
    pairs: Sequence[tuple[Path, Path]],
    table: LabelTable,
    counts: dict[int, LabelCount],
    axis: Axis | None,
) -> None:
    """Write a sheet of up to 24 slices, spread evenly over those given, and a legend.

    Parameters
    ----------
    path : Path
        Of the PNG to write.
    pairs : sequence of (image, mask)
    table : LabelTable
    counts : dict of int to LabelCount
        By label.
    axis : {"axial", "coronal", "sagittal"} or None
        Letters tell the patient's sides; None: there are none to tell.
    """
    chosen = np.linspace(0, len(pairs) - 1, min(COLUMNS * ROWS, len(pairs))).round().astype(int)
    rows = -(-len(chosen) // COLUMNS)
    legend_rows = -(-len(table) // LEGEND_COLUMNS)
    top = rows * (CELL + CAPTION)
    sheet = Image.new("RGB", (COLUMNS * CELL, top + (legend_rows + 1) * LINE), "#181818")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for place, number in enumerate(chosen):
        image, mask = pairs[number]
        x, y = place % COLUMNS * CELL, place // COLUMNS * (CELL + CAPTION)
        sheet.paste(Image.fromarray(_cell(image, mask, table)), (x, y))
        caption = _shortened(f"{image.parent.name}/{image.stem}", font)
        pen.text((x + CELL / 2, y + CELL + CAPTION / 2), caption, fill="#cccccc", font=font, anchor="mm")
        if axis is not None:
            left, above = SIDES[axis]
            pen.text((x + 4, y + CELL / 2), left, fill="#ffff66", font=font, anchor="lm")
            pen.text((x + CELL / 2, y + 3), above, fill="#ffff66", font=font, anchor="mt")
    for place, label in enumerate(table):
        x = place // legend_rows * (COLUMNS * CELL // LEGEND_COLUMNS) + 8
        y = top + place % legend_rows * LINE + LINE // 2
        pen.rectangle((x, y + 4, x + 16, y + LINE - 4), fill=label.color)
        count = counts[label.index]
        words = f"{label.index}  {label.name}: {count.pixels:,} pixels, in {count.slices:.0%} of the slices"
        pen.text((x + 24, y + LINE / 2), words, fill="#eeeeee", font=font, anchor="lm")
    write_png(path, np.asarray(sheet))


def _cell(image_path: Path, mask_path: Path, table: LabelTable) -> NDArray[np.uint8]:
    with Image.open(image_path) as image, Image.open(mask_path) as mask:
        pixels = np.asarray(image.convert("RGB").resize((CELL, CELL), Image.Resampling.BICUBIC)).copy()
        values = np.asarray(mask.resize((CELL, CELL), Image.Resampling.NEAREST))
    border = find_boundaries(values, mode="inner") & (values > 0)
    pixels[border] = table.colors()[values[border]]
    return pixels


def _shortened(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The text, without its middle where it is too long for a cell."""
    kept = len(text)
    while font.getlength(text) > CELL - 8:
        kept -= 2
        text = f"{text[: kept // 2]}…{text[-kept // 2 :]}"
    return text
