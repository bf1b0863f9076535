"""Interpolates between two masks, label by label.

The method is shape-based interpolation of signed distances (Raya and Udupa, "Shape-based interpolation of
multidimensional objects", IEEE Transactions on Medical Imaging 9(1), 1990), for labels that nest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable

Distances = NDArray[np.float64]
"""Signed distances to the border of a shape in pixels: positive inside, negative outside, never 0."""


def interpolate(
    first: NDArray[np.uint8], second: NDArray[np.uint8], table: LabelTable, shares: Iterable[float]
) -> list[NDArray[np.uint8]]:
    """Interpolate masks between two.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (height, width)
        Label indices; 255 is a free region, which moves like a label.
    table : LabelTable
        A label never leaves its parent.
    shares : iterable of float
        Share of the second mask in each, 0 to 1.

    Returns
    -------
    list of ndarray of uint8, shape (height, width)

    Raises
    ------
    ValueError
        If the masks differ in shape.
    """
    way = Way(first, second, table)
    return [way.at(share) for share in shares]


class Way:
    """The way from one mask to another, prepared for many shares; see `interpolate`."""

    def __init__(self, first: NDArray[np.uint8], second: NDArray[np.uint8], table: LabelTable) -> None:
        if first.shape != second.shape:
            raise ValueError(f"the masks have the shapes {first.shape} and {second.shape}")
        self._shape = first.shape
        regions = [_regions(mask, table) for mask in (first, second)]
        self._pairs = {
            index: _Turning.between(*(region[index] for region in regions)) for index in (*table.indices, FREE)
        }
        self._inside: dict[int, list[int]] = {BACKGROUND: [FREE]}
        for label in table:
            self._inside.setdefault(label.parent or BACKGROUND, []).append(label.index)

    def at(self, share: float) -> NDArray[np.uint8]:
        """Return the mask at a share of the second, 0 to 1."""
        return _compose(
            {index: pair.at(share) for index, pair in self._pairs.items()}, self._inside, self._shape
        )


def _regions(mask: NDArray[np.uint8], table: LabelTable) -> dict[int, NDArray[np.bool_]]:
    """Find where each label is, or one inside it; and the free region."""
    regions = {index: table.shape_of(mask, index) for index in table.indices}
    return {FREE: mask == FREE, **regions}


@dataclass(frozen=True)
class _Turning:
    """A region on its way from one shape to another.

    Outline and holes are interpolated apart: otherwise a ring whose wall moves by more than its thickness would
    vanish half-way.
    """

    outlines: tuple[Distances, Distances] | None
    holes: tuple[Distances, Distances] | None

    @classmethod
    def between(cls, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> _Turning:
        filled = [scipy.ndimage.binary_fill_holes(region) for region in (first, second)]
        holes = [whole & ~region for whole, region in zip(filled, (first, second), strict=True)]
        return cls(_distances(filled), _distances(holes))

    def at(self, share: float) -> Distances | None:
        """Measure how far inside the region each pixel is; None without a region."""
        if self.outlines is None:
            return None
        level = _mix(self.outlines, share)
        return level if self.holes is None else np.minimum(level, -_mix(self.holes, share))


def _mix(pair: tuple[Distances, Distances], share: float) -> Distances:
    return (1 - share) * pair[0] + share * pair[1]


def _distances(shapes: Sequence[NDArray[np.bool_]]) -> tuple[Distances, Distances] | None:
    """Measure signed distances of two shapes; if one is empty, the other shrinks to nothing."""
    found = [_signed(shape) for shape in shapes if shape.any()]
    if not found:
        return None
    if len(found) == 2:
        return found[0], found[1]
    nothing = found[0] - found[0].max() - 1
    return (found[0], nothing) if shapes[0].any() else (nothing, found[0])


def _signed(shape: NDArray[np.bool_]) -> Distances:
    # Padding gives a shape that fills the mask a border.
    padded = np.pad(shape, 1)
    distances: Distances = scipy.ndimage.distance_transform_edt(padded) - scipy.ndimage.distance_transform_edt(
        ~padded
    )
    return distances[1:-1, 1:-1]


def _compose(
    levels: dict[int, Distances | None], inside: dict[int, list[int]], shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Give each pixel to the label that it is deepest inside of, outer labels first."""
    mask = np.zeros(shape, np.uint8)
    waiting = [BACKGROUND]
    while waiting:
        outer = waiting.pop()
        here = mask == outer
        deepest = np.zeros(shape)
        for index in inside.get(outer, []):
            level = levels[index]
            if level is not None:
                taken = here & (level >= deepest)
                mask[taken] = index
                deepest = np.where(taken, level, deepest)
            waiting.append(index)
    return mask
