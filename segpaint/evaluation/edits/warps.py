"""The deformations of gestures, to do to a real slice what a gesture does to its mask.

Each is given by its sources: for each pixel, row and column of the place that it comes from, in pixels whose
centres are whole numbers. All are smooth, and have slopes below 1, so that nothing folds.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import skeletonize

Region = NDArray[np.bool_]
Sources = NDArray[np.float64]
"""Shape (2, height, width)."""
DEEP = 0.8
"""Share of a shape's greatest depth from which its pixels stay where they are while its border moves."""


def moved(region: Region, move: tuple[float, float]) -> Sources:
    """Move a region along as a whole; what lies around it gives way, less and less.

    Parameters
    ----------
    region : ndarray of bool, shape (height, width)
        The region before.
    move : tuple of float
        Rows downwards and columns to the right.
    """
    there = ndimage.shift(region.astype(np.uint8), move, order=0) > 0
    weight = _fading(_distance_to(there), 2 + 2 * math.hypot(*move))
    back: Sources = np.indices(region.shape) - np.asarray(move, np.float64)[:, None, None] * weight
    return back


def outlined(region: Region, core: Region, pixels: float) -> Sources:
    """Move the outline of a region outward; its core stays, and what lies around it gives way.

    Parameters
    ----------
    region, core : ndarray of bool, shape (height, width)
        The core lies inside the region.
    pixels : float
        Below 0, the outline moves inward.
    """
    depth = _signed_distance(region)
    inside = _distance_to(core)
    part = inside / np.maximum(inside + np.maximum(pixels - depth, 0), 1e-6)
    length = pixels * np.where(depth <= pixels, part, _fading(depth - pixels, 3 * abs(pixels)))
    slope = np.stack(np.gradient(ndimage.gaussian_filter(depth, 1)))
    direction = slope / np.maximum(np.hypot(*slope), 1e-6)
    back: Sources = np.indices(region.shape) - length * direction
    return back


def middle(region: Region) -> Region:
    """Find the deepest part of each piece of a region, the core of a compact shape."""
    pieces, count = ndimage.label(region)
    depth = ndimage.distance_transform_edt(region)
    deepest = np.concatenate([[np.inf], ndimage.maximum(depth, pieces, np.arange(1, count + 1))])
    deep: Region = depth >= DEEP * deepest[pieces]
    return deep


def middle_line(region: Region) -> Region:
    """Find the line along the middle of a region, the core of a wall."""
    line: Region = skeletonize(region)
    return line


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


def _signed_distance(region: Region) -> NDArray[np.float64]:
    """Measure the distance to a region's outline, which runs between pixels; below 0 inside."""
    return np.where(region, 0.5 - _distance_to(~region), _distance_to(region) - 0.5)


def _distance_to(region: Region) -> NDArray[np.float64]:
    if not region.any():
        return np.full(region.shape, float(max(region.shape)))
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(~region)
    return distance


def _fading(distance: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Fall from 1 at no distance to 0 at the reach and beyond, along half a wave of the cosine."""
    faded: NDArray[np.float64] = (1 + np.cos(np.pi * np.clip(distance / max(reach, 1e-6), 0, 1))) / 2
    return faded
