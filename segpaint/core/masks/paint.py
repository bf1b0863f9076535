"""Geometry of the tools and rules of painting, as pure functions.

A tool yields a `Footprint`, the pixels it touches. A rule maps each value there to a new one.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, LabelTable

VALUES = np.arange(256, dtype=np.uint8)


class PaintOver(StrEnum):
    """Which values a stroke may cover."""

    EVERYTHING = "everything"
    BACKGROUND = "background"
    CHOSEN = "chosen"
    """Values chosen by the user."""

    def values(self, chosen: Collection[int]) -> Collection[int]:
        """Return the mask values that may be covered, given those chosen by the user."""
        match self:
            case PaintOver.EVERYTHING:
                return range(256)
            case PaintOver.BACKGROUND:
                return (BACKGROUND,)
            case _:
                return chosen

    def erasable(self, chosen: Collection[int], painted: int) -> Collection[int]:
        """Return the mask values that may be erased.

        These are the values that may be covered; if only background is, the painted value instead.
        """
        return (painted,) if self is PaintOver.BACKGROUND else self.values(chosen)


@dataclass(frozen=True)
class Footprint:
    """The pixels that a dab touches.

    Attributes
    ----------
    top, left : int
        First row and column in the mask.
    inside : ndarray of bool, shape (rows, columns)
        Empty if the dab misses the mask.
    """

    top: int
    left: int
    inside: NDArray[np.bool_]


def bounds(region: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Find the rows and columns that a region takes up; none if it is empty."""
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def snap(row: float, column: float, size: int) -> tuple[float, float]:
    """Put a brush of odd size on the centre of a pixel, one of even size on a corner.

    Parameters
    ----------
    row, column : float
        In pixels; the first pixel reaches from 0 to 1.
    size : int
        Diameter in pixels.
    """
    if size % 2:
        return math.floor(row) + 0.5, math.floor(column) + 0.5
    return float(round(row)), float(round(column))


def reach(start: float, end: float, radius: float, length: int) -> tuple[int, int]:
    """Find the first row or column that a brush can touch on its way, and the one after the last.

    Parameters
    ----------
    start, end : float
        In pixels along one axis.
    length : int
        Pixels of the mask along that axis.
    """
    first = min(max(0, math.floor(min(start, end) - radius)), length)
    return first, max(first, min(length, math.ceil(max(start, end) + radius)))


def squared_distances(
    start: tuple[float, float], end: tuple[float, float], size: int, shape: tuple[int, int]
) -> tuple[int, int, NDArray[np.float64]]:
    """Measure how far the pixels that a round brush can reach lie from its way.

    Returns
    -------
    int, int
        First row and column.
    ndarray of float, shape (rows, columns)
        Squares of the distances in pixels.
    """
    (row0, column0), (row1, column1) = snap(*start, size), snap(*end, size)
    top, bottom = reach(row0, row1, size / 2, shape[0])
    left, right = reach(column0, column1, size / 2, shape[1])
    rows = np.arange(top, bottom)[:, None] + 0.5 - row0
    columns = np.arange(left, right)[None, :] + 0.5 - column0
    along_rows, along_columns = row1 - row0, column1 - column0
    length = along_rows**2 + along_columns**2
    if length:
        share = np.clip((rows * along_rows + columns * along_columns) / length, 0, 1)
        rows, columns = rows - share * along_rows, columns - share * along_columns
    return top, left, rows**2 + columns**2


def squared_radius(size: int) -> float:
    """Return the square of a round brush's radius in pixels, which reaches at least one pixel."""
    return max(size / 2, math.sqrt(0.5)) ** 2


def brush(start: tuple[float, float], end: tuple[float, float], size: int, shape: tuple[int, int]) -> Footprint:
    """Draw a round brush from one point to another, without gaps.

    Parameters
    ----------
    start, end : tuple of float
        Row and column; equal for a single dab.
    size : int
        Diameter in pixels; 1 touches the one pixel under each point.
    shape : tuple of int
        Height and width of the mask.

    Returns
    -------
    Footprint
        The pixels whose centre lies within half the diameter of the segment.
    """
    top, left, apart = squared_distances(start, end, size, shape)
    return Footprint(top, left, apart <= squared_radius(size))


def brush_rule(
    value: int, locked: Collection[int] = (), covered: Collection[int] = range(256)
) -> NDArray[np.uint8]:
    """Build the rule that turns values that may be covered into one value.

    Parameters
    ----------
    value : int
        A label index, 0 for background or 255 for free.
    locked : collection of int
        Labels that neither lose a pixel nor gain one.
    covered : collection of int
        Values to paint over, see `PaintOver`.

    Returns
    -------
    ndarray of uint8, shape (256,)
    """
    rule = VALUES.copy()
    rule[list(covered)] = value
    return with_locks(VALUES, rule, locked)


def eraser_rule(
    table: LabelTable, locked: Collection[int] = (), erasable: Collection[int] = range(256)
) -> NDArray[np.uint8]:
    """Build the rule that turns values that may be erased into their parents, or else background.

    Parameters
    ----------
    locked : collection of int
        Labels that neither lose a pixel nor gain one.
    erasable : collection of int
        Values to erase, see `PaintOver.erasable`.

    Returns
    -------
    ndarray of uint8, shape (256,)
    """
    rule, values = VALUES.copy(), list(erasable)
    rule[values] = table.erased()[values]
    return with_locks(VALUES, rule, locked)


def with_locks(
    before: NDArray[np.uint8], after: NDArray[np.uint8], locked: Collection[int]
) -> NDArray[np.uint8]:
    """Undo changes in which a locked value gains or loses a pixel; both arrays have one shape."""
    if not locked:
        return after
    indices = list(locked)
    return np.where(np.isin(before, indices) | np.isin(after, indices), before, after)
