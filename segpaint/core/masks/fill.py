"""Footprints found from pixels: fill, the magic wand, and a brush limited by a threshold."""

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shapes import cropped

Pixel = tuple[int, int]


def fill(values: NDArray[np.uint8], pixel: Pixel, *, contiguous: bool = True) -> Footprint:
    """Find all pixels with the value of a pixel.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask values.
    pixel : tuple of int
        Row and column, inside the mask.
    contiguous : bool
        Whether to take only pixels connected by sides.
    """
    if contiguous:
        return cropped(skimage.segmentation.flood(values, pixel, connectivity=1))
    return cropped(values == values[pixel])


def wand(
    image: NDArray[np.uint8 | np.floating], lowest: float, highest: float, pixel: Pixel | None = None
) -> Footprint:
    """Find the pixels of a reference image whose intensity lies in a range.

    Parameters
    ----------
    image : ndarray of uint8 or float, shape (height, width)
    lowest, highest : float
        Ends of the range, included.
    pixel : tuple of int or None
        Row and column. Only pixels connected to it by sides are taken, none if it is out of range itself;
        None takes all in range.
    """
    within = (image >= lowest) & (image <= highest)
    if pixel is None:
        return cropped(within)
    pieces, _ = scipy.ndimage.label(within)
    return cropped(within & (pieces == pieces[pixel]))


def in_range(
    footprint: Footprint, image: NDArray[np.uint8 | np.floating], lowest: float, highest: float
) -> Footprint:
    """Limit a footprint to pixels whose intensity in a reference image lies in a range.

    Parameters
    ----------
    image : ndarray of uint8 or float, shape (height, width)
    lowest, highest : float
        Ends of the range, included.
    """
    rows, columns = footprint.inside.shape
    seen = image[footprint.top : footprint.top + rows, footprint.left : footprint.left + columns]
    return Footprint(footprint.top, footprint.left, footprint.inside & (seen >= lowest) & (seen <= highest))
