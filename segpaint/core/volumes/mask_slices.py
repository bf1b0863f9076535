"""Masks within frames: cut out of that of a whole volume, or moved to another frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.planes import View


def framed_slices(
    values: Callable[[], NDArray[np.uint8]], view: View, frame: Frame
) -> tuple[list[Indices], float]:
    """Cut every slice of a plane.

    Parameters
    ----------
    values : callable
        Returns the labels of all voxels; shape (slices, rows, columns) in the order of the file.
    view : View
        How the plane turns the axes of the file.

    Returns
    -------
    list of ndarray of uint8, shape (side, side)
    float
        The share of the labelled voxels that lie within the frame, 0 to 1; 1 if none are labelled.
    """
    turned = view.apply(values())
    _, rows, columns = turned.shape
    inside = frame.put_mask(np.ones((frame.side, frame.side), np.uint8), (rows, columns)) > 0
    labelled = turned != BACKGROUND
    count = int(np.count_nonzero(labelled))
    share = int(np.count_nonzero(labelled[:, inside])) / count if count else 1.0
    return [frame.cut_mask(np.asarray(one, np.uint8)) for one in turned], share


def moved_mask(mask: Indices, before: Frame, after: Frame) -> Indices:
    """Take a mask from one frame to another on the same slice, each pixel the label nearest to it."""
    steps = np.arange(after.side) - (after.side - 1) / 2
    sizes = zip(after.centre, after.step, before.centre, before.step, strict=True)
    ways = [(new + steps * step - old) / old_step for new, step, old, old_step in sizes]
    rows, columns = (np.floor(way + before.side / 2).astype(int) for way in ways)
    inside = ((rows >= 0) & (rows < before.side))[:, None] & ((columns >= 0) & (columns < before.side))
    found = mask[np.clip(rows, 0, before.side - 1)[:, None], np.clip(columns, 0, before.side - 1)]
    return np.where(inside, found, np.uint8(BACKGROUND))
