"""Finds the simple movements that an edit suggests.

An outline moves evenly, a border is pushed, or a label moves as a whole. The borders of two masks do not show
how tissue moves along them, nor inside a label. Where a simple movement gives nearly the whole edit, it is the
likeliest one, and gestures move tissue so.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.masks.anatomy import Anatomy, Region, Values
from segpaint.core.masks.hollow import hollow
from segpaint.core.masks.push import dragged
from segpaint.core.masks.registration import Deformation, Field, composed

DEEP = 0.8
"""Share of a shape's greatest depth from which its pixels stay where they are while its border moves."""
FITS = 0.7
"""Share of an edit within a label that a movement gives, for it to fit; what it spoils counts against it."""
MOST = 3
"""Labels that move one after the other, at most."""
SMALLEST = 0.5
"""Pixels of a movement that is worth one."""
RESIZED = 0.03
"""Share by which a label's width changes, for it to be resized, and not only moved."""
RESIZING = 0.95
"""What resizing is worth beside a moving outline, which hardly differs for a disk."""
PUSH_RADII = (1.0, 1.3, 1.6, 2.0)
"""Radii of a push that are tried, as multiples of that which drags as large an area."""
FEWEST_PUSHED = 2.0
"""Pixels by which a border is pushed, at least."""


def moved(region: Region, move: tuple[float, float], scale: float = 1.0) -> Field:
    """Move and resize a region as a whole; what lies around it gives way, less and less.

    Parameters
    ----------
    region : ndarray of bool, shape (height, width)
        The region before.
    move : tuple of float
        Rows downwards and columns to the right.
    scale : float
        About the region's centroid, above 0.

    Returns
    -------
    ndarray of float, shape (2, height, width)
        As `segpaint.core.masks.registration.Deformation.field`.
    """
    centre, way = np.argwhere(region).mean(axis=0)[:, None, None], np.asarray(move, np.float64)[:, None, None]
    places = np.indices(region.shape).astype(np.float64)
    back = -np.broadcast_to(way, places.shape)
    if scale != 1:
        back = centre + (places - centre - way) / scale - places
    rows, columns = np.clip(np.rint(places + back), 0, np.reshape(region.shape, (2, 1, 1)) - 1).astype(np.intp)
    there = region[rows, columns]
    if not there.any():
        return np.zeros_like(places)
    farthest = float(np.hypot(*back)[there].max())
    field: Field = back * _fading(_distance_to(there), 2 + 2 * farthest)
    return field


def outlined(region: Region, core: Region, pixels: float) -> Field:
    """Move the outline of a region outward; its core stays, and what lies around it gives way.

    Parameters
    ----------
    region, core : ndarray of bool, shape (height, width)
        The core lies inside the region.
    pixels : float
        Below 0, the outline moves inward.

    Returns
    -------
    ndarray of float, shape (2, height, width)
        As `segpaint.core.masks.registration.Deformation.field`.
    """
    depth = _signed_distance(region)
    inside = _distance_to(core)
    part = inside / np.maximum(inside + np.maximum(pixels - depth, 0), 1e-6)
    length = pixels * np.where(depth <= pixels, part, _fading(depth - pixels, 3 * abs(pixels)))
    slope = np.stack(np.gradient(scipy.ndimage.gaussian_filter(depth, 1)))
    field: Field = -length * slope / np.maximum(np.hypot(*slope), 1e-6)
    return field


def middle(region: Region) -> Region:
    """Find the deepest part of each piece of a region, the core of a compact shape."""
    pieces, count = scipy.ndimage.label(region)
    depth = scipy.ndimage.distance_transform_edt(region)
    deepest = np.concatenate([[np.inf], scipy.ndimage.maximum(depth, pieces, np.arange(1, count + 1))])
    deep: Region = depth >= DEEP * deepest[pieces]
    return deep


def middle_line(region: Region) -> Region:
    """Find the line along the middle of a region, the core of a wall."""
    line: Region = skimage.morphology.skeletonize(region)  # type: ignore[attr-defined]
    return line


def find_movement(before: Values, after: Values, table: LabelTable, used: Collection[int]) -> Field | None:
    """Find the simple movements that turn most of a mask into another, one label after the other.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width)
        Label indices; what is free in one of them counts for nothing.
    used : collection of int
        Labels that both speak of.

    Returns
    -------
    ndarray of float, shape (2, height, width), or None
        As `segpaint.core.masks.registration.Deformation.field`, which may fold; None if no simple movement
        gives what was edited.
    """
    found: Field | None = None
    now, known = before, (before != FREE) & (after != FREE)
    for _ in range(MOST):
        best, field = max(
            _mending(now, after, table, used, known), key=lambda rated: rated[0], default=(0.0, None)
        )
        if field is None or best <= 0:
            break
        found = field if found is None else composed(found, field)
        now = Deformation(found).warp_mask(before)
    return found


