"""Cuts the mask of a whole volume into slices within a frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.planes import View


def framed_slices(values: Callable[[], NDArray[np.uint8]], view: View, frame: Frame) -> list[Indices]:
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
    """
    turned = view.apply(values())
    return [frame.cut_mask(np.asarray(one, np.uint8)) for one in turned]
