"""Masks within frames: cut out of that of a whole volume, or moved to another frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.planes import View

NEARLY_ALL = 0.98
"""Share of a mask within the frame below which the frame counts as cutting it off."""


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
    turned = [np.asarray(one, np.uint8) for one in view.apply(values())]
    return [frame.cut_mask(one) for one in turned], share_within(frame, turned)


def share_within(frame: Frame, masks: Iterable[Indices]) -> float:
    """Compute the share of the labelled pixels that lie within the frame, 0 to 1; 1 if none are labelled.

    Parameters
    ----------
    masks : iterable of ndarray of uint8, shape (rows, columns)
        Of slices.
    """
    count = held = 0
    for mask in masks:
        labelled = mask != BACKGROUND
        inside = frame.put_mask(np.ones((frame.side, frame.side), np.uint8), (mask.shape[0], mask.shape[1])) > 0
        count += int(np.count_nonzero(labelled))
        held += int(np.count_nonzero(labelled & inside))
    return held / count if count else 1.0


def moved_mask(mask: Indices, before: Frame, after: Frame) -> Indices:
    """Take a mask from one frame to another on the same slice, each pixel the label nearest to it."""
    steps = np.arange(after.side) - (after.side - 1) / 2
    sizes = zip(after.centre, after.step, before.centre, before.step, strict=True)
    ways = [(new + steps * step - old) / old_step for new, step, old, old_step in sizes]
    rows, columns = (np.floor(way + before.side / 2).astype(int) for way in ways)
    inside = ((rows >= 0) & (rows < before.side))[:, None] & ((columns >= 0) & (columns < before.side))
    found = mask[np.clip(rows, 0, before.side - 1)[:, None], np.clip(columns, 0, before.side - 1)]
    return np.where(inside, found, np.uint8(BACKGROUND))