def _mending(
    before: Values, after: Values, table: LabelTable, used: Collection[int], known: Region
) -> Iterator[tuple[float, Field]]:
    """List simple movements that fit a label, each with how many more pixels agree with the new mask by it."""
    differs = (before != after) & known
    for index in table.indices:
        was, asked = table.shape_of(before, index), table.shape_of(after, index)
        within = was | asked  # with what lies inside the label, which may have to stay
        if index not in used or not (was.any() and asked.any() and (differs & (was != asked)).any()):
            continue
        for worth, field in _candidates(Anatomy(before, table, index), asked):
            still = (Deformation(field).warp_mask(before) != after) & known
            if np.count_nonzero(still & within) <= (1 - FITS) * np.count_nonzero(differs & within):
                yield worth * float(np.count_nonzero(differs) - np.count_nonzero(still)), field


def _candidates(anatomy: Anatomy, asked: Region) -> Iterator[tuple[float, Field]]:
    """List simple movements, each with how much it is worth beside others that do as much."""
    was = anatomy.shape
    wall, enclosed = anatomy.values == anatomy.label, anatomy.enclosed
    centres = [np.argwhere(shape).mean(axis=0) for shape in (was, asked)]
    row, column = (float(_whole(part)) for part in centres[1] - centres[0])
    scale = math.sqrt(asked.sum() / was.sum())
    if math.hypot(row, column) >= SMALLEST:
        yield 1.0, moved(was, (row, column))
        if enclosed.any():
            yield 1.0, moved(was | enclosed, (row, column))
    if abs(scale - 1) >= RESIZED:
        yield RESIZING, moved(was, (row, column), scale)
    yield from _pushes(was, asked)
    inside = hollow(wall, anatomy.values, anatomy.surroundings)
    yield from _outlines(was, asked, [middle(was), *([middle_line(wall)] if inside.any() else [])])
    if inside.any():
        yield from _outlines(wall | inside, asked | inside, [inside])


def _pushes(was: Region, asked: Region) -> Iterator[tuple[float, Field]]:
    """List pushes of a brush that drag a border to the tip of the largest bump or dent."""
    pieces, _ = scipy.ndimage.label(was != asked)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    piece = pieces == sizes.argmax()
    side = was if (piece & ~was).any() else ~was  # the side from which the border was dragged
    distance, nearest = scipy.ndimage.distance_transform_edt(~side, return_indices=True)
    tip = np.unravel_index(np.where(piece & ~side, distance, 0).argmax(), was.shape)
    way = np.array(tip, np.float64) - nearest[:, *tip]
    length = math.hypot(*way)
    if length < FEWEST_PUSHED:
        return
    end = np.array(tip) + 0.5 + way / length / 2
    start = end - way
    # A brush of this radius drags about as large an area: its kernel's integral is 16/15 of the radius.
    radius = 15 / 16 * float(sizes.max()) / length
    for times in PUSH_RADII:
        places = dragged((was.shape[0], was.shape[1]), tuple(start), tuple(end), max(times * radius, 1.0))
        yield 1.0, places - 0.5 - np.indices(was.shape)


def _outlines(was: Region, asked: Region, cores: list[Region]) -> Iterator[tuple[float, Field]]:
    pixels = _whole(_outline_moved(was, asked))
    if abs(pixels) >= SMALLEST:
        for core in cores:
            if core.any():
                yield 1.0, outlined(was, core, pixels)


def _outline_moved(was: Region, asked: Region) -> float:
    """Measure how far outward an outline moved, on average along the new one, in pixels."""
    depth = _signed_distance(was)
    within = asked & scipy.ndimage.binary_dilation(~asked)
    beyond = ~asked & scipy.ndimage.binary_dilation(asked)
    if not (within.any() and beyond.any()):
        return 0.0
    return float(depth[within].mean() + depth[beyond].mean()) / 2


def _whole(pixels: float) -> float:
    """Take a length for whole pixels if it nearly is, as keys and gestures move by whole ones."""
    return round(pixels) if abs(pixels - round(pixels)) <= 0.25 else pixels


def _signed_distance(region: Region) -> NDArray[np.float64]:
    """Measure the distance to a region's outline, which runs between pixels; below 0 inside."""
    return np.where(region, 0.5 - _distance_to(~region), _distance_to(region) - 0.5)


def _distance_to(region: Region) -> NDArray[np.float64]:
    if not region.any():
        return np.full(region.shape, float(max(region.shape)))
    distance: NDArray[np.float64] = scipy.ndimage.distance_transform_edt(~region)
    return distance


def _fading(distance: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Fall from 1 at no distance to 0 at the reach and beyond, along half a wave of the cosine."""
    faded: NDArray[np.float64] = (1 + np.cos(np.pi * np.clip(distance / max(reach, 1e-6), 0, 1))) / 2
    return faded
