"""Gestures on the shape of one label, and the one rule for what they cover and what they vacate.

Each gesture is a pure function from a mask to a whole new mask; `Mask.edit_to` makes an edit of it.
The shape of a label is the label with all that lie inside it. The edge of the mask is no border:
a shape that it cuts off goes on beyond it, so it neither shrinks from there nor is smoothed there.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import watershed

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable


class Side(StrEnum):
    """Where a wall grows to."""

    INWARD = "inward"
    OUTWARD = "outward"
    BOTH = "both"


def shape_of(values: NDArray[np.uint8], table: LabelTable, label: int) -> NDArray[np.bool_]:
    """Where a label is, or one that lies inside it; bool, the shape of the mask."""
    return np.isin(values, table.family(label))


def enclosed_by(values: NDArray[np.uint8], table: LabelTable, label: int) -> NDArray[np.bool_]:
    """Where other labels, or free regions, are that a label's shape encloses, as a wall does its cavity.

    Those that it lies inside itself are none of them.

    Returns
    -------
    ndarray of bool, shape (height, width)
    """
    shape = shape_of(values, table, label)
    holes: NDArray[np.bool_] = ndimage.binary_fill_holes(shape) & ~shape
    return holes & ~np.isin(values, (BACKGROUND, *table.ancestors(label)))


def settle(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    placed: NDArray[np.uint8],
    locked: Collection[int] = (),
    whole: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Put a label in another place, and give away what it leaves.

    Locked labels neither lose nor gain a pixel. What is covered takes the label. What is vacated
    goes to the label's parent; where it has none, to the nearest neighbour that is not locked, the
    background or a free region among them, as reached through what is vacated. A pixel that nobody
    may have stays as it was: there never is a hole.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask before.
    table : LabelTable
    label : int
        Index of the label.
    placed : ndarray of uint8, shape (height, width)
        The label and those inside it as they are to be, 0 elsewhere.
    locked : collection of int
        Values of the mask that do not change; if the label is among them, nothing does.
    whole : ndarray of bool, shape (height, width), optional
        Where that which is placed was before; the label's shape if left out.

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    settled = values.copy()
    if label in locked:
        return settled
    if whole is None:
        whole = shape_of(values, table, label)
    held, there = np.isin(values, list(locked)), placed != BACKGROUND
    covered = there & ~held
    settled[covered] = placed[covered]
    vacated = whole & ~there & ~held
    parent = table[label].parent
    if parent is None:
        _give_to_neighbours(settled, vacated, ~(whole | there | held))
    elif parent not in locked:
        settled[vacated] = parent
    return settled


def _give_to_neighbours(
    values: NDArray[np.uint8], vacated: NDArray[np.bool_], neighbours: NDArray[np.bool_]
) -> None:
    if not vacated.any() or not neighbours.any():
        return
    # Flooding rather than the nearest pixel as the crow flies: that one may lie behind a locked wall.
    # Only the pixels beside what is vacated give to it; with others among them the flood takes longer,
    # and settles ties otherwise.
    near = tuple(slice(max(0, int(places.min()) - 1), int(places.max()) + 2) for places in np.nonzero(vacated))
    part, empty = values[near], vacated[near]
    sources = np.where(neighbours[near], part.astype(np.int32) + 1, 0)
    flooded = watershed(np.zeros(part.shape, np.uint8), sources, mask=empty | neighbours[near])
    reached = empty & (flooded > 0)
    part[reached] = flooded[reached] - 1


def grow(
    values: NDArray[np.uint8], table: LabelTable, label: int, pixels: float, locked: Collection[int] = ()
) -> NDArray[np.uint8]:
    """Grow a label's outline with a round element; labels inside it stay as they are.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    pixels : float
        From 0 on. A pixel comes in if its centre lies so near to one of the label's.
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    whole = shape_of(values, table, label)
    part = _around(whole, _not_negative(pixels))
    near = np.zeros_like(whole)
    near[part] = _distance_to(whole[part]) <= pixels
    return _outlined(values, table, label, near, locked)


def shrink(
    values: NDArray[np.uint8], table: LabelTable, label: int, pixels: float, locked: Collection[int] = ()
) -> NDArray[np.uint8]:
    """Shrink a label's outline with a round element.

    Labels inside it keep their pixels up to the new outline, which cuts them off: none is left
    outside the label that it lies inside. A locked one stays whole.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    pixels : float
        From 0 on. A pixel goes if its centre lies so near to one outside the label.
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    whole = shape_of(values, table, label)
    part = _around(whole, 1)
    deep = np.zeros_like(whole)
    deep[part] = _distance_to(~whole[part]) > _not_negative(pixels)
    return _outlined(values, table, label, deep, locked)


def thicken(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    pixels: float,
    side: Side,
    locked: Collection[int] = (),
) -> NDArray[np.uint8]:
    """Thicken a wall: a label that encloses something.

    Inward it grows into all that its own pixels enclose, whatever label that has, also one that lies
    inside it; a label that encloses nothing does not grow inward. Outward it grows around.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    pixels : float
        On each side, from 0 on.
    side : Side
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    part = _around(values == label, _not_negative(pixels))
    wall = values[part] == label
    enclosed = ndimage.binary_fill_holes(wall) & ~wall
    added = ~wall & (_distance_to(wall) <= pixels)
    if side is Side.INWARD:
        added &= enclosed
    elif side is Side.OUTWARD:
        added &= ~enclosed
    placed = np.where(shape_of(values, table, label), values, BACKGROUND)
    placed[part][added] = label
    return settle(values, table, label, placed, locked)


