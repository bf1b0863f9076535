"""What in a mask is unlike the masks that a model learnt from: quiet hints, each a sentence.

Nothing is said of a label that is left to the model, nor of what free regions may hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.areas import percentage
from segpaint.core.checkpoint import Description, LabelStatistics
from segpaint.core.labels import FREE, Label

BEYOND = 2.0
"""By this factor an area lies outside the 5th to 95th percentile before it is told of."""
DEVIATIONS = 4.0
"""So many of them from where it was in training, a label is elsewhere..."""
DISTANCE = 0.15
"""...if that is also this share of the image: what never moved in training may move a little."""
SPECK = 5
"""Pixels from which on an island is none."""
USUAL = 0.9
"""Share of the training masks that have a label, from which on its absence is told of."""
CORNERS = np.ones((3, 3), bool)
"""Pixels that touch at a corner only belong together."""


def find_hints(
    values: NDArray[np.uint8], used: Collection[int], description: Description
) -> dict[int, tuple[str, ...]]:
    """What to tell of each label, by its index; those that there is nothing to tell of are left out.

    As in the statistics, area and centre are those of a label's own pixels, without labels inside it.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask.
    used : collection of int
        The labels that are not left to the model.
    description : Description
        Of the model, with the statistics of its training masks.
    """
    table = description.table
    if description.ignores_mask or not np.isin(values, table.indices).any():
        return {}  # it does not matter, or nobody has begun to paint
    free = values == FREE
    found: dict[int, tuple[str, ...]] = {}
    for label in table:
        if label.index not in used:
            continue
        shape = np.isin(values, table.family(label.index))
        if shape.any():
            own = values == label.index
            sentences = (
                *_about_own(own, label.name, description.statistics, free),
                *_about_specks(own, shape, label.name, free),
            )
        else:
            sentences = tuple(_about_absence(label, description)) if not free.any() else ()
        if sentences:
            found[label.index] = sentences
    return found


def _about_absence(label: Label, description: Description) -> Iterator[str]:
    known = description.statistics.get(label.name)
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


def _about_own(
    inside: NDArray[np.bool_], name: str, statistics: dict[str, LabelStatistics], free: NDArray[np.bool_]
) -> Iterator[str]:
    if name not in statistics or not inside.any():
        return
    known, share = statistics[name], float(inside.mean())
    low, _, high = known.area
    usual = (
        f"{name} covers {percentage(share)} of the image; in the training masks it is "
        f"{percentage(low).removesuffix(' %')} to {percentage(high)}."
    )
    if share > BEYOND * high:
        yield f"{usual} The model has hardly seen it so large: make it smaller, or expect an odd image."
    if free.any():
        return  # which may hold more of it
    if share < low / BEYOND:
        yield f"{usual} The model has hardly seen it so small: make it larger, or expect an odd image."
    ways = _far_away(inside, known)
    if ways:
        yield (
            f"{name} lies {' and '.join(ways)} than in the training masks. "
            "Move it back, or expect an odd image."
        )


def _far_away(inside: NDArray[np.bool_], known: LabelStatistics) -> list[str]:
    """How far and which way a label is from where it was in training, if that is far."""
    rows, columns = np.nonzero(inside)
    height, width = inside.shape
    centre = (rows.mean() + 0.5) / height, (columns.mean() + 0.5) / width
    ways = []
    for place, usual, spread, (before, after) in zip(
        centre,
        known.centre,
        known.centre_spread,
        (("higher", "lower"), ("further left", "further right")),
        strict=True,
    ):
        offset = place - usual
        if abs(offset) > max(DEVIATIONS * spread, DISTANCE):
            ways.append(f"{percentage(abs(offset))} of the image {before if offset < 0 else after}")
    return ways


def _about_specks(
    own: NDArray[np.bool_], shape: NDArray[np.bool_], name: str, free: NDArray[np.bool_]
) -> Iterator[str]:
    pieces, count = ndimage.label(shape, CORNERS)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    is_speck = np.zeros(count + 1, bool)
    is_speck[pieces[own]] = True  # one of a label inside is told of there
    is_speck &= sizes < SPECK
    is_speck[np.argmax(sizes)] = False  # its largest, or only, piece
    if free.any():
        is_speck[pieces[ndimage.binary_dilation(free, CORNERS)]] = False  # which may hold more of it
    count = int(is_speck.sum())
    if count:
        row, column = np.argwhere(is_speck[pieces])[0].tolist()
        where = f"column {column}, row {row}"
        if count == 1:
            yield (
                f"{name} has a speck of under {SPECK} pixels apart from the rest, at {where}. "
                "Erase it, unless it is meant."
            )
        else:
            yield (
                f"{name} has {count} specks of under {SPECK} pixels apart from the rest, the first at {where}. "
                "Erase them, unless they are meant."
            )
