"""Pictures of the edits that images follow least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.paint import bounds
from segpaint.core.requests.faithfulness import innermost
from segpaint.evaluation.edits.response import Find, MadeEdit
from segpaint.evaluation.edits.table import title
from segpaint.evaluation.sheets import as_rgb, draw_sheet

SHOWN = 10
WANTED = 0.7
"""The response that is wanted of an edit without a ceiling, such as a removal."""
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
        Where no deformation does the edit, the ceiling is what is `WANTED`.
    """

    edit: MadeEdit
    way: str
    response: float
    ceiling: float = WANTED

    @property
    def shortfall(self) -> float:
        """How much less of the edit the judge sees than in the warped slice, or than is wanted."""
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
            f"{case.gesture}{amount}: {table[case.label].name}\n{title(one.way)}\n{one.response:.2f}{ceiling}"
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
