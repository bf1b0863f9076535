"""The sizes of all labels in several masks, as a table to read and to copy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.measures import SECTORS, Measures, measure

NOTHING = "–"


@dataclass(frozen=True)
class MeasureTable:
    """Sizes in words.

    Attributes
    ----------
    columns : tuple of str
        Headings, with their unit.
    rows : list of tuple of str
        One for each label in each mask; columns of walls are left out where there is none.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    @property
    def text(self) -> str:
        """The table for a spreadsheet: lines, with a tab between columns."""
        return "\n".join("\t".join(row) for row in [self.columns, *self.rows]) + "\n"


def measure_masks(
    masks: Mapping[str, NDArray[np.uint8]], table: LabelTable, spacing: float | None
) -> MeasureTable:
    """Measure each label that one of the masks has.

    Parameters
    ----------
    masks : mapping of str to ndarray of uint8, shape (height, width)
        By what they are called in the table.
    spacing : float or None
        Millimetres per pixel; None gives pixels.
    """
    found: list[tuple[str, str, Measures | None]] = []
    for label in table.nested():
        sizes = {name: measure(Anatomy(mask, table, label.index)) for name, mask in masks.items()}
        if any(size is not None for size in sizes.values()):
            found += [(label.name, name, size) for name, size in sizes.items()]
    has_walls = any(size is not None and size.wall is not None for _, _, size in found)
    length, area = ("mm", "mm²") if spacing is not None else ("px", "px")
    columns = ["label", "in the", f"area, {area}", f"longest, {length}", f"shortest, {length}"]
    if has_walls:
        columns += [f"wall: mean, {length}", "least", "most", *_hours()]
    rows = [(label, name, *_cells(size, spacing or 1.0, has_walls)) for label, name, size in found]
    return MeasureTable(tuple(columns), rows)


def measure_numbers(
    masks: Mapping[str, NDArray[np.uint8]], table: LabelTable, spacing: float | None
) -> dict[str, object]:
    """Measure each label of each mask, as numbers for a file.

    Returns
    -------
    dict
        The unit of lengths, "mm" or "px", and by mask and label: area in that unit squared, longest and
        shortest diameter. For a wall, its mean, least, and most thickness, too, and those of its sectors,
        clockwise from the top: None where it is open.
    """
    scale = spacing or 1.0
    sizes: dict[str, object] = {"unit": "px" if spacing is None else "mm"}
    for name, mask in masks.items():
        found = {label.name: measure(Anatomy(mask, table, label.index)) for label in table.nested()}
        sizes[name] = {label: _numbers(size, scale) for label, size in found.items() if size is not None}
    return sizes


def _numbers(size: Measures, scale: float) -> dict[str, object]:
    numbers: dict[str, object] = {
        "area": round(size.pixels * scale**2, 2),
        "longest": round(size.longest * scale, 2),
        "shortest": round(size.shortest * scale, 2),
    }
    if size.wall is not None:
        sectors = [None if math.isnan(part) else round(part * scale, 2) for part in size.wall.sectors]
        lengths = {"mean": size.wall.mean, "least": size.wall.least, "most": size.wall.most}
        numbers["wall"] = {name: round(part * scale, 2) for name, part in lengths.items()} | {
            "sectors": sectors
        }
    return numbers


def _hours() -> list[str]:
    """Name the sectors as on the face of a clock."""
    hours = [12 * part // SECTORS or 12 for part in range(SECTORS)]
    return [f"{begin}–{end} h" for begin, end in zip(hours, [*hours[1:], 12], strict=True)]


def _cells(size: Measures | None, spacing: float, has_walls: bool) -> Sequence[str]:
    if size is None:
        return [NOTHING] * (3 + has_walls * (3 + SECTORS))
    cells = [
        f"{size.pixels * spacing**2:,.0f}",
        *(_length(part * spacing) for part in (size.longest, size.shortest)),
    ]
    if not has_walls:
        return cells
    wall = size.wall
    parts = [math.nan] * (3 + SECTORS) if wall is None else [wall.mean, wall.least, wall.most, *wall.sectors]
    return cells + [_length(part * spacing) for part in parts]


def _length(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.1f}"
