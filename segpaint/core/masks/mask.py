"""The mask and its edits, stored as data, so that undo is exact and small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.paint import Footprint, bounds


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: rows `top` to `bottom`, columns `left` to `right`, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, shape: tuple[int, ...]) -> Box:
        """Return the box of all pixels of a mask."""
        return cls(0, shape[0], 0, shape[1])

    @property
    def slices(self) -> tuple[slice, slice]:
        """Slices to index an array with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.top >= self.bottom or self.left >= self.right

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Box(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )


@dataclass(frozen=True)
class Edit:
    """A change to a mask.

    Attributes
    ----------
    box : Box
        The smallest box that holds all changed pixels.
    old, new : ndarray of uint8, the shape of the box
    """

    box: Box
    old: NDArray[np.uint8]
    new: NDArray[np.uint8]


class Mask:
    """A 2D array of label indices that changes by edits.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        0 is background, 255 a free region. Copied.
    """

    def __init__(self, values: NDArray[np.uint8]) -> None:
        self._values = np.array(values, np.uint8)

    @property
    def values(self) -> NDArray[np.uint8]:
        """A read-only view of the pixels."""
        view = self._values.view()
        view.flags.writeable = False
        return view

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self._values.shape
        return height, width

    def snapshot(self) -> NDArray[np.uint8]:
        """Return a read-only copy that later edits do not change."""
        copy = self._values.copy()
        copy.flags.writeable = False
        return copy

    def paint(
        self, footprint: Footprint, rule: NDArray[np.uint8], before: NDArray[np.uint8] | None = None
    ) -> Box:
        """Map the touched pixels by a rule, at a cost that depends on the footprint alone.

        Parameters
        ----------
        rule : ndarray of uint8, shape (256,)
            The new value of each, see `segpaint.core.masks.paint.brush_rule`.
        before : ndarray of uint8, shape (height, width), optional
            The values to map instead of the mask's own, so that what is touched twice is changed once.

        Returns
        -------
        Box
            Holds every touched pixel.
        """
        rows, columns = footprint.inside.shape
        box = Box(footprint.top, footprint.top + rows, footprint.left, footprint.left + columns)
        region = self._values[box.slices]
        mapped = region if before is None else before[box.slices]
        region[footprint.inside] = rule[mapped[footprint.inside]]
        return box

    def edit_to(self, values: NDArray[np.uint8]) -> Edit | None:
        """Find the edit that turns the mask into values of its shape; None if they are equal."""
        return difference(self._values, values)

    def apply(self, edit: Edit) -> None:
        """Apply an edit; to repeat it changes nothing."""
        self.put(edit.box, edit.new)

    def revert(self, edit: Edit) -> None:
        """Undo an edit."""
        self.put(edit.box, edit.old)

    def put(self, box: Box, values: NDArray[np.uint8]) -> None:
        """Set the pixels of a box to values of its shape."""
        self._values[box.slices] = values


def difference(old: NDArray[np.uint8], new: NDArray[np.uint8], within: Box | None = None) -> Edit | None:
    """Find the edit from one array of values to another; None if they are equal.

    Parameters
    ----------
    old, new : ndarray of uint8, shape (height, width)
    within : Box, optional
        The only place to compare.
    """
    if within is None:
        within = Box(0, old.shape[0], 0, old.shape[1])
    rows, columns = bounds(old[within.slices] != new[within.slices])
    if not rows.stop:
        return None
    top, left = within.top, within.left
    box = Box(top + rows.start, top + rows.stop, left + columns.start, left + columns.stop)
    return Edit(box, old[box.slices].copy(), new[box.slices].copy())
