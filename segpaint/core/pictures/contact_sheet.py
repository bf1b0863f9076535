"""Draws many images in one picture, with outlined labels, captions and a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from segpaint.core.files import encode_png, write_atomically
from segpaint.core.labels.labels import BACKGROUND, LabelTable

COLUMNS, ROWS, CELL, CAPTION, LINE = 6, 4, 224, 20, 24
LEGEND_COLUMNS = 3


@dataclass(frozen=True)
class SheetCell:
    """An image of a sheet.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
    mask : ndarray of uint8, shape (height, width)
        Mask whose labels are outlined.
    sides : tuple of str, or None
        Captions at the left and at the top.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    caption: str
    sides: tuple[str, str] | None = None


def evenly_spread(count: int) -> list[int]:
    """Choose evenly spread places among `count` images, as many as a sheet holds."""
    places = np.linspace(0, count - 1, min(COLUMNS * ROWS, count))
    return [round(place) for place in places.tolist()]


def write_contact_sheet(
    path: Path,
    cells: Sequence[SheetCell],
    table: LabelTable,
    legend: Sequence[str],
    *,
    synthetic: str | None = None,
) -> None:
    """Write a contact sheet.

    Parameters
    ----------
    path : Path
        The PNG to write.
    legend : sequence of str
        A line for each label.
    synthetic : str, optional
        The answer to whether the images are synthetic, for the file.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    columns = min(max(len(cells), 1), COLUMNS)
    rows = -(-len(cells) // columns)
    font = ImageFont.load_default(13)
    widest = max((int(font.getlength(words)) for words in legend), default=0) + 40
    width = max(columns * CELL, widest)
    legend_columns = min(width // widest, LEGEND_COLUMNS)
    legend_rows = -(-len(table) // legend_columns)
    top = rows * (CELL + CAPTION)
    sheet = Image.new("RGB", (width, top + (legend_rows + 1) * LINE), "#181818")
    pen = ImageDraw.Draw(sheet)
    for place, cell in enumerate(cells):
        x, y = place % columns * CELL, place // columns * (CELL + CAPTION)
        sheet.paste(Image.fromarray(_outlined(cell, table)), (x, y))
        caption = _shortened(cell.caption, font)
        pen.text((x + CELL / 2, y + CELL + CAPTION / 2), caption, fill="#cccccc", font=font, anchor="mm")
        if cell.sides is not None:
            left, above = cell.sides
            pen.text((x + 4, y + CELL / 2), left, fill="#ffff66", font=font, anchor="lm")
            pen.text((x + CELL / 2, y + 3), above, fill="#ffff66", font=font, anchor="mt")
    for place, (label, words) in enumerate(zip(table, legend, strict=True)):
        x = place // legend_rows * (width // legend_columns) + 8
        y = top + place % legend_rows * LINE + LINE // 2
        pen.rectangle((x, y + 4, x + 16, y + LINE - 4), fill=label.color)
        pen.text((x + 24, y + LINE / 2), words, fill="#eeeeee", font=font, anchor="lm")
    notes = PngImagePlugin.PngInfo()
    if synthetic is not None:
        notes.add_text("Synthetic", synthetic)
    write_atomically(path, encode_png(sheet, pnginfo=notes))


def _outlined(cell: SheetCell, table: LabelTable) -> NDArray[np.uint8]:
    image = Image.fromarray(cell.image).convert("RGB")
    pixels = np.asarray(image.resize((CELL, CELL), Image.Resampling.BICUBIC)).copy()
    values = np.asarray(Image.fromarray(cell.mask).resize((CELL, CELL), Image.Resampling.NEAREST))
    border = skimage.segmentation.find_boundaries(values, mode="inner") & (values != BACKGROUND)
    pixels[border] = table.colors()[values[border]]
    return pixels


def _shortened(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Cut out the middle of a text that is too long for a cell."""
    kept = len(text)
    while font.getlength(text) > CELL - 8:
        kept -= 2
        text = f"{text[: kept // 2]}…{text[-kept // 2 :]}"
    return text
