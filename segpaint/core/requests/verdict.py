"""The verdict on an edited image: whether it shows the edit, in a segmenter's opinion."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.requests.damage import broken_labels, dice, foreign_pixels, strange_shades
from segpaint.core.words import enumerated, percentage

FOLLOWED, IGNORED = 0.55, 0.2
"""Shares of an edit that is found: at least the first of one that is followed, less than the second if not.

Chosen where the rates of `segpaint.evaluation.verdicts` are best. Of an edit that is half there, half is found.
"""
SMALLEST_EDIT, THINNEST = 12, 2
"""Pixels, and depth in pixels, of an edit of a label that can be judged; borders are found a pixel off."""
NEAR = 1.5
"""Gaussian width in pixels over which what is found may lie beside what was asked for."""
SEEN = 0.6
"""Dice in the reference below which a label is not seen well enough to judge its edit."""


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
    missed, damaged : ndarray of bool, shape (height, width), or None
        The pixels that speak against the edit: those that were edited and are not as asked for, be the edit
        followed or not, and those that are damaged, edited or not. None if there are none.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    missed: NDArray[np.bool_] | None = field(default=None, compare=False, repr=False)
    damaged: NDArray[np.bool_] | None = field(default=None, compare=False, repr=False)

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

    What the segmenter finds in the image is compared with what it finds in the reference, so that its usual
    errors cancel. How much of the asked change this shows is the coefficient of the found change regressed on
    the asked one, both softened. What is too thin to tell, or badly seen in the reference, counts only if it is
    found. Damage is described in `segpaint.core.requests.damage`.

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
    pictures = pair.reference, pair.image, pair.before, pair.after
    damages = [*strange_shades(*pictures, used, table), *foreign_pixels(*pictures)]
    changes: list[_Change] = []
    unjudged: list[str] = []
    small: list[str] = []
    for column, label in enumerate(table):
        if label.index not in used:
            continue
        before, after, found_before, found = (plane[column] & known for plane in planes)
        edited = before ^ after
        if label.index in unreliable:
            unjudged += [f"The segmenter finds {label.name} too badly to judge it."] if edited.any() else []
            continue
        damages += broken_labels(label.name, before, after, found_before, found)
        if not edited.any():
            continue
        change = _Change(label.name, *_responses(before, after, found_before, found), edited & (found ^ after))
        is_small = np.count_nonzero(edited) < SMALLEST_EDIT
        if not is_small and change.share >= FOLLOWED:
            changes.append(change)
        elif is_small or scipy.ndimage.distance_transform_edt(edited).max() < THINNEST:
            small.append(label.name)
        elif before.any() and dice(before, found_before) < SEEN:
            unjudged.append(f"The segmenter finds {label.name} too badly in the reference to judge it.")
        else:
            changes.append(change)
    if not (changes or unjudged or damages):
        return None if np.array_equal(pair.before, pair.after) else _not_judged(small)
    worst_first = sorted(changes, key=lambda change: change.share)
    missed = _united([one.where for one in changes])
    damaged = _united([sign.where for sign in damages])
    sentences = [sign.sentence for sign in damages] + [one.sentence for one in worst_first]
    return Verdict(_outcome(changes, damaged=bool(damages)), (*sentences, *unjudged), missed, damaged)


def _united(places: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_] | None:
    """Return the pixels of all places; None if there are none."""
    united = np.logical_or.reduce(places) if places else None
    return united if united is not None and united.any() else None


@dataclass(frozen=True)
class _Change:
    """How much of the change of one label is found, and how much was asked for, in pixels or so."""

    name: str
    found: float
    asked: float
    where: NDArray[np.bool_]  # in the edit, not as asked for

    @property
    def share(self) -> float:
        return self.found / self.asked

    @property
    def sentence(self) -> str:
        return f"{percentage(min(max(self.share, 0.0), 1.0))} of the change of {self.name} is found."


def _responses(*regions: NDArray[np.bool_]) -> tuple[float, float]:
    """Multiply the asked change of a label with the found one, and with itself."""
    before, after, found_before, found = (region.astype(np.float64) for region in regions)
    asked, moved = (
        scipy.ndimage.gaussian_filter(change, NEAR) for change in (after - before, found - found_before)
    )
    return float((asked * moved).sum()), float((asked * asked).sum())


def _not_judged(edited: Sequence[str]) -> Verdict:
    if not edited:
        return Verdict(Outcome.UNKNOWN, ("No label in use, both before and after, was changed.",))
    needed = f"{THINNEST + 1} pixels thick somewhere, and {SMALLEST_EDIT} pixels in all"
    change = f"The change of {enumerated(edited)} is smaller than the segmenter can tell apart"
    words = f"{change}: it has to be {needed}."
    return Verdict(Outcome.UNKNOWN, (words,))


def _outcome(changes: Sequence[_Change], *, damaged: bool) -> Outcome:
    if damaged:
        return Outcome.DAMAGED
    if not changes:
        return Outcome.UNKNOWN
    shares = [change.share for change in changes]
    whole = sum(change.found for change in changes) / sum(change.asked for change in changes)
    if whole >= FOLLOWED and min(shares) >= IGNORED:
        return Outcome.FOLLOWED
    return Outcome.IGNORED if whole < IGNORED and max(shares) < FOLLOWED else Outcome.PARTLY
