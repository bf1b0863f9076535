"""Finds what in a mask is unlike the training masks, and reports it in hints.

Labels left to the model, and what free regions may hold, give no hints.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.requests.checkpoint import Description, LabelStatistics
from segpaint.core.words import percentage

BEYOND = 2.0
"""The factor beyond the 5th to 95th percentile at which an area is reported."""
DEVIATIONS = 4.0
"""The standard deviations from its training centre at which a label is reported, if also `DISTANCE` away."""
DISTANCE = 0.15
"""The share of the image by which every label may move."""
SPECK = 5
"""The smallest island in pixels that is not reported."""
USUAL = 0.9
"""The share of training masks with a label from which its absence is reported."""
CORNERS = np.ones((3, 3), bool)
"""Structure in which a corner connects pixels."""


@dataclass(frozen=True)
class _Found:
    """A label in the smallest box around it and all inside it.

    Attributes
    ----------
    own, shape : ndarray of bool, shape of the box
        Its own pixels, and its pixels with those inside it.
    near_free : ndarray of bool, shape of the box
        Pixels in or beside a free region.
    corner : tuple of int
        First row and column of the box.
    image : tuple of int
        Height and width of the image.
    """

    own: NDArray[np.bool_]
    shape: NDArray[np.bool_]
    near_free: NDArray[np.bool_]
    corner: tuple[int, int]
    image: tuple[int, int]


def find_hints(
    values: NDArray[np.uint8], used: Collection[int], description: Description
) -> dict[int, tuple[str, ...]]:
    """Find the hints for each label, by index; labels without hints are left out.

    As in the statistics, area and centre are those of a label's own pixels.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask.
    used : collection of int
        Labels in use.
    description : Description
        Holds the statistics of the training masks.
    """
    table = description.table
    if description.ignores_mask or not np.isin(values, table.indices).any():
        return {}  # no effect, or nothing painted yet
    free = values == FREE
    has_free = bool(free.any())
    near_free = scipy.ndimage.binary_dilation(free, CORNERS) if has_free else free
    boxes = dict(enumerate(scipy.ndimage.find_objects(values, max_label=FREE), start=1))
    hints: dict[int, tuple[str, ...]] = {}
    for label in table:
        if label.index not in used:
            continue
        where = [boxes[index] for index in table.family(label.index) if boxes[index] is not None]
        if where:
            found = _find(values, label.index, table, near_free, where)
            known = description.statistics.get(label.name)
            sentences = (
                *(_about_own(found, label.name, known, has_free) if known is not None else ()),
                *_about_specks(found, label.name),
            )
        else:
            sentences = tuple(_about_absence(label, description)) if not has_free else ()
        if sentences:
            hints[label.index] = sentences
    return hints


def _find(
    values: NDArray[np.uint8],
    index: int,
    table: LabelTable,
    near_free: NDArray[np.bool_],
    boxes: Sequence[tuple[slice, slice]],
) -> _Found:
    top, left = (min(box[axis].start for box in boxes) for axis in (0, 1))
    bottom, right = (max(box[axis].stop for box in boxes) for axis in (0, 1))
    box = slice(top, bottom), slice(left, right)
    own, shape = values[box] == index, table.shape_of(values[box], index)
    height, width = values.shape
    return _Found(own, shape, near_free[box], (top, left), (height, width))


def _about_absence(label: Label, description: Description) -> Iterator[str]:
    known = description.statistics.get(label.name)
    if known is None and description.statistics:
        return  # no training mask had it either
    todo = (
        "Paint it, or leave it out to let the model decide."
        if description.ablation_trained
        else "Paint it, unless it is meant to be absent."
    )
    if known is None:
        yield f"{label.name} has no pixels, so the model is told that it is nowhere. {todo}"
    elif known.presence >= USUAL:
        yield (
            f"{label.name} is nowhere in the mask; {percentage(known.presence)} of the training masks "
            f"have it. {todo}"
        )


def _about_own(found: _Found, name: str, known: LabelStatistics, has_free: bool) -> Iterator[str]:
    height, width = found.image
    share = np.count_nonzero(found.own) / (height * width)
    low, _, high = known.area
    usual = (
        f"{name} covers {percentage(share)} of the image; in the training masks it is "
        f"{percentage(low).removesuffix(' %')} to {percentage(high)}."
    )
    if share > BEYOND * high:
        yield f"{usual} The model has hardly seen it so large: make it smaller, or expect an odd image."
    if has_free or not share:
        return  # a free region may hold more of it
    if share < low / BEYOND:
        yield f"{usual} The model has hardly seen it so small: make it larger, or expect an odd image."
    ways = _far_away(found, known)
    if ways:
        yield (
            f"{name} lies {' and '.join(ways)} than in the training masks. "
            "Move it back, or expect an odd image."
        )


def _far_away(found: _Found, known: LabelStatistics) -> list[str]:
    """Describe how far and which way a label is from its place in training, if that is far."""
    ways = []
    for axis, (before, after) in enumerate((("higher", "lower"), ("further left", "further right"))):
        along = found.own.sum(axis=1 - axis)
        middle = np.average(np.arange(len(along)) + 0.5, weights=along)
        offset = (found.corner[axis] + middle) / found.image[axis] - known.centre[axis]
        if abs(offset) > max(DEVIATIONS * known.centre_spread[axis], DISTANCE):
            ways.append(f"{percentage(abs(offset))} of the image {before if offset < 0 else after}")
    return ways


def _about_specks(found: _Found, name: str) -> Iterator[str]:
    pieces, count = scipy.ndimage.label(found.shape, CORNERS)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    is_speck = np.zeros(count + 1, bool)
    is_speck[pieces[found.own]] = True  # one of a label inside is reported there
    is_speck &= sizes < SPECK
    is_speck[np.argmax(sizes)] = False  # its largest, or only, piece
    is_speck[pieces[found.near_free]] = False  # a free region may hold more of it
    specks = int(is_speck.sum())
    if not specks:
        return
    row, column = np.argwhere(is_speck[pieces])[0].tolist()
    where = f"column {column + found.corner[1]}, row {row + found.corner[0]}"
    if specks == 1:
        yield (
            f"{name} has a speck of under {SPECK} pixels apart from the rest, at {where}. "
            "Erase it, unless it is meant."
        )
    else:
        yield (
            f"{name} has {specks} specks of under {SPECK} pixels apart from the rest, the first at {where}. "
            "Erase them, unless they are meant."
        )
