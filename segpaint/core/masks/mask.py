"""The mask and its edits, which are data, so that undo is exact and small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.paint import Footprint


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: rows `top` to `bottom`, columns `left` to `right`, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """For indexing an array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.top >= self.bottom or self.left >= self.right

    def union(self, other: Box) -> Box:
        """The smallest one that holds both."""
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
    """A change to a mask: where, what was there, what is there now.

    Attributes
    ----------
    box : Box
        The smallest one that holds all changed pixels.
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
        """A read-only copy that later edits do not touch."""
        copy = self._values.copy()
        copy.flags.writeable = False
        return copy

    def paint(self, footprint: Footprint, rule: NDArray[np.uint8]) -> Box:
        """Send the touched pixels through a rule; the cost grows with the footprint alone.

        Parameters
        ----------
        footprint : Footprint
        rule : ndarray of uint8, shape (256,)
            What each value turns into, see `segpaint.core.masks.paint.brush_rule`.

        Returns
        -------
        Box
            That holds every touched pixel.
        """
        rows, columns = footprint.inside.shape
        box = Box(footprint.top, footprint.top + rows, footprint.left, footprint.left + columns)
        region = self._values[box.slices]
        region[footprint.inside] = rule[region[footprint.inside]]
        return box

    def edit_to(self, values: NDArray[np.uint8]) -> Edit | None:
        """The edit that turns the mask into these values; None where they are the same.

        Parameters
        ----------
        values : ndarray of uint8, shape of the mask
        """
        return difference(self._values, values)

    def apply(self, edit: Edit) -> None:
        """Make an edit; making it twice is making it once."""
        self.put(edit.box, edit.new)

    def revert(self, edit: Edit) -> None:
        """Take an edit back."""
        self.put(edit.box, edit.old)

    def put(self, box: Box, values: NDArray[np.uint8]) -> None:
        """Let the pixels of a box have these values.

        Parameters
        ----------
        box : Box
        values : ndarray of uint8, the shape of the box
        """
        self._values[box.slices] = values


def difference(old: NDArray[np.uint8], new: NDArray[np.uint8], within: Box | None = None) -> Edit | None:
    """The edit that leads from one array of values to another; None where they are the same.

    Parameters
    ----------
    old, new : ndarray of uint8, shape (height, width)
    within : Box, optional
        Where alone they may differ; only that is looked at.
    """
    if within is None:
        within = Box(0, old.shape[0], 0, old.shape[1])
    changed = old[within.slices] != new[within.slices]
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return None
    top, left = within.top, within.left
    box = Box(top + int(rows[0]), top + int(rows[-1]) + 1, left + int(columns[0]), left + int(columns[-1]) + 1)
    return Edit(box, old[box.slices].copy(), new[box.slices].copy())
