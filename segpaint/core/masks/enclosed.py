"""Finds what a stroke encloses, as far as the stroke itself lies around it."""

from collections.abc import Callable
from math import dist

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.masks.paint import Footprint, bounds
from segpaint.core.masks.shapes import Point, cropped

Region = NDArray[np.bool_]
Draw = Callable[[Point, Point, tuple[int, int]], Footprint]
"""Draws a brush from one point to another on a mask of a shape, as `segpaint.core.masks.paint.brush` does."""

_NOTHING = Footprint(0, 0, np.zeros((0, 0), bool))


def enclosed(region: Region) -> Region:
    """Find the pixels outside a region from which no way by sides leads around it to the edge.

    Parameters
    ----------
    region : ndarray of bool, shape (height, width)
        Pixels that meet at a corner close a loop, too.

    Returns
    -------
    ndarray of bool, shape (height, width)
        Without the region itself.
    """
    inside = np.zeros_like(region)
    rows, columns = bounds(region)
    outside = np.pad(~region[rows, columns], 1, constant_values=True)
    pieces, count = scipy.ndimage.label(outside)
    if count > 1:  # the first one lies around all
        inside[rows, columns] = (pieces > 1)[1:-1, 1:-1]
    return inside


class Trail:
    """All that a stroke touched so far, with what it encloses, also beside the mask.

    What lies further out than half the mask's longer side counts as lying there.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the mask.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape, self._margin = shape, 2 * (max(shape) // 4 + 1)  # even, for `snap` rounds half to even
        height, width = (length + 2 * self._margin for length in shape)
        self._around = height, width
        self._held = np.zeros(self._around, bool)
        self._first: Point | None = None

    def add(self, draw: Draw, start: Point, end: Point) -> Footprint:
        """Add a movement of the stroke.

        Returns
        -------
        Footprint
            The pixels of the mask that the stroke encloses now, and did not before; none of its own.
        """
        if self._first is None:
            self._first = start
        if not self._draw(self._held, draw, start, end):
            return _NOTHING
        found = enclosed(self._held)
        self._held |= found
        return self._within(found)

    def closing(self, draw: Draw, end: Point, reach: float) -> Footprint:
        """Find what the stroke would enclose besides if it went straight back to where it began.

        Parameters
        ----------
        end : tuple of float
            Where it is now.
        reach : float
            Pixels from its beginning beyond which it does not count as about to close.
        """
        if self._first is None or dist(self._first, end) > reach:
            return _NOTHING
        closed = self._held.copy()
        may_close = self._draw(closed, draw, end, self._first)
        return self._within(enclosed(closed)) if may_close else _NOTHING

    def _draw(self, onto: Region, draw: Draw, start: Point, end: Point) -> bool:
        """Draw a movement, and return whether it may have closed a loop, which takes longer to find out."""
        dab = draw(self._place(start), self._place(end), self._around)
        rows, columns = dab.inside.shape
        onto[dab.top : dab.top + rows, dab.left : dab.left + columns] |= dab.inside
        top, left = max(dab.top - 1, 0), max(dab.left - 1, 0)
        near = onto[top : dab.top + rows + 1, left : dab.left + columns + 1]
        if near.shape != (rows + 2, columns + 2):  # at the edge
            return True
        # What hangs together near the movement is cut off by it nowhere.
        return int(scipy.ndimage.label(~near)[1]) > 1

    def _place(self, point: Point) -> Point:
        row, column = (
            min(max(along + self._margin, 0.0), float(length))
            for along, length in zip(point, self._around, strict=True)
        )
        return row, column

    def _within(self, found: Region) -> Footprint:
        height, width = self._shape
        return cropped(found[self._margin : self._margin + height, self._margin : self._margin + width])
