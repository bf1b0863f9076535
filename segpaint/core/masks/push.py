"""A brush that drags borders along like clay, without tearing them."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import skimage
from numpy.typing import NDArray

from segpaint.core.masks.paint import reach, with_locks

Point = tuple[float, float]

STEP = 0.25
"""Longest step, in radii. The kernel's slope is at most 1.54 per radius, so steps below 0.65 fold nothing."""


def push(
    values: NDArray[np.uint8], path: Sequence[Point], radius: float, locked: Collection[int] = ()
) -> NDArray[np.uint8]:
    """Drag what lies under a round brush along a path.

    Each step is a smooth displacement that ends at the brush's rim, with a slope below 1: a diffeomorphism. The
    steps are composed, and the mask is sampled once, so the result and the cost do not depend on the hand's
    speed. If a label would lose a piece or fall apart, only the first part of the path is followed. The mask's
    edge is dragged in as it is.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask at the start of the path.
    path : sequence of (float, float)
        Row and column in pixels; the first pixel reaches from 0 to 1.
    radius : float
        Radius of the brush in pixels, above 0.
    locked : collection of int
        Mask values that do not change; the others flow around them.

    Returns
    -------
    ndarray of uint8, shape (height, width)

    Raises
    ------
    ValueError
        If the radius is not above 0.
    """
    return _follow(values, path, radius, locked)[0]


def push_sources(
    values: NDArray[np.uint8], path: Sequence[Point], radius: float, locked: Collection[int] = ()
) -> NDArray[np.float64]:
    """Find where each pixel of `push` comes from, with the same parameters; locked values would stay.

    Returns
    -------
    ndarray of float64, shape (2, height, width)
        Row and column in the mask before, in pixels as in the path.
    """
    return _trace_back(values.shape, _follow(values, path, radius, locked)[1], radius)


def dragged(shape: tuple[int, int], start: Point, end: Point, radius: float) -> NDArray[np.float64]:
    """Find where each pixel comes from if a brush drags along a line, whatever it tears.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    start, end : tuple of float
        Row and column in pixels; the first pixel reaches from 0 to 1.
    radius : float
        In pixels, above 0.

    Returns
    -------
    ndarray of float64, shape (2, height, width)
        As of `push_sources`.
    """
    return _trace_back(shape, _waypoints([start, end], radius * STEP), radius)


def _follow(
    values: NDArray[np.uint8], path: Sequence[Point], radius: float, locked: Collection[int]
) -> tuple[NDArray[np.uint8], list[Point]]:
    """Follow a path as far as nothing comes apart; the mask there, and the points up to there."""
    if not radius > 0:
        raise ValueError(f"the radius is {radius}; it must be above 0")
    pushed = values.copy()
    if len(path) < 2:
        return pushed, []
    rows, columns = zip(*path, strict=True)
    # Nothing moves beyond the brush's rim; one pixel more shows the connections of labels there.
    top, bottom = reach(min(rows), max(rows), radius + 1, values.shape[0])
    left, right = reach(min(columns), max(columns), radius + 1, values.shape[1])
    part = (slice(top, bottom), slice(left, right))
    points = _waypoints([(row - top, column - left) for row, column in path], radius * STEP)
    pushed[part], followed = _pushed(values[part], points, radius, locked)
    return pushed, [(row + top, column + left) for row, column in points[:followed]]


def _pushed(
    values: NDArray[np.uint8], points: Sequence[Point], radius: float, locked: Collection[int]
) -> tuple[NDArray[np.uint8], int]:
    before = _Pieces.of(values)
    # The first point is only the start; the whole path is tried before any part.
    best, good, bad = values.copy(), 1, len(points) + 1
    tried = len(points)
    while good < tried < bad:
        sources = _sources(values.shape, points[:tried], radius)
        dragged = values[sources]
        pushed = with_locks(values, dragged, locked)
        has_moved = (pushed == dragged) & ~np.isin(values, list(locked))
        origins = np.where(has_moved, before.numbers[sources], before.numbers)
        if before.hold(_Pieces.of(pushed), origins):
            best, good = pushed, tried
        else:
            bad = tried
        tried = (good + bad) // 2
    return best, good


