"""Cleans a mask that a network has found: specks, pinholes, and labels that are too small to be meant."""

from collections.abc import Mapping

import numpy as np
import scipy

from segpaint.core.labels.labels import BACKGROUND, LabelTable
from segpaint.core.masks.anatomy import Anatomy, Values
from segpaint.core.masks.gestures import fill_holes, islands, remove_islands

SPECK = 1 / 2000
"""The share of a mask below which a piece or a gap is noise: 8 pixels of 128 x 128."""
CLEFT = 1 / 500
"""The share of a mask below which background between two labels, as between a wall and its cavity, is noise."""
SCRAP = 1 / 20
"""The share of a label's largest piece below which another piece is noise."""


def clean(values: Values, table: LabelTable, least: Mapping[int, int]) -> Values:
    """Remove small pieces, fill small gaps, and leave out labels that are too small.

    Labels inside others come first. What is removed goes to the parent, or else to the nearest neighbour, so
    no label appears that was not there; the pixels of labels inside a label count as its own for that.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    least : mapping of int to int
        Own pixels that a label needs, by index. A label with others inside it stays.

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    speck = max(2, round(SPECK * values.size))
    cleaned = values.copy()
    inner_first = [label.index for label in reversed(table.nested())]
    for index in inner_first:
        sizes = np.bincount(islands(Anatomy(cleaned, table, index)).ravel())[1:]
        scrap = round(SCRAP * sizes.max(initial=0))
        cleaned = remove_islands(Anatomy(cleaned, table, index), max(speck, scrap))
        cleaned = fill_holes(Anatomy(cleaned, table, index), largest=speck)
    _close_clefts(cleaned)
    for index in inner_first:  # once nothing else can make them smaller
        own, whole = cleaned == index, table.shape_of(cleaned, index)
        if np.count_nonzero(own) < least.get(index, 0) and np.array_equal(own, whole):
            cleaned = Anatomy(cleaned, table, index).outlined(np.zeros_like(whole))
    return cleaned


def _close_clefts(values: Values) -> None:
    """Give enclosed background that touches several labels to the nearest of them, in place."""
    pieces, _ = scipy.ndimage.label(values == BACKGROUND)
    clefts = np.zeros(values.shape, bool)
    for number, box in enumerate(scipy.ndimage.find_objects(pieces), start=1):
        here = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)
        piece = pieces[here] == number
        if any(side.start == 0 or side.stop == end for side, end in zip(box, values.shape, strict=True)):
            continue
        around = np.unique(values[here][scipy.ndimage.binary_dilation(piece) & ~piece])
        if len(around) > 1 and np.count_nonzero(piece) <= CLEFT * values.size:
            clefts[here] |= piece
    if clefts.any():
        nearest = scipy.ndimage.distance_transform_edt(clefts, return_distances=False, return_indices=True)
        values[clefts] = values[tuple(nearest)][clefts]
