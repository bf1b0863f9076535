"""The verdict on an edited image: whether it shows the edit, in a segmenter's opinion."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.core.words import percentage

FOLLOWED, IGNORED = 2 / 3, 1 / 3
"""Shares of an edit that is found: at least the first of one that is followed, less than the second if not."""
SMALLEST_EDIT = 12
"""Pixels of an edit of a label that can be judged; borders are found a pixel off."""
SMALLEST_SHARD = 0.03
"""Share of a label, and at least 4 pixels, from which a loose piece counts."""
STRANGE, FEWEST_STRANGE = 0.5, 20
"""Share of an edit in a label, and pixels, of a shade that this label does not have in the reference."""
SHADES, TOLERANCE = (10, 90), 10
"""Percentiles between which a label's usual shades lie, and levels beyond them that are usual, too."""
LOSS = 0.25
"""How much less Dice than in the reference marks a label as damaged."""


class Outcome(Enum):
    """How an edit turned out."""

    FOLLOWED = "The edit is followed"
    PARTLY = "The edit is followed in part"
    IGNORED = "The edit is not followed"
    DAMAGED = "The image is damaged"
    UNKNOWN = "The edit cannot be judged"


@dataclass(frozen=True)
class Verdict:
    """A segmenter's opinion of an edit.

    Attributes
    ----------
    reasons : tuple of str
        Sentences, one for each label that was edited or broke, the worst first.
    """

    outcome: Outcome
    reasons: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The outcome with its reasons, and whose opinion it is."""
        judged = " by the segmenter" if self.outcome is Outcome.UNKNOWN else ", in the segmenter's opinion"
        return " ".join([f"{self.outcome.value}{judged}.", *self.reasons])


@dataclass(frozen=True)
class EditedPair:
    """What was asked for, what is found, and what is seen, before and after an edit.

    Attributes
    ----------
    reference, image : ndarray of uint8, shape (height, width) or (height, width, 3)
    before, after : ndarray of uint8, shape (height, width)
        The masks of the reference and of the request.
    found_before, found : ndarray of bool, shape (labels, height, width)
        Where the segmenter finds each label, with those inside it, in the reference and in the image.
    """

    reference: NDArray[np.uint8]
    image: NDArray[np.uint8]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    found_before: NDArray[np.bool_]
    found: NDArray[np.bool_]


def judge_edit(
    pair: EditedPair, used: Collection[int], table: LabelTable, unreliable: Collection[int] = ()
) -> Verdict | None:
    """Hold an edited image against its edit.

    Of the pixels that the edit changed in a label, those count as followed on which the segmenter agrees with
    the new mask rather than with the old one. An image is damaged if a label falls into more pieces than were
    asked for and than it had before, or if one that was not edited is found far less than before. It is, too,
    if what was edited has shades that its label does not have in the reference.

    Parameters
    ----------
    used : collection of int
        Labels in use both before and after.
    table : LabelTable
        The segmenter's labels.
    unreliable : collection of int
        Labels that the segmenter finds too badly to judge them.

    Returns
    -------
    Verdict or None
        None if nothing was edited.
    """
    known = (pair.before != FREE) & (pair.after != FREE)
    asked = [table.planes(mask) for mask in (pair.before, pair.after)]
    planes = [*asked, pair.found_before, pair.found]
    shares: list[float] = []
    edits: list[tuple[float, str]] = []
    damages = [*_strange_shades(pair, used, table)]
    unjudged: list[str] = []
    edited: list[str] = []
    for column, label in enumerate(table):
        if label.index not in used:
            continue
        before, after, found_before, found = (plane[column] & known for plane in planes)
        changed = int(np.count_nonzero(before ^ after))
        edited += [label.name] if changed else []
        if label.index in unreliable:
            unjudged += [f"The segmenter finds {label.name} too badly to judge it."] if changed else []
            continue
        damages += _damages(label.name, before, after, found_before, found)
        if changed >= SMALLEST_EDIT:
            share = np.count_nonzero((before ^ after) & (found == after)) / changed
            shares.append(share)
            edits.append((share, f"{percentage(share)} of the change of {label.name} is found."))
    if not (shares or unjudged or damages):
        return None if np.array_equal(pair.before, pair.after) else _not_judged(edited)
    worst_first = [reason for _, reason in sorted(edits)]
    return Verdict(_outcome(shares, damaged=bool(damages)), (*damages, *worst_first, *unjudged))


def _not_judged(edited: Sequence[str]) -> Verdict:
    if not edited:
        return Verdict(Outcome.UNKNOWN, ("No label in use, both before and after, was changed.",))
    names = " and ".join(filter(None, (", ".join(edited[:-1]), edited[-1])))
    return Verdict(Outcome.UNKNOWN, (f"The change of {names} is smaller than the segmenter can tell apart.",))


def _outcome(shares: list[float], *, damaged: bool) -> Outcome:
    if damaged:
        return Outcome.DAMAGED
    if not shares:
        return Outcome.UNKNOWN
    if min(shares) >= FOLLOWED:
        return Outcome.FOLLOWED
    return Outcome.IGNORED if max(shares) < IGNORED else Outcome.PARTLY


def _damages(
    name: str,
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    found_before: NDArray[np.bool_],
    found: NDArray[np.bool_],
) -> Iterator[str]:
    pieces = _pieces(found, after)
    most = max(_pieces(after, after), _pieces(found_before, after))
    if after.any() and pieces > max(most, 1):
        asked = max(_pieces(after, after), 1)
        yield f"{name} is found in {pieces} pieces, where {asked} {'was' if asked == 1 else 'were'} asked for."
    if np.array_equal(before, after) and after.any():
        then, now = _dice(before, found_before), _dice(after, found)
        if now < then - LOSS:
            yield f"{name} was not edited, and is found less: Dice {now:.2f}, in the reference {then:.2f}."


def _strange_shades(pair: EditedPair, used: Collection[int], table: LabelTable) -> Iterator[str]:
    """Compare the shades of what was edited with those of the same label, or the background, before."""
    changed = (pair.before != pair.after) & (pair.before != FREE)
    bands = [picture.reshape(*picture.shape[:2], -1) for picture in (pair.reference, pair.image)]
    for value in (BACKGROUND, *(index for index in table.indices if index in used)):
        here, there = changed & (pair.after == value), pair.before == value
        if np.count_nonzero(here) < FEWEST_STRANGE or not there.any():
            continue
        low, high = np.percentile(bands[0][there], SHADES, axis=0)
        seen, earlier = (band[here].astype(np.float64) for band in bands[::-1])
        is_new = np.abs(seen - earlier) > TOLERANCE  # else the edit was ignored, which is no damage
        strange = (is_new & ((seen < low - TOLERANCE) | (seen > high + TOLERANCE))).any(axis=1)
        if np.count_nonzero(strange) >= FEWEST_STRANGE and strange.mean() >= STRANGE:
            name = "background" if value == BACKGROUND else table[value].name
            yield f"{percentage(strange.mean())} of the pixels that became {name} have none of its shades."


def _pieces(region: NDArray[np.bool_], whole: NDArray[np.bool_]) -> int:
    """Count the pieces that are no specks; corners connect."""
    numbers, _ = ndimage.label(region, structure=np.ones((3, 3)))
    sizes = np.bincount(numbers.ravel())[1:]
    return int(np.count_nonzero(sizes >= max(4, SMALLEST_SHARD * np.count_nonzero(whole))))


def _dice(asked: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    total = np.count_nonzero(asked) + np.count_nonzero(found)
    return 2 * np.count_nonzero(asked & found) / total if total else 1.0
