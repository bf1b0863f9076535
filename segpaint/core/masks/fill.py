"""Footprints found by looking at pixels: fill, the magic wand, and what a threshold lets a brush touch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import flood

from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shapes import cropped

Pixel = tuple[int, int]


def fill(values: NDArray[np.uint8], pixel: Pixel, *, contiguous: bool = True) -> Footprint:
    """All pixels of the value under a pixel.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask.
    pixel : tuple of int
        Row and column, inside the mask.
    contiguous : bool
        Only those joined to the pixel by sides.

    Returns
    -------
    Footprint
    """
    if contiguous:
        return cropped(flood(values, pixel, connectivity=1))
    return cropped(values == values[pixel])


def wand(
    image: NDArray[np.uint8 | np.floating], lowest: float, highest: float, pixel: Pixel | None = None
) -> Footprint:
    """The pixels of a reference image whose intensity lies in a range.

    Parameters
    ----------
    image : ndarray of uint8 or float, shape (height, width)
    lowest, highest : float
        Both belong to the range.
    pixel : tuple of int or None
        Row and column: only what is joined to it by sides, which is nothing where it is out of range
        itself. None takes the range wherever it is.

    Returns
    -------
    Footprint
    """
    within = (image >= lowest) & (image <= highest)
    if pixel is None:
        return cropped(within)
    pieces, _ = ndimage.label(within)
    return cropped(within & (pieces == pieces[pixel]))


def in_range(
    footprint: Footprint, image: NDArray[np.uint8 | np.floating], lowest: float, highest: float
) -> Footprint:
    """The part of a footprint where the intensity of a reference image lies in a range.

    Parameters
    ----------
    footprint : Footprint
    image : ndarray of uint8 or float, shape (height, width)
    lowest, highest : float
        Both belong to the range.

    Returns
    -------
    Footprint
    """
    rows, columns = footprint.inside.shape
    seen = image[footprint.top : footprint.top + rows, footprint.left : footprint.left + columns]
    return Footprint(footprint.top, footprint.left, footprint.inside & (seen >= lowest) & (seen <= highest))
