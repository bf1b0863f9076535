"""Finds what a wall lies around, also where the wall is not closed."""

from collections.abc import Collection, Iterator

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

Region = NDArray[np.bool_]
SMALLEST_PIECE = 1 / 8
"""Share of a wall that a piece needs for its bend to count: specks bend around nothing."""


def hollow(
    wall: Region, values: NDArray[np.uint8], outside: Collection[int], *, in_hull: bool = False
) -> Region:
    """Find the inside of a wall: its holes, and the cavity that it bends around.

    The cavity is that connected piece of one value which adjoins the wall most within the convex hulls of the
    wall's pieces. At least half of its border with the wall must lie there: what adjoins from outside touches
    a hull only in dents. Whatever wall and cavity enclose together is inside, too.

    Parameters
    ----------
    wall, values : ndarray, shape (height, width)
        The wall's pixels, and the mask.
    outside : collection of int
        Values that are a cavity only where the wall encloses them wholly.
    in_hull : bool
        Whether at least half of the cavity itself must lie in the hulls, as if both were one thing.

    Returns
    -------
    ndarray of bool, shape (height, width)
        Without the wall. Empty if the wall has no hole and bends around nothing.
    """
    inside: Region = scipy.ndimage.binary_fill_holes(wall) & ~wall
    border = scipy.ndimage.binary_dilation(wall) & ~wall & (inside | ~np.isin(values, list(outside)))
    if not border.any():
        return inside
    hull = np.zeros_like(wall)
    for piece in _pieces(wall):
        hull |= skimage.morphology.convex_hull_image(piece)  # type: ignore[attr-defined]
    pieces: NDArray[np.intp] = skimage.measure.label(values, connectivity=1, background=-1)
    touching = _count(pieces, border & hull)
    touching[2 * touching < _count(pieces, border)] = 0
    if in_hull:
        touching[2 * _count(pieces, hull) < _count(pieces, np.ones_like(hull))] = 0
    if touching.any():
        cavity = pieces == touching.argmax()
        inside |= scipy.ndimage.binary_fill_holes(wall | cavity) & ~wall
    return inside


def _count(pieces: NDArray[np.intp], region: Region) -> NDArray[np.intp]:
    return np.bincount(pieces[region], minlength=pieces.max() + 1)


def _pieces(wall: Region) -> Iterator[Region]:
    """List the large connected pieces; corners connect."""
    numbers, _ = scipy.ndimage.label(wall, structure=np.ones((3, 3)))
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    for number in np.flatnonzero(sizes >= SMALLEST_PIECE * sizes.sum()):
        yield numbers == number