def _waypoints(path: Sequence[Point], longest: float) -> list[Point]:
    """Resample the path in few steps of limited length, since a slow hand gives more points than needed."""
    kept = [path[0]]
    for point in path[1:-1]:
        if math.dist(kept[-1], point) >= longest / 2:
            kept.append(point)
    points = kept[:1]
    for (row0, column0), (row1, column1) in pairwise([*kept, path[-1]]):
        count = math.ceil(math.hypot(row1 - row0, column1 - column0) / longest)
        shares = (part / count for part in range(1, count + 1))
        points += [(row0 + share * (row1 - row0), column0 + share * (column1 - column0)) for share in shares]
    return points


def _trace_back(shape: tuple[int, ...], points: Sequence[Point], radius: float) -> NDArray[np.float64]:
    """Find where each pixel comes from if a brush drags along points, each at most `STEP` from the last."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    # Pixels are traced back to their source, so the last step is undone first.
    for end, start in pairwise(reversed(points)):
        squared = ((rows - end[0]) ** 2 + (columns - end[1]) ** 2) / radius**2
        weight = np.clip(1 - squared, 0, None) ** 2
        rows -= weight * (end[0] - start[0])
        columns -= weight * (end[1] - start[1])
    return np.stack([rows, columns])


def _sources(
    shape: tuple[int, ...], points: Sequence[Point], radius: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = (np.floor(places).astype(np.intp) for places in _trace_back(shape, points, radius))
    return np.clip(rows, 0, shape[0] - 1), np.clip(columns, 0, shape[1] - 1)


@dataclass(frozen=True, eq=False)
class _Pieces:
    """The pieces of all values of a mask.

    Attributes
    ----------
    numbers : ndarray of int, shape (height, width)
        Of the pieces that are connected by sides, from 1.
    counts : dict of int to tuple of int
        How many pieces a value has by sides, and by sides or corners.
    """

    numbers: NDArray[np.intp]
    counts: dict[int, tuple[int, int]]

    @classmethod
    def of(cls, values: NDArray[np.uint8]) -> _Pieces:
        (numbers, by_side), (_, by_corner) = (_count_pieces(values, connectivity) for connectivity in (1, 2))
        counts = enumerate(zip(by_side, by_corner, strict=True))
        return cls(numbers, {value: (sides, corners) for value, (sides, corners) in counts if sides})

    def hold(self, after: _Pieces, origins: NDArray[np.intp]) -> bool:
        """Check that nothing came apart or vanished; pieces joined at a corner may join at a side.

        Parameters
        ----------
        after : _Pieces
            Those of the mask that was pushed.
        origins : ndarray of int, shape (height, width)
            The number that the piece which each pixel comes from had before.
        """
        if self.counts.keys() != after.counts.keys():
            return False
        for value, (by_side, by_corner) in self.counts.items():
            if after.counts[value][0] > by_side or after.counts[value][1] < by_corner:
                return False
        # One piece may come apart while two others join, so counts do not show it.
        one_of = np.zeros(self.numbers.max(initial=0) + 1, np.intp)
        one_of[origins] = after.numbers
        return bool((one_of[origins] == after.numbers).all())


def _count_pieces(values: NDArray[np.uint8], connectivity: int) -> tuple[NDArray[np.intp], list[int]]:
    """Number the pieces, and count those of each value, 0 to 255."""
    pieces, count = skimage.measure.label(
        values.astype(np.int16), background=-1, return_num=True, connectivity=connectivity
    )
    held = np.zeros(count + 1, np.uint8)
    held[pieces.ravel()] = values.ravel()
    counts: list[int] = np.bincount(held[1:], minlength=256).tolist()
    return pieces, counts
