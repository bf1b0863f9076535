"""Registers one mask to another: finds the smooth deformation that carries the first into the second.

The method is that of diffeomorphic demons (Vercauteren et al., "Diffeomorphic demons", NeuroImage 45, 2009) on
the signed distances of all labels at once. Each step is a smooth displacement of few pixels, and the steps are
composed.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE, LabelTable

Field: TypeAlias = NDArray[np.float64]
"""Displacements in rows and columns; shape (2, height, width)."""
Rim: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Pixels above, below, left and right of a part of a picture: 1 where it goes on, and nothing moves; else 0."""
Distances: TypeAlias = NDArray[np.float64]
"""Signed distances to a border in pixels: positive inside, negative outside."""


@dataclass(frozen=True)
class Search:
    """How thoroughly a deformation is looked for.

    Attributes
    ----------
    widths : tuple of float
        Standard deviations of the smoothing of steps in pixels, from the coarsest to the finest.
    rounds : int
        Most steps with each of them.
    halved : bool
        Whether the coarsest ones are looked for on every second pixel of rows and columns.
    """

    widths: tuple[float, ...]
    rounds: int
    halved: bool = False


THOROUGH = Search((16.0, 8.0, 5.0, 3.0, 2.0), 12)
QUICK = Search((8.0, 3.0), 6, halved=True)
"""For drafts: on 45 strokes and grown labels, five to seven times as fast. The deformed masks have a mean Dice
of 0.98, 0.93, 0.98 and 1.00 with the new ones (heart, head and neck, abdomen, breast), not of 0.99, 0.96, 1.00
and 1.00."""
LONGEST, SHORTEST = 0.25, 0.02
"""Most pixels of a step, as a share of its smoothness, and pixels of one that is not worth another."""
BORDER = 1.5
"""Pixels from a border over which its distance counts."""
FADING = 0.05
"""How soon the movement dies away beside a border, as a share of the border's own weight."""
LEAST_AREA = 0.1
"""Least area, in pixels, that a pixel comes from; no step is taken that goes below, so nothing folds."""
LEAST_KNOWN_AREA = 0.2
"""The same while a movement is followed that is known: what is stretched more is made anew anyway."""
FOLLOWED = 60
"""Most steps along a movement that is known, of a pixel each."""
CLOSE = 0.4
"""Pixels by which borders may differ where the movement is known: masks are of whole pixels."""
NEARBY = 5.0
"""The coarsest smoothing, where the movement is known: what is far from a border has moved already."""


@dataclass(frozen=True, eq=False)
class Deformation:
    """A smooth map without folds from a new picture to the old one.

    Attributes
    ----------
    field : ndarray of float, shape (2, height, width)
        For each pixel of the new picture, how many rows and columns further the old one has what belongs there.
    """

    field: Field

    @property
    def areas(self) -> NDArray[np.float64]:
        """Compute the area that each pixel comes from, in pixels: the determinant of the map's derivative.

        Above 1 the tissue is compressed, below 1 it is stretched.
        """
        (down_down, down_right), (right_down, right_right) = self._derivative
        areas: NDArray[np.float64] = down_down * right_right - down_right * right_down
        return areas

    @property
    def least_lengths(self) -> NDArray[np.float64]:
        """Compute the length that each pixel comes from in the direction that is stretched most, in pixels.

        It is the smaller singular value of the map's derivative.
        """
        (down_down, down_right), (right_down, right_right) = self._derivative
        turning = np.hypot(down_down + right_right, right_down - down_right)
        shearing = np.hypot(down_down - right_right, right_down + down_right)
        lengths: NDArray[np.float64] = np.abs(turning - shearing) / 2
        return lengths

    @property
    def _derivative(self) -> NDArray[np.float64]:
        """The derivative of the map: of rows, of columns, each by rows and by columns."""
        return np.array([np.gradient(part) for part in self._places])

    @property
    def least_areas(self) -> NDArray[np.float64]:
        """Compute the least area that a triangle between neighbouring pixels comes from, relative to its own.

        If all are above 0, no triangle turns over, and the map is invertible.

        Returns
        -------
        ndarray of float, shape (height - 1, width - 1)
            For each square of four pixels.
        """
        places = self._places
        down, right = np.diff(places, axis=1), np.diff(places, axis=2)
        sides = itertools.product((down[:, :, :-1], down[:, :, 1:]), (right[:, :-1], right[:, 1:]))
        areas = [below[0] * beside[1] - below[1] * beside[0] for below, beside in sides]
        least: NDArray[np.float64] = np.min(areas, axis=0)
        return least

    def warp(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Transform an image; where nothing moves, every pixel stays as it is.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width) or (height, width, 3)
        """
        places = self._places
        bands = np.moveaxis(np.atleast_3d(image), -1, 0).astype(np.float64)
        warped = np.stack(
            [scipy.ndimage.map_coordinates(band, places, order=3, mode="nearest") for band in bands], axis=-1
        )
        levels: NDArray[np.uint8] = np.rint(warped).clip(0, 255).astype(np.uint8).reshape(image.shape)
        still = ~self.field.any(axis=0)
        levels[still] = image[still]
        return levels

    def warp_mask(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Transform a mask to the nearest pixel."""
        warped: NDArray[np.uint8] = scipy.ndimage.map_coordinates(mask, self._places, order=0, mode="nearest")
        return warped

    @property
    def _places(self) -> Field:
        places: Field = np.indices(self.field.shape[1:]) + self.field
        return places


