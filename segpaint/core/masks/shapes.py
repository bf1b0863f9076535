"""Footprints of a square brush, a polygon, a rectangle and an ellipse.

Points are row and column in pixels, and may lie outside the mask; the first pixel reaches from 0 to 1. A shape
touches the pixels whose centre it holds. The parameter `shape` is the mask's height and width.
"""

import math
from collections.abc import Sequence

import numpy as np
import skimage
from numpy.typing import NDArray

from segpaint.core.masks.paint import Footprint, bounds, reach, snap

Point = tuple[float, float]


def cropped(inside: NDArray[np.bool_]) -> Footprint:
    """Crop an array of the mask's shape to the smallest footprint."""
    rows, columns = bounds(inside)
    return Footprint(rows.start, columns.start, inside[rows, columns].copy())


def square_brush(start: Point, end: Point, size: int, shape: tuple[int, int]) -> Footprint:
    """Draw a square brush from one point to another, without gaps.

    Parameters
    ----------
    start, end : tuple of float
        Equal for a single dab.
    size : int
        Side in pixels.
    """
    (row0, column0), (row1, column1) = snap(*start, size), snap(*end, size)
    top, bottom = reach(row0, row1, size / 2, shape[0])
    left, right = reach(column0, column1, size / 2, shape[1])
    rows, columns = np.arange(top, bottom) + 0.5 - row0, np.arange(left, right) + 0.5 - column0
    first_row, last_row = _passing(rows[:, None], row1 - row0, size / 2)
    first_column, last_column = _passing(columns[None, :], column1 - column0, size / 2)
    inside = np.maximum(first_row, first_column) <= np.minimum(last_row, last_column)
    return Footprint(top, left, inside)


def _passing(
    offsets: NDArray[np.floating], travel: float, half: float
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find between which shares of the way a brush covers each offset on an axis; first > last for never."""
    if not travel:
        over = np.abs(offsets) <= half
        return np.where(over, 0.0, np.inf), np.where(over, 1.0, -np.inf)
    ends = (offsets - half) / travel, (offsets + half) / travel
    return np.maximum(np.minimum(*ends), 0.0), np.minimum(np.maximum(*ends), 1.0)


def polygon(points: Sequence[Point], shape: tuple[int, int]) -> Footprint:
    """Fill a polygon, closed from the last point to the first.

    Pixels enclosed twice are outside.

    Returns
    -------
    Footprint
        Empty for fewer than three points.
    """
    inside = np.zeros(shape, bool)
    if len(points) >= 3:
        corners = np.asarray(points, np.float64) - 0.5
        inside[skimage.draw.polygon(corners[:, 0], corners[:, 1], shape)] = True
    return cropped(inside)


def framed(first: Point, second: Point, *, square: bool = False) -> tuple[Point, Point]:
    """Round the corners of a drawn frame to whole pixels.

    Off the grid, a circle of 11.2 pixels in diameter would have single pixels at its ends, and a square may
    lack a row.

    Parameters
    ----------
    first, second : tuple of float
        Opposite corners: where the button was pressed, and the pointer.
    square : bool
        Whether to lengthen the shorter side to the longer.
    """
    (top, left), (bottom, right) = (
        [float(math.floor(along + 0.5)) for along in corner] for corner in (first, second)
    )
    if square:
        side = max(abs(bottom - top), abs(right - left))
        bottom = top + math.copysign(side, second[0] - first[0])
        right = left + math.copysign(side, second[1] - first[1])
    return (top, left), (bottom, right)


def rectangle(first: Point, second: Point, shape: tuple[int, int]) -> Footprint:
    """Fill a rectangle between two opposite corners."""
    ranges = []
    for one, other, length in zip(first, second, shape, strict=True):
        centres = np.arange(length) + 0.5
        ranges.append((centres >= min(one, other)) & (centres <= max(one, other)))
    return cropped(np.logical_and.outer(*ranges))


def ellipse(first: Point, second: Point, shape: tuple[int, int]) -> Footprint:
    """Fill an ellipse in the rectangle between two opposite corners."""
    centre = [(one + other) / 2 - 0.5 for one, other in zip(first, second, strict=True)]
    radii = [math.fabs(one - other) / 2 for one, other in zip(first, second, strict=True)]
    inside = np.zeros(shape, bool)
    if all(radii):
        inside[skimage.draw.ellipse(*centre, *radii, shape=shape)] = True
    return cropped(inside)
