"""One label of a mask, and the one rule for what a gesture covers and what it vacates."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import watershed

from segpaint.core.labels.labels import BACKGROUND, LabelTable

Values: TypeAlias = NDArray[np.uint8]
"""A mask's label indices, shape (height, width)."""
Region: TypeAlias = NDArray[np.bool_]
"""Some of a mask's pixels, shape (height, width)."""


@dataclass(frozen=True, eq=False)
class Anatomy:
    """A label as a mask has it, for a gesture to change.

    Attributes
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask before. No gesture writes to it.
    table : LabelTable
        What lies inside what.
    label : int
        Index of the label that changes.
    locked : collection of int
        Values of the mask that do not change; if the label is among them, nothing does.
    """

    values: Values
    table: LabelTable
    label: int
    locked: Collection[int] = ()

    @cached_property
    def shape(self) -> Region:
        """Where the label is, or one that lies inside it."""
        return self.table.shape_of(self.values, self.label)

    @cached_property
    def held(self) -> Region:
        """Where locked values are."""
        return np.isin(self.values, list(self.locked))

    @property
    def enclosed(self) -> Region:
        """Where others are that the label's shape encloses, as a wall does its cavity.

        These are labels and free regions, but none that the label lies inside itself.
        """
        holes: Region = ndimage.binary_fill_holes(self.shape) & ~self.shape
        return holes & ~np.isin(self.values, (BACKGROUND, *self.table.ancestors(self.label)))

    def part(self, box: tuple[slice, slice]) -> Anatomy:
        """Take the same label within some rows and columns of the mask."""
        return replace(self, values=self.values[box])

    def outlined(self, region: Region) -> Values:
        """Give the label another outline; what lies inside both the old and the new one stays."""
        inside = np.where(self.shape, self.values, np.uint8(self.label))
        return self.settled(np.where(region, inside, np.uint8(BACKGROUND)))

    def settled(self, placed: Values, whole: Region | None = None) -> Values:
        """Put the label in another place, and give away what it leaves.

        Locked labels neither lose nor gain a pixel. What is covered takes the label. What is vacated
        goes to the label's parent; where it has none, to the nearest neighbour that is not locked, the
        background or a free region among them, as reached through what is vacated. A pixel that nobody
        may have stays as it was: there never is a hole.

        Parameters
        ----------
        placed : ndarray of uint8, shape (height, width)
            The label and those inside it as they are to be, 0 elsewhere.
        whole : ndarray of bool, shape (height, width), optional
            Where that which is placed was before; the label's shape if left out.

        Returns
        -------
        ndarray of uint8, shape (height, width)
        """
        settled = self.values.copy()
        if self.label in self.locked:
            return settled
        if whole is None:
            whole = self.shape
        there = placed != BACKGROUND
        covered = there & ~self.held
        settled[covered] = placed[covered]
        vacated = whole & ~there & ~self.held
        parent = self.table[self.label].parent
        if parent is None:
            _give_to_neighbours(settled, vacated, ~(whole | there | self.held))
        elif parent not in self.locked:
            settled[vacated] = parent
        return settled


def around(region: Region, pixels: float) -> tuple[slice, slice]:
    """Find the rows and columns no further than that from a region, and one more; none if it is empty."""
    margin = math.ceil(pixels) + 1
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0), slice(0)
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )


def _give_to_neighbours(values: Values, vacated: Region, neighbours: Region) -> None:
    if not vacated.any() or not neighbours.any():
        return
    # Flooding rather than the nearest pixel as the crow flies: that one may lie behind a locked wall.
    # Only the pixels beside what is vacated give to it; with others among them the flood takes longer,
    # and settles ties otherwise.
    near = around(vacated, 0)
    part, empty = values[near], vacated[near]
    sources = np.where(neighbours[near], part.astype(np.int32) + 1, 0)
    flooded = watershed(np.zeros(part.shape, np.uint8), sources, mask=empty | neighbours[near])
    reached = empty & (flooded > 0)
    part[reached] = flooded[reached] - 1
