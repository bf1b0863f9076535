"""The deformations of gestures, to do to a real slice what a gesture does to its mask.

Each is given by its sources: for each pixel, row and column of the place that it comes from, in pixels whose
centres are whole numbers. All are smooth.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.masks.registration import Field

Region = NDArray[np.bool_]
Sources = NDArray[np.float64]
"""Shape (2, height, width)."""


def sources_of(movement: Field) -> Sources:
    """Find the place that each pixel comes from, by a movement of `segpaint.core.masks.simple_movements`."""
    places: Sources = np.indices(movement.shape[1:]) + movement
    return places


def warp_image(image: NDArray[np.uint8], sources: Sources) -> NDArray[np.uint8]:
    """Apply a deformation to an image, shape (channels, height, width); cubic splines keep its grain."""
    channels = [
        ndimage.map_coordinates(channel.astype(np.float64), sources, order=3, mode="nearest")
        for channel in image
    ]
    return np.stack(channels).round().clip(0, 255).astype(np.uint8)


def warp_mask(mask: NDArray[np.uint8], sources: Sources) -> NDArray[np.uint8]:
    """Apply a deformation to a mask, shape (height, width)."""
    warped: NDArray[np.uint8] = ndimage.map_coordinates(mask, sources, order=0, mode="nearest")
    return warped


def warp_region(region: Region, sources: Sources) -> Region:
    """Apply a deformation to a region, shape (height, width)."""
    warped: Region = ndimage.map_coordinates(region.astype(np.float64), sources, order=1, mode="nearest") >= 0.5
    return warped
