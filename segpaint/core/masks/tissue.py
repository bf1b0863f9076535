"""Fills the place of a label that was removed with the tissue that its mask asks for there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE

FEWEST = 20
"""Pixels of a tissue that show what it looks like, at least."""
REACHES = (2, 4, 8, 16, 32)
"""Standard deviations in pixels of the averaged neighbourhoods; the smallest that suffices is taken."""
ENOUGH = 0.1
"""Share of a neighbourhood that shows the tissue, at least."""


def fillable(gone: NDArray[np.bool_], old: NDArray[np.uint8], new: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Find which pixels of a removed label lie in a tissue that the picture shows elsewhere, too.

    A free region is the model's.

    Parameters
    ----------
    gone : ndarray of bool, shape (height, width)
    old, new : ndarray of uint8, shape (height, width)
        The mask before and after.
    """
    filled = np.zeros_like(gone)
    for value, place, _ in _tissues(gone, old, new):
        if value != FREE:
            filled |= place
    return filled


def fill_with_tissue(
    image: NDArray[np.uint8], gone: NDArray[np.bool_], old: NDArray[np.uint8], new: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Fill pixels with the average of the same tissue nearby: a normalized convolution (Knutsson, 1993).

    Nearby pixels as they are would carry on what lies beside the place, such as the edge of a bone.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
    gone : ndarray of bool, shape (height, width)
        As `fillable` returns it.
    """
    filled = image.copy()
    for _, place, shows in _tissues(gone, old, new):
        bands = np.moveaxis(np.atleast_3d(image), -1, 0).astype(np.float64)
        means = np.zeros_like(bands)
        wanted = place.copy()
        for reach in REACHES:
            share = scipy.ndimage.gaussian_filter(shows.astype(np.float64), reach)
            found = wanted & (share > (ENOUGH if reach != REACHES[-1] else 0))
            for mean, band in zip(means, bands, strict=True):
                mean[found] = scipy.ndimage.gaussian_filter(band * shows, reach)[found] / share[found]
            wanted &= ~found
        place &= ~wanted
        filled[place] = np.rint(np.moveaxis(means, 0, -1)[place]).reshape(filled[place].shape)
    return filled


def _tissues(
    gone: NDArray[np.bool_], old: NDArray[np.uint8], new: NDArray[np.uint8]
) -> Iterator[tuple[int, NDArray[np.bool_], NDArray[np.bool_]]]:
    """List the values asked for where a label was, their place, and where else the picture shows them."""
    for value in np.unique(new[gone]).tolist():
        place = gone & (new == value)
        same = (old == value) & (new == value) & ~gone
        # Beside another label a pixel shows a mixture, which is better than nothing.
        pure = scipy.ndimage.binary_erosion(same)
        shows = pure if np.count_nonzero(pure) >= FEWEST else same
        if np.count_nonzero(shows) >= FEWEST:
            yield value, place, shows