def register(
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    table: LabelTable,
    used: Collection[int],
    reach: NDArray[np.float64],
    search: Search = THOROUGH,
    known_movement: Field | None = None,
) -> Deformation:
    """Find the deformation that carries the borders of one mask to those of another.

    Labels that only one of the masks has are passed over. Gestures made 72 edits of unseen heart slices, slight
    to extreme. The deformed masks have a median Dice of 0.99 with the new ones, and 83 % of them at least 0.95.
    It takes 0.2 s, and nothing folds. On one picture of all distances, the diffeomorphic demons of SimpleITK
    reach 0.97 and 68 %, in 0.7 s. The optical flows of scikit-image reach 0.98 (TV-L1) and 0.89 (iLK), and four
    of five fold.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width)
        Label indices; what is free in one of them counts for nothing.
    used : collection of int
        Labels that both speak of.
    reach : ndarray of float, shape (height, width), in [0, 1]
        How far each pixel gives way; where 0, nothing moves.
    search : Search
    known_movement : ndarray of float, shape (2, height, width), optional
        Displacements as in `Deformation.field`, which may fold. They are followed so far as tissue gives way;
        then borders that are still apart are brought together.

    Returns
    -------
    Deformation
        Without folds. Where the borders cannot be reached without one, it goes as far as it can.
    """
    field: Field = np.zeros((2, *before.shape))
    part = _box(reach > 0)
    shapes = [
        (old, new)
        for index in table.indices
        if index in used
        and (old := table.shape_of(before, index)).any()
        and (new := table.shape_of(after, index)).any()
    ]
    if part is None or all(np.array_equal(old, new) for old, new in shapes):
        return Deformation(field)
    known = ((before != FREE) & (after != FREE))[part].astype(np.float64)
    pairs, rim = [(_signed(old)[part], _signed(new)[part]) for old, new in shapes], _rim(part, before.shape)
    if known_movement is None:
        field[:, *part] = _demons(pairs, known, reach[part], search, rim)
    else:
        begun = _followed(known_movement[:, *part], reach[part], rim)
        finer = Search(tuple(width for width in search.widths if width <= NEARBY), search.rounds)
        field[:, *part] = _demons(pairs, known, reach[part], finer, rim, begun, CLOSE)
    return Deformation(field)


def composed(first: Field, then: Field) -> Field:
    """Compose two movements of tissue, each as in `Deformation.field`; beyond the edge, the first goes on."""
    return then + _sampled(first, np.indices(first.shape[1:]) + then)


def _followed(movement: Field, reach: NDArray[np.float64], rim: Rim) -> Field:
    """Follow a movement so far as tissue gives way: in small steps, and none where it would fold."""
    goal, field, yielding = reach * movement, np.zeros_like(movement), np.ones_like(reach)
    for _ in range(FOLLOWED):
        step = yielding * (goal - field)
        length = float(np.hypot(*step).max())
        if length < SHORTEST:
            break
        moved_on = composed(field, step / max(1.0, length))
        tight = _tight(moved_on, LEAST_KNOWN_AREA, rim)
        if tight.any():
            yielding = yielding * np.clip(scipy.ndimage.distance_transform_edt(~tight) / 4, 0, 1)
        else:
            field = moved_on
    return field


def _tight(field: Field, least: float, rim: Rim) -> NDArray[np.bool_]:
    """Find where tissue is about to fold or, if nowhere, where it folds onto what lies around the part."""
    tight = np.pad(Deformation(field).least_areas < least, ((0, 1), (0, 1)))
    if tight.any():
        return tight
    (above, below), (left, right) = rim
    folds = np.pad(Deformation(np.pad(field, ((0, 0), *rim))).least_areas <= 0, 1)
    corners = folds[:-1, :-1] | folds[:-1, 1:] | folds[1:, :-1] | folds[1:, 1:]
    height, width = corners.shape
    return corners[above : height - below, left : width - right]


