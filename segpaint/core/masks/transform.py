"""Moves, turns, scales and mirrors a label with all inside it."""

import math
from enum import StrEnum

import numpy as np
import scipy

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.masks.anatomy import Anatomy, Region, Values
from segpaint.core.masks.paint import bounds


class Axis(StrEnum):
    """The vertical line that a label is mirrored about: the middle of the image, or of its own columns."""

    IMAGE = "image"
    LABEL = "label"


def transform(
    anatomy: Anatomy,
    *,
    move: tuple[float, float] = (0.0, 0.0),
    degrees: float = 0.0,
    scale: float = 1.0,
    with_enclosed: bool = False,
) -> Values:
    """Scale and turn a label about its centroid, then move it, all in one sampling.

    Labels inside it move along, except locked ones. Pixels that leave the mask are lost. `Anatomy.settled`
    handles covered and vacated pixels.

    Parameters
    ----------
    move : tuple of float
        Rows downwards and columns to the right.
    degrees : float
        Counter-clockwise as seen on the screen.
    scale : float
        Above 0.
    with_enclosed : bool
        Whether enclosed labels move along, as a cavity with its wall.

    Raises
    ------
    ValueError
        If the scale is not above 0.
    """
    if not scale > 0:
        raise ValueError(f"the scale is {scale}; it must be above 0")
    whole = _moving(anatomy, with_enclosed=with_enclosed)
    if not whole.any():
        return anatomy.values.copy()
    centre = np.argwhere(whole).mean(axis=0)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    # scipy maps pixels to their source, so this is the inverse.
    back = np.array([[cosine, sine], [-sine, cosine]]) / scale
    offset = centre - back @ (centre + np.asarray(move))
    placed = scipy.ndimage.affine_transform(
        _carried(anatomy, whole), back, offset, order=0, mode="grid-constant", cval=BACKGROUND
    )
    return anatomy.settled(placed, whole)


def shares_outside(
    anatomy: Anatomy,
    *,
    move: tuple[float, float] = (0.0, 0.0),
    degrees: float = 0.0,
    scale: float = 1.0,
    with_enclosed: bool = False,
) -> dict[int, float]:
    """Find how much of each label `transform`, with the same parameters, leads out of the mask.

    Returns
    -------
    dict of int to float
        The share of each label's own pixels, above 0 and up to 1; labels that stay inside are left out.
    """
    whole = _moving(anatomy, with_enclosed=with_enclosed)
    places = np.argwhere(whole)
    if not len(places):
        return {}
    values, centre = _carried(anatomy, whole)[whole], places.mean(axis=0)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    there = scale * np.array([[cosine, -sine], [sine, cosine]])
    placed = (places - centre) @ there.T + centre + np.asarray(move)
    outside = ((placed < -0.5) | (placed >= np.array(whole.shape) - 0.5)).any(axis=1)
    return {int(value): float(outside[values == value].mean()) for value in np.unique(values[outside])}


def mirror(anatomy: Anatomy, axis: Axis, *, with_enclosed: bool = False) -> Values:
    """Mirror a label left to right with all inside it, and with what it encloses as in `transform`."""
    whole = _moving(anatomy, with_enclosed=with_enclosed)
    if not whole.any():
        return anatomy.values.copy()
    left, right = 0, whole.shape[1]
    if axis is Axis.LABEL:
        _, columns = bounds(whole)
        left, right = columns.start, columns.stop
    placed = np.zeros_like(anatomy.values)
    placed[:, left:right] = _carried(anatomy, whole)[:, left:right][:, ::-1]
    return anatomy.settled(placed, whole)


def _moving(anatomy: Anatomy, *, with_enclosed: bool) -> Region:
    return anatomy.shape | anatomy.enclosed if with_enclosed else anatomy.shape


def _carried(anatomy: Anatomy, whole: Region) -> Values:
    """Collect the pixels that move; where a locked label inside stays behind, the label has no hole."""
    carried = np.where(whole, anatomy.values, np.uint8(BACKGROUND))
    carried[whole & anatomy.held] = anatomy.label
    return carried
