"""Signs that an edited image is damaged: loose pieces, lost labels, and what the reference has nowhere near."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.core.words import percentage

Region = NDArray[np.bool_]
Pixels = NDArray[np.uint8]
SMALLEST_SHARD = 0.05
"""Share of a label, and at least 8 pixels, from which a loose piece counts."""
MANY = 3
"""So many pieces of a label may become one more, as those of bone do from slice to slice."""
STRANGE, FEWEST_STRANGE = 0.7, 20
"""Share of an edit in a label, and pixels, of a shade that this label does not have in the reference."""
SHADES, TOLERANCE = (10, 90), 10
"""Percentiles between which a label's usual shades lie, and levels beyond them that are usual, too."""
LOSS = 0.25
"""How much less Dice than in the reference marks a label as damaged."""
FINE, GRAIN = 1.0, 1.5
"""Gaussian widths in pixels over which levels, and their deviation, are averaged."""
GIVES_WAY = 3
"""Pixels beyond the width of an edit from which anatomy may have moved."""


class Sign(NamedTuple):
    """A sentence on a sign of damage, and its pixels, ndarray of bool, shape (height, width)."""

    sentence: str
    where: Region


def broken_labels(
    name: str, before: Region, after: Region, found_before: Region, found: Region
) -> Iterator[Sign]:
    """Describe how one label broke: into pieces, or lost although it was not edited.

    Parameters
    ----------
    before, after, found_before, found : ndarray of bool, shape (height, width)
        The label in both masks, and where the segmenter finds it in both images.
    """
    pieces = _pieces(found, after)
    most = max(_pieces(after, after), _pieces(found_before, after))
    if after.any() and pieces > max(most + most // MANY, 1):
        asked = max(_pieces(after, after), 1)
        were = "was" if asked == 1 else "were"
        yield Sign(f"{name} is found in {pieces} pieces, where {asked} {were} asked for.", found ^ after)
    if np.array_equal(before, after) and after.any():
        then, now = dice(before, found_before), dice(after, found)
        if now < then - LOSS:
            words = f"{name} was not edited, and is found less: Dice {now:.2f}, in the reference {then:.2f}."
            yield Sign(words, found ^ after)


def strange_shades(
    reference: Pixels, image: Pixels, before: Pixels, after: Pixels, used: Collection[int], table: LabelTable
) -> Iterator[Sign]:
    """Compare the shades of what was edited with those of the same label, or the background, before."""
    changed = (before != after) & (before != FREE)
    bands = [picture.reshape(*picture.shape[:2], -1) for picture in (reference, image)]
    for value in (BACKGROUND, *(index for index in table.indices if index in used)):
        here, there = changed & (after == value), before == value
        if np.count_nonzero(here) < FEWEST_STRANGE or not there.any():
            continue
        low, high = np.percentile(bands[0][there], SHADES, axis=0)
        seen, earlier = (band[here].astype(np.float64) for band in bands[::-1])
        is_new = np.abs(seen - earlier) > TOLERANCE  # else the edit was ignored, which is no damage
        strange = (is_new & ((seen < low - TOLERANCE) | (seen > high + TOLERANCE))).any(axis=1)
        if np.count_nonzero(strange) >= FEWEST_STRANGE and strange.mean() >= STRANGE:
            name = "background" if value == BACKGROUND else table[value].name
            where = np.zeros_like(changed)
            where[here] = strange
            share = percentage(strange.mean())
            yield Sign(f"{share} of the pixels that became {name} have none of its shades.", where)


def foreign_pixels(reference: Pixels, image: Pixels, before: Pixels, after: Pixels) -> Iterator[Sign]:
    """Find pixels beside the edit that are brighter, darker or rougher than all near them in the reference.

    What gives way to an edit moves by about its width. So each pixel is compared with all from which its
    anatomy may have come. Pixels whose label changed are left to `strange_shades`.
    """
    changed = (before != after) | (before == FREE) | (after == FREE)
    width = 2 * scipy.ndimage.distance_transform_edt(before != after).max()
    side = 2 * (int(np.ceil(width)) + GIVES_WAY) + 1
    foreign = np.zeros(changed.shape, np.bool_)
    for then, now in zip(_bands(reference), _bands(image), strict=True):
        (level, deviation), (new_level, new_deviation) = _texture(then), _texture(now)
        foreign |= new_level > scipy.ndimage.maximum_filter(level, side) + TOLERANCE
        foreign |= new_level < scipy.ndimage.minimum_filter(level, side) - TOLERANCE
        foreign |= new_deviation > scipy.ndimage.maximum_filter(deviation, side) + TOLERANCE
    beside = foreign & ~changed
    count = np.count_nonzero(beside)
    if count >= FEWEST_STRANGE:
        yield Sign(f"{count} pixels beside the edit look like nothing near them in the reference.", beside)


def _bands(picture: Pixels) -> Iterator[NDArray[np.float64]]:
    yield from np.moveaxis(picture.reshape(*picture.shape[:2], -1), -1, 0).astype(np.float64)


def _texture(band: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the local level and the local deviation from it, in grey levels."""
    level = scipy.ndimage.gaussian_filter(band, FINE)
    return level, np.sqrt(scipy.ndimage.gaussian_filter((band - level) ** 2, GRAIN))


def _pieces(region: Region, whole: Region) -> int:
    """Count the pieces that are no specks; corners connect."""
    numbers, _ = scipy.ndimage.label(region, structure=np.ones((3, 3)))
    sizes = np.bincount(numbers.ravel())[1:]
    return int(np.count_nonzero(sizes >= max(8, SMALLEST_SHARD * np.count_nonzero(whole))))


def dice(asked: Region, found: Region) -> float:
    """Compute Dice's coefficient; 1 if both are empty."""
    total = np.count_nonzero(asked) + np.count_nonzero(found)
    return 2 * np.count_nonzero(asked & found) / total if total else 1.0