def _demons(
    pairs: list[tuple[Distances, Distances]],
    known: NDArray[np.float64],
    reach: NDArray[np.float64],
    search: Search,
    rim: Rim,
    begun: Field | None = None,
    close: float = 0.0,
) -> Field:
    grid = np.indices(reach.shape).astype(np.float64)
    field, widths = np.zeros_like(grid) if begun is None else begun, search.widths
    if search.halved:
        field, widths = _coarse(pairs, known, reach, Search(widths[:1], search.rounds), rim), widths[1:]
    for width in widths:
        yielding = reach
        for _ in range(search.rounds):
            step = yielding * _step(pairs, known, grid + field, width, close)
            length = float(np.hypot(*step).max())
            if length < SHORTEST:
                break
            step *= min(1.0, LONGEST * width / length)
            moved_on = composed(field, step)
            tight = _tight(moved_on, LEAST_AREA, rim)
            if tight.any():
                # Tissue that is about to fold goes no further; the rest does.
                yielding = yielding * np.clip(scipy.ndimage.distance_transform_edt(~tight) / (2 * width), 0, 1)
            else:
                field = moved_on
    return field


def _coarse(
    pairs: list[tuple[Distances, Distances]],
    known: NDArray[np.float64],
    reach: NDArray[np.float64],
    search: Search,
    rim: Rim,
) -> Field:
    """Look for steps on every second pixel, where all lengths are half as long; no movement if that folds."""
    every = np.s_[::2, ::2]
    halves = [(old[every] / 2, new[every] / 2) for old, new in pairs]
    widths = tuple(width / 2 for width in search.widths)
    half = _demons(halves, known[every], reach[every], Search(widths, search.rounds), rim)
    field = 2 * _sampled(half, np.indices(reach.shape) / 2)
    return np.zeros_like(field) if _tight(field, LEAST_AREA, rim).any() else field


def _step(
    pairs: list[tuple[Distances, Distances]],
    known: NDArray[np.float64],
    places: Field,
    width: float,
    close: float,
) -> Field:
    """Find the displacement that brings all borders nearer to theirs: the least squares around each pixel."""
    sums = np.zeros((5, *known.shape))
    pulls, squares = sums[:2], sums[2:]
    for old, new in pairs:
        moved = scipy.ndimage.map_coordinates(old, places, order=1, mode="nearest")
        down, right = np.gradient(moved)
        weight = known * (np.exp(-((new / BORDER) ** 2)) + np.exp(-((moved / BORDER) ** 2)))
        apart = new - moved
        if close:
            apart = np.sign(apart) * np.maximum(np.abs(apart) - close, 0)
        pulls += weight * apart * [down, right]
        squares += weight * [down * down, down * right, right * right]
    pull_down, pull_right, down_down, mixed, right_right = _smooth(sums, width)
    # Where no border is near, the squares are small, and the displacement dies away.
    damping = FADING * float((down_down + right_right).max()) + 1e-9
    down_down, right_right = down_down + damping, right_right + damping
    determinant = down_down * right_right - mixed * mixed
    step = np.stack([right_right * pull_down - mixed * pull_right, down_down * pull_right - mixed * pull_down])
    return _smooth(step / determinant, width / 2)


def _sampled(parts: Field, places: Field) -> Field:
    return np.stack([scipy.ndimage.map_coordinates(part, places, order=1, mode="nearest") for part in parts])


def _smooth(parts: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    smooth: NDArray[np.float64] = scipy.ndimage.gaussian_filter(
        parts, width, mode="nearest", truncate=3.0, axes=(1, 2)
    )
    return smooth


def _signed(shape: NDArray[np.bool_]) -> Distances:
    """Measure the distance to a shape's border in pixels: positive inside, negative outside."""
    inside = scipy.ndimage.distance_transform_edt(np.pad(shape, 1, mode="edge"))
    outside = scipy.ndimage.distance_transform_edt(np.pad(~shape, 1, mode="edge"))
    distance: Distances = (inside - outside)[1:-1, 1:-1]
    return distance - np.sign(distance) / 2


def _rim(part: tuple[slice, slice], shape: tuple[int, ...]) -> Rim:
    rows, columns = (
        (int(side.start > 0), int(side.stop < size)) for side, size in zip(part, shape, strict=True)
    )
    return rows, columns


def _box(region: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    found = scipy.ndimage.find_objects(region.astype(np.uint8))
    return found[0] if found else None
