"""One label of a mask, and the rule for pixels that a gesture covers or vacates."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, LabelTable
from segpaint.core.masks.hollow import hollow
from segpaint.core.masks.paint import bounds

Values: TypeAlias = NDArray[np.uint8]
"""A mask's label indices, shape (height, width)."""
Region: TypeAlias = NDArray[np.bool_]
"""Some of a mask's pixels, shape (height, width)."""


@dataclass(frozen=True, eq=False)
class Anatomy:
    """A label in a mask, for a gesture to change.

    Attributes
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask before the gesture; never written to.
    table : LabelTable
        The labels with their nesting.
    label : int
        Index of the label to change.
    locked : collection of int
        Mask values that do not change; if the label is among them, nothing changes.
    """

    values: Values
    table: LabelTable
    label: int
    locked: Collection[int] = ()

    @cached_property
    def shape(self) -> Region:
        """Where the label is, or one inside it."""
        return self.table.shape_of(self.values, self.label)

    @cached_property
    def held(self) -> Region:
        """Where locked values are."""
        return np.isin(self.values, list(self.locked))

    @property
    def enclosed(self) -> Region:
        """What the label's shape encloses, as a wall does its cavity, even if the wall is not closed.

        These are labels and free regions, but none that lies around the label.
        """
        inside = hollow(self.shape, self.values, self.surroundings, in_hull=True)
        return inside & ~np.isin(self.values, self.surroundings)

    @property
    def surroundings(self) -> tuple[int, ...]:
        """The values that lie around the label: the background and its ancestors."""
        return BACKGROUND, *self.table.ancestors(self.label)

    @cached_property
    def beneath(self) -> int | None:
        """The label that is left where this one goes: the ancestor that adjoins it most; None without one.

        Of equals, the innermost. Beside a jaw there is hardly any other bone, so soft tissue is left, not bone.
        """
        ancestors = self.table.ancestors(self.label)
        border = self.values[scipy.ndimage.binary_dilation(self.shape) & ~self.shape]
        return max(ancestors, key=lambda index: np.count_nonzero(border == index), default=None)

    def part(self, box: tuple[slice, slice]) -> Anatomy:
        """Cut out some rows and columns of the mask."""
        return replace(self, values=self.values[box])

    def outlined(self, region: Region) -> Values:
        """Give the label another outline; pixels inside both the old and the new one stay."""
        inside = np.where(self.shape, self.values, np.uint8(self.label))
        return self.settled(np.where(region, inside, np.uint8(BACKGROUND)))

    def settled(self, placed: Values, whole: Region | None = None) -> Values:
        """Put the label in another place, and fill the pixels that it leaves.

        Locked labels neither lose nor gain a pixel. Covered pixels take the label. Vacated pixels go to what
        lies `beneath`. Without it, they go to the nearest unlocked neighbour, such as the background, as
        reached through vacated pixels. A pixel that none may take stays, so no hole is left.

        Parameters
        ----------
        placed : ndarray of uint8, shape (height, width)
            The label and those inside it after the gesture, 0 elsewhere.
        whole : ndarray of bool, shape (height, width), optional
            Where the placed pixels were before; the label's shape if left out.

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
        if self.beneath is None:
            _give_to_neighbours(settled, vacated, ~(whole | there | self.held))
        elif self.beneath not in self.locked:
            settled[vacated] = self.beneath
        return settled


def around(region: Region, pixels: float) -> tuple[slice, slice]:
    """Find the rows and columns within a distance plus 1 of a region; none if it is empty."""
    margin = math.ceil(pixels) + 1
    rows, columns = bounds(region)
    if not rows.stop:
        return rows, columns
    return (
        slice(max(0, rows.start - margin), rows.stop + margin),
        slice(max(0, columns.start - margin), columns.stop + margin),
    )


def _give_to_neighbours(values: Values, vacated: Region, neighbours: Region) -> None:
    if not vacated.any() or not neighbours.any():
        return
    # Flooding, since the nearest pixel in a straight line may lie behind a locked wall.
    # Only neighbours of the vacated pixels are sources: more would be slower, and settle ties otherwise.
    near = around(vacated, 0)
    part, empty = values[near], vacated[near]
    sources = np.where(neighbours[near], part.astype(np.int32) + 1, 0)
    flooded = skimage.segmentation.watershed(
        np.zeros(part.shape, np.uint8), sources, mask=empty | neighbours[near]
    )
    reached = empty & (flooded > 0)
    part[reached] = flooded[reached] - 1
