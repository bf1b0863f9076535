"""Moving, turning, scaling and mirroring a label with all that lies inside it."""

from __future__ import annotations

import math
from collections.abc import Collection
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.labels.labels import BACKGROUND, LabelTable
from segpaint.core.masks.gestures import enclosed_by, settle, shape_of


class Axis(StrEnum):
    """The vertical line that a label is mirrored about."""

    IMAGE = "image"
    LABEL = "label"


def transform(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    *,
    move: tuple[float, float] = (0.0, 0.0),
    degrees: float = 0.0,
    scale: float = 1.0,
    with_enclosed: bool = False,
    locked: Collection[int] = (),
) -> NDArray[np.uint8]:
    """Scale and turn a label about its centroid, then move it, all in one sampling.

    Labels inside it go along, except locked ones, which stay where they are. What leaves the mask is
    lost. For what is covered and vacated see `segpaint.core.masks.gestures.settle`.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    move : tuple of float
        Rows downwards and columns to the right.
    degrees : float
        Counter-clockwise as seen on the screen.
    scale : float
        Above 0.
    with_enclosed : bool
        Whether what the label's shape encloses goes along, too: the cavity with its wall.
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)

    Raises
    ------
    ValueError
        If the scale is not above 0.
    """
    if not scale > 0:
        raise ValueError(f"the scale is {scale}; it must be above 0")
    whole = _moving(values, table, label, with_enclosed=with_enclosed)
    if not whole.any():
        return values.copy()
    centre = np.argwhere(whole).mean(axis=0)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    # scipy asks where a pixel comes from, so this is the inverse.
    back = np.array([[cosine, sine], [-sine, cosine]]) / scale
    offset = centre - back @ (centre + np.asarray(move))
    placed = ndimage.affine_transform(
        _carried(values, whole, label, locked), back, offset, order=0, mode="grid-constant", cval=BACKGROUND
    )
    return settle(values, table, label, placed, locked, whole)


def mirror(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    axis: Axis,
    locked: Collection[int] = (),
    *,
    with_enclosed: bool = False,
) -> NDArray[np.uint8]:
    """Mirror a label left to right, with all that lies inside it.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    axis : Axis
        The middle of the image, or of the columns that the label reaches over.
    locked : collection of int
    with_enclosed : bool
        See `transform`.

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    whole = _moving(values, table, label, with_enclosed=with_enclosed)
    if not whole.any():
        return values.copy()
    left, right = 0, values.shape[1]
    if axis is Axis.LABEL:
        columns = np.flatnonzero(whole.any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
    placed = np.zeros_like(values)
    placed[:, left:right] = _carried(values, whole, label, locked)[:, left:right][:, ::-1]
    return settle(values, table, label, placed, locked, whole)


def _moving(
    values: NDArray[np.uint8], table: LabelTable, label: int, *, with_enclosed: bool
) -> NDArray[np.bool_]:
    whole = shape_of(values, table, label)
    return whole | enclosed_by(values, table, label) if with_enclosed else whole


def _carried(
    values: NDArray[np.uint8], whole: NDArray[np.bool_], label: int, locked: Collection[int]
) -> NDArray[np.uint8]:
    """What moves: where a locked label inside stays behind, the label moves without a hole."""
    carried = np.where(whole, values, np.uint8(BACKGROUND))
    carried[whole & np.isin(values, list(locked))] = label
    return carried
