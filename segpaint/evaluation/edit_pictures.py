"""Pictures of the edits that images follow least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.paint import bounds
from segpaint.core.requests.faithfulness import innermost
from segpaint.evaluation.edit_response import Find, MadeEdit
from segpaint.evaluation.sheets import as_rgb, draw_sheet

SHOWN = 10
SIDE = 224
"""Pixels of a cell on each side."""
AROUND = 14
"""Pixels shown around an edit."""
HEADS = ("old mask", "new mask", "real slice", "warped alike", "made", "found in it")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PoorEdit:
    """An edit, made in one way, and how far it falls short.

    Attributes
    ----------
    response, ceiling : float
        The ceiling is 1 where no deformation does the edit.
    """

    edit: MadeEdit
    way: str
    response: float
    ceiling: float

    @property
    def shortfall(self) -> float:
        """The share of the edit that the judge sees in the warped slice, and not in the image."""
        return self.ceiling - self.response


def poorest(edits: Sequence[PoorEdit]) -> list[PoorEdit]:
    """Choose the edits that fall short most, the worst first."""
    return sorted(edits, key=lambda poor: -poor.shortfall)[:SHOWN]


def draw_poorest(poor: Sequence[PoorEdit], table: LabelTable, find: Find) -> bytes:
    """Draw edits as a PNG, one in a row: masks, slices, what was made, and what the judge finds there."""
    rows, names = [], []
    for one in poor:
        case, made = one.edit.case, one.edit.made[one.way]
        found = innermost(find(made[None])[0], table)
        warped = one.edit.warped
        cells = [
            table.colors()[case.before],
            table.colors()[case.after],
            as_rgb(one.edit.real),
            np.zeros((*case.before.shape, 3), np.uint8) if warped is None else as_rgb(warped),
            as_rgb(made),
            table.colors()[found],
        ]
        box = _square(case.before != case.after)
        rows.append([_enlarged(cell[box]) for cell in cells])
        amount = f" {100 * case.amount:.0f} %" if case.amount else ""
        ceiling = f" of {one.ceiling:.2f}" if warped is not None else ""
        names.append(
            f"{case.gesture}{amount}: {table[case.label].name}\n{one.way}\n{one.response:.2f}{ceiling}"
        )
    return draw_sheet(HEADS, rows, names)


def _square(region: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Find the square around a region, as far as the image reaches."""
    rows, columns = bounds(region)
    side = min(max(rows.stop - rows.start, columns.stop - columns.start) + 2 * AROUND, *region.shape)
    places = []
    for part, length in ((rows, region.shape[0]), (columns, region.shape[1])):
        start = min(max(0, (part.start + part.stop - side) // 2), length - side)
        places.append(slice(start, start + side))
    return places[0], places[1]


def _enlarged(cell: Pixels) -> Pixels:
    """Enlarge a square to the size of a cell, with sharp pixels."""
    enlarged: Pixels = ndimage.zoom(
        cell, (SIDE / cell.shape[0], SIDE / cell.shape[1], 1), order=0, mode="nearest", grid_mode=True
    )
    return enlarged
