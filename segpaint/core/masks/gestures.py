"""Gestures on the shape of one label.

Each is a pure function from an `Anatomy` to a new mask, which `Mask.edit_to` turns into an edit. A label's
shape includes all labels inside it. A shape that the mask's edge cuts off is taken to continue beyond it, so it
neither shrinks nor is smoothed there.
"""

from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.masks.anatomy import Anatomy, Region, Values, around
from segpaint.core.masks.hollow import hollow


class Side(StrEnum):
    """The direction in which a wall grows."""

    INWARD = "inward"
    OUTWARD = "outward"
    BOTH = "both"


def grow(anatomy: Anatomy, pixels: float) -> Values:
    """Grow a label's outline with a round element; labels inside it stay as they are.

    Parameters
    ----------
    pixels : float
        From 0. A pixel is added if its centre is at most this far from one of the label's.
    """
    whole = anatomy.shape
    part = around(whole, _not_negative(pixels))
    near = np.zeros_like(whole)
    near[part] = _distance_to(whole[part]) <= pixels
    return anatomy.outlined(near)


def shrink(anatomy: Anatomy, pixels: float) -> Values:
    """Shrink a label's outline with a round element.

    The new outline cuts off labels inside it, so none is left outside its parent. A locked one stays whole.

    Parameters
    ----------
    pixels : float
        From 0. A pixel is removed if its centre is at most this far from one outside the label.
    """
    whole = anatomy.shape
    part = around(whole, 1)
    deep = np.zeros_like(whole)
    deep[part] = _distance_to(~whole[part]) > _not_negative(pixels)
    return anatomy.outlined(deep)


def thicken(anatomy: Anatomy, pixels: float, side: Side) -> Values:
    """Thicken a wall: a label that lies around something.

    Inward, it grows into whatever its own pixels lie around, also a label inside it, see `hollow`. The wall
    need not be closed. A label that lies around nothing grows both ways only.

    Parameters
    ----------
    pixels : float
        Added on each side, from 0.
    """
    own = anatomy.values == anatomy.label
    part = around(own, _not_negative(pixels))
    wall = own[part]
    added = ~wall & (_distance_to(wall) <= pixels)
    if side is not Side.BOTH:
        inside = hollow(wall, anatomy.values[part], anatomy.surroundings)
        added &= inside if side is Side.INWARD else ~inside & inside.any()
    placed = np.where(anatomy.shape, anatomy.values, BACKGROUND)
    placed[part][added] = anatomy.label
    return anatomy.settled(placed)


def has_inside(anatomy: Anatomy) -> bool:
    """Check whether a wall lies around something, so that it can thicken inward or outward alone."""
    own = anatomy.values == anatomy.label
    part = around(own, 0)
    return bool(hollow(own[part], anatomy.values[part], anatomy.surroundings).any())


def smooth(anatomy: Anatomy, pixels: float) -> Values:
    """Smooth a label's outline, keeping its area.

    The signed distance to the outline is blurred, and cut at the level that keeps the number of pixels. The
    new outline cuts off labels inside it, as in `shrink`.

    Parameters
    ----------
    pixels : float
        Standard deviation of the Gaussian, from 0; smaller details vanish.
    """
    whole = anatomy.shape
    area = np.count_nonzero(whole)
    if area in (0, whole.size):
        return anatomy.values.copy()
    # The filter reaches four standard deviations; pixels twice as far off have no influence.
    part = around(whole, 8 * _not_negative(pixels))
    signed = _distance_to(~whole[part]) - _distance_to(whole[part])
    blurred = scipy.ndimage.gaussian_filter(signed, pixels, mode="nearest")
    level = np.partition(blurred, blurred.size - area, axis=None)[blurred.size - area]
    smoothed = np.zeros_like(whole)
    smoothed[part] = blurred >= level
    return anatomy.outlined(smoothed)


def islands(anatomy: Anatomy) -> NDArray[np.intp]:
    """Find the pieces of a label's shape, and number them from the largest.

    Returns
    -------
    ndarray of int, shape (height, width)
        1 on the largest piece, 2 on the next, and so on, 0 elsewhere. A corner does not connect pixels.
    """
    found, count = scipy.ndimage.label(anatomy.shape)
    sizes = np.bincount(found.ravel(), minlength=count + 1)[1:]
    numbers = np.zeros(count + 1, np.intp)
    numbers[1 + np.argsort(-sizes, kind="stable")] = np.arange(1, count + 1)
    pieces: NDArray[np.intp] = numbers[found]
    return pieces


def count_islands(anatomy: Anatomy) -> int:
    """Count the pieces of a label's shape, as `islands` numbers them."""
    part = around(anatomy.shape, 0)
    return int(scipy.ndimage.label(anatomy.shape[part])[1])


def remove_islands(anatomy: Anatomy, smallest: int | None = None) -> Values:
    """Remove the small pieces of a label with all inside them.

    Parameters
    ----------
    smallest : int or None
        Pixels of the smallest piece to keep; None keeps only the largest.
    """
    pieces = islands(anatomy)
    sizes = np.bincount(pieces.ravel())[1:]
    kept = min(1, len(sizes)) if smallest is None else np.count_nonzero(sizes >= smallest)
    return anatomy.outlined((pieces > 0) & (pieces <= kept))


def take_island(anatomy: Anatomy, number: int, target: int | None) -> Values:
    """Remove one piece of a label, or give it to another.

    Parameters
    ----------
    number : int
        The piece, counted from 1, largest first. If there is no such piece, or only one, nothing changes.
    target : int or None
        Label that gets the piece's own pixels; None removes it with all inside it.
    """
    pieces = islands(anatomy)
    if pieces.max(initial=0) < 2:
        return anatomy.values.copy()
    piece = (pieces == number) & (pieces > 0)
    if target is None:
        return anatomy.outlined((pieces > 0) & ~piece)
    given = anatomy.values.copy()
    if anatomy.label not in anatomy.locked and target not in anatomy.locked:
        given[piece & (given == anatomy.label)] = target
    return given


def fill_holes(anatomy: Anatomy, largest: int | None = None) -> Values:
    """Fill the gaps in a label's shape.

    A gap is enclosed background, free region or a label around this one. Other labels stay, so a wall does not
    swallow its cavity.

    Parameters
    ----------
    largest : int or None
        Pixels of the largest gap to fill; None fills all.
    """
    taken = (BACKGROUND, FREE, *anatomy.table.ancestors(anatomy.label))
    gaps = scipy.ndimage.binary_fill_holes(anatomy.shape) & np.isin(anatomy.values, taken)
    if largest is not None:
        pieces, _ = scipy.ndimage.label(gaps)
        gaps &= np.bincount(pieces.ravel())[pieces] <= largest
    return anatomy.outlined(anatomy.shape | gaps)


def _distance_to(region: Region) -> NDArray[np.float64]:
    """Measure from each pixel's centre to the nearest of the region; infinite if that is empty."""
    if not region.any():
        return np.full(region.shape, np.inf)
    distance: NDArray[np.float64] = scipy.ndimage.distance_transform_edt(~region)
    return distance


def _not_negative(pixels: float) -> float:
    if not pixels >= 0:
        raise ValueError(f"the pixels are {pixels}; they begin at 0")
    return pixels
