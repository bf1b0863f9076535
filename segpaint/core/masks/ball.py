"""A ball that is led along a slice, and what it touches of the slices beside that one."""

from dataclasses import replace

import numpy as np

from segpaint.core.masks.enclosed import enclosed
from segpaint.core.masks.mask import Box
from segpaint.core.masks.paint import Footprint, squared_distances, squared_radius
from segpaint.core.masks.shapes import Point, cropped


class Ball:
    """Gathers the way of a ball whose middle stays on one slice.

    For each pixel it holds how far the ball rises above the slice there. So a movement costs as much as that of
    a brush, and a further slice one comparison.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the mask.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._box = Box(0, 0, 0, 0)  # that the ball was in
        self._rise = np.full(shape, -1.0)  # squared, in pixels; below 0 where the ball was not

    def add(self, start: Point, end: Point, size: int) -> None:
        """Lead the ball from one point to another, as `segpaint.core.masks.paint.brush` does."""
        top, left, apart = squared_distances(start, end, size, (self._rise.shape[0], self._rise.shape[1]))
        rows, columns = apart.shape
        box = Box(top, top + rows, left, left + columns)
        self._box = self._box.union(box)
        seen = self._rise[box.slices]
        np.maximum(seen, squared_radius(size) - apart, out=seen)

    def on(self, away: float, *, filled: bool = False) -> Footprint:
        """Find the pixels of a slice whose centres the ball held.

        Parameters
        ----------
        away : float
            How far the slice is from the one with the ball's middle, in pixels.
        filled : bool
            Whether what these pixels enclose is found, too.

        Returns
        -------
        Footprint
            Empty if the ball does not reach so far.
        """
        inside = self._rise[self._box.slices] >= away**2
        found = cropped(inside | enclosed(inside) if filled else inside)
        return replace(found, top=found.top + self._box.top, left=found.left + self._box.left)