def smooth(
    values: NDArray[np.uint8], table: LabelTable, label: int, pixels: float, locked: Collection[int] = ()
) -> NDArray[np.uint8]:
    """Smooth a label's outline, keeping its area.

    The signed distance to the outline is blurred, and cut at the level that leaves as many pixels as
    there were. Labels inside it are cut off by the new outline, as by `shrink`.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    pixels : float
        Standard deviation of the Gaussian, from 0 on; details smaller than that go.
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    whole = shape_of(values, table, label)
    area = np.count_nonzero(whole)
    if area in (0, whole.size):
        return values.copy()
    # The filter looks four standard deviations far: what is twice as far off is neither in nor of influence.
    part = _around(whole, 8 * _not_negative(pixels))
    signed = _distance_to(~whole[part]) - _distance_to(whole[part])
    blurred = ndimage.gaussian_filter(signed, pixels, mode="nearest")
    level = np.partition(blurred, blurred.size - area, axis=None)[blurred.size - area]
    smoothed = np.zeros_like(whole)
    smoothed[part] = blurred >= level
    return _outlined(values, table, label, smoothed, locked)


def islands(values: NDArray[np.uint8], table: LabelTable, label: int) -> NDArray[np.intp]:
    """The pieces of a label's shape, numbered from the largest on.

    Returns
    -------
    ndarray of int, shape (height, width)
        1 on the largest piece, 2 on the next, and so on, 0 elsewhere. Pixels that touch at a corner only
        belong to different pieces.
    """
    found, count = ndimage.label(shape_of(values, table, label))
    sizes = np.bincount(found.ravel(), minlength=count + 1)[1:]
    numbers = np.zeros(count + 1, np.intp)
    numbers[1 + np.argsort(-sizes, kind="stable")] = np.arange(1, count + 1)
    pieces: NDArray[np.intp] = numbers[found]
    return pieces


def remove_islands(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    smallest: int | None = None,
    locked: Collection[int] = (),
) -> NDArray[np.uint8]:
    """Remove the small pieces of a label, with all that lies inside them.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    smallest : int or None
        Pixels of the smallest piece that stays; None keeps the largest piece alone.
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    pieces = islands(values, table, label)
    sizes = np.bincount(pieces.ravel())[1:]
    kept = min(1, len(sizes)) if smallest is None else np.count_nonzero(sizes >= smallest)
    return _outlined(values, table, label, (pieces > 0) & (pieces <= kept), locked)


def take_island(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    number: int,
    target: int | None,
    locked: Collection[int] = (),
) -> NDArray[np.uint8]:
    """Take one piece of a label away, or give it to another.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    number : int
        Of the piece, from 1 on, the largest first. Nothing changes where there are not so many, or one
        alone: that is the label itself.
    target : int or None
        Who gets the label's own pixels in it; None removes it with all that lies inside it.
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    pieces = islands(values, table, label)
    if pieces.max(initial=0) < 2:
        return values.copy()
    piece = (pieces == number) & (pieces > 0)
    if target is None:
        return _outlined(values, table, label, (pieces > 0) & ~piece, locked)
    given = values.copy()
    if label not in locked and target not in locked:
        given[piece & (values == label)] = target
    return given


def fill_holes(
    values: NDArray[np.uint8], table: LabelTable, label: int, locked: Collection[int] = ()
) -> NDArray[np.uint8]:
    """Fill the gaps in a label's shape.

    A gap is background, a free region or a label that this one lies inside, and enclosed by it. What
    other labels have stays: a wall does not swallow its cavity.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    table : LabelTable
    label : int
    locked : collection of int

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    shape = shape_of(values, table, label)
    gaps = ndimage.binary_fill_holes(shape) & np.isin(values, (BACKGROUND, FREE, *table.ancestors(label)))
    return _outlined(values, table, label, shape | gaps, locked)


def _outlined(
    values: NDArray[np.uint8],
    table: LabelTable,
    label: int,
    region: NDArray[np.bool_],
    locked: Collection[int],
) -> NDArray[np.uint8]:
    """Another outline for a label; what lies inside both the old and the new one stays."""
    inside = np.where(shape_of(values, table, label), values, np.uint8(label))
    return settle(values, table, label, np.where(region, inside, np.uint8(BACKGROUND)), locked)


def _around(region: NDArray[np.bool_], pixels: float) -> tuple[slice, slice]:
    """The part of the mask that is no further away from a region, and a pixel more; empty if the region is."""
    margin = math.ceil(pixels) + 1
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0), slice(0)
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )


def _distance_to(region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """From the centre of each pixel to the nearest of the region; infinite where that is empty."""
    if not region.any():
        return np.full(region.shape, np.inf)
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(~region)
    return distance


def _not_negative(pixels: float) -> float:
    if not pixels >= 0:
        raise ValueError(f"the pixels are {pixels}; they begin at 0")
    return pixels
