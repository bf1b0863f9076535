"""Footprints of what is drawn at one go: a square brush, a polygon, a rectangle, an ellipse.

Points are row and column in pixels, the first pixel reaching from 0 to 1; they may lie outside the
mask. A shape touches the pixels whose centre it holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage import draw

from segpaint.core.masks.paint import Footprint, reach, snap

Point = tuple[float, float]


def cropped(inside: NDArray[np.bool_]) -> Footprint:
    """The footprint of pixels given as an array of the mask's shape, in the smallest box."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return Footprint(0, 0, np.zeros((0, 0), bool))
    top, left = int(rows[0]), int(columns[0])
    return Footprint(top, left, inside[top : rows[-1] + 1, left : columns[-1] + 1].copy())


def square_brush(start: Point, end: Point, size: int, shape: tuple[int, int]) -> Footprint:
    """A square brush drawn from one point to another, without gaps.

    Parameters
    ----------
    start, end : tuple of float
        Equal for a single dab.
    size : int
        Side in pixels.
    shape : tuple of int
        Height and width of the mask.

    Returns
    -------
    Footprint
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
    """Between which shares of the way a brush lies over each offset, along one axis; first > last for never."""
    if not travel:
        over = np.abs(offsets) <= half
        return np.where(over, 0.0, np.inf), np.where(over, 1.0, -np.inf)
    ends = (offsets - half) / travel, (offsets + half) / travel
    return np.maximum(np.minimum(*ends), 0.0), np.minimum(np.maximum(*ends), 1.0)


def polygon(points: Sequence[Point], shape: tuple[int, int]) -> Footprint:
    """A filled polygon or lasso, closed from the last point to the first.

    Where it crosses itself, what is enclosed twice is outside.

    Parameters
    ----------
    points : sequence of (float, float)
    shape : tuple of int
        Height and width of the mask.

    Returns
    -------
    Footprint
        Empty for fewer than three points.
    """
    inside = np.zeros(shape, bool)
    if len(points) >= 3:
        corners = np.asarray(points, np.float64) - 0.5
        inside[draw.polygon(corners[:, 0], corners[:, 1], shape)] = True
    return cropped(inside)


def framed(first: Point, second: Point, *, square: bool = False) -> tuple[Point, Point]:
    """The corners of the frame that a hand draws: the nearest ones that lie between pixels.

    A shape in a frame off the grid would have whatever its rim happens to graze: a circle of 11.2 pixels
    in diameter has single pixels at its ends, and a square may be a row short.

    Parameters
    ----------
    first, second : tuple of float
        Opposite corners, where the hand pressed and where it is.
    square : bool
        As wide as high: both as the longer of the two.

    Returns
    -------
    tuple of (float, float)
        The first corner and the second, in whole pixels.
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
    """A filled rectangle between two opposite corners.

    Parameters
    ----------
    first, second : tuple of float
    shape : tuple of int
        Height and width of the mask.

    Returns
    -------
    Footprint
    """
    ranges = []
    for one, other, length in zip(first, second, shape, strict=True):
        centres = np.arange(length) + 0.5
        ranges.append((centres >= min(one, other)) & (centres <= max(one, other)))
    return cropped(np.logical_and.outer(*ranges))


def ellipse(first: Point, second: Point, shape: tuple[int, int]) -> Footprint:
    """A filled ellipse in the rectangle between two opposite corners.

    Parameters
    ----------
    first, second : tuple of float
    shape : tuple of int
        Height and width of the mask.

    Returns
    -------
    Footprint
    """
    centre = [(one + other) / 2 - 0.5 for one, other in zip(first, second, strict=True)]
    radii = [math.fabs(one - other) / 2 for one, other in zip(first, second, strict=True)]
    inside = np.zeros(shape, bool)
    if all(radii):
        inside[draw.ellipse(*centre, *radii, shape=shape)] = True
    return cropped(inside)
