"""One picture of many slices with their labels' outlines, to find mistakes before a long training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segpaint.core.labels.labels import LabelTable
from segpaint.core.pictures.contact_sheet import SheetCell, evenly_spread, write_contact_sheet
from segpaint.core.words import counted, percentage
from segpaint.io.image_files import open_image

Sides = tuple[str, str] | None


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
    pairs: Sequence[tuple[Path, Path, Sides]],
    table: LabelTable,
    counts: dict[int, LabelCount],
) -> None:
    """Write a sheet of up to 24 slices, spread evenly over those given, and a legend.

    Parameters
    ----------
    pairs : sequence of (image, mask, sides)
        The sides are the letters at the left and at the top, or None.
    """
    cells = [_cell(*pairs[number]) for number in evenly_spread(len(pairs))]
    legend = [
        f"{index}  {table[index].name}: {counted(count.pixels, 'pixel')}, "
        f"in {percentage(count.slices)} of the slices"
        for index, count in counts.items()
    ]
    write_contact_sheet(path, cells, table, legend)


def _cell(image_path: Path, mask_path: Path, sides: Sides) -> SheetCell:
    caption = f"{image_path.parent.name}/{image_path.stem}"
    return SheetCell(np.asarray(open_image(image_path)), np.asarray(open_image(mask_path)), caption, sides)
