"""The deck: which candidates of a set are still to be decided on, and in which order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from segpaint.paired.choices import CHOICES, Choice, Decision, read_choices
from segpaint.paired.plan import Place


@dataclass(frozen=True)
class Counts:
    """How far a set whose pairs are chosen is: how many candidates are taken, and left out."""

    folder: Path
    taken: int
    left: int


class Deck:
    """Candidates in their order; those put off come after the others.

    Parameters
    ----------
    places : iterable of Place
        All candidates.
    choices : iterable of Choice
        The journal of earlier sessions; lines on other candidates are passed over.
    """

    def __init__(self, places: Iterable[Place], choices: Iterable[Choice] = ()) -> None:
        self._undecided = dict.fromkeys(places)  # a set that keeps its order, as the next one
        self._put_off: dict[Place, None] = {}
        self._choices: list[Choice] = []
        known = set(self._undecided)
        for choice in choices:
            if choice.place not in known:
                continue
            if choice.decision is Decision.UNDONE:
                self.withdraw(choice.place)
            else:
                self.decide(choice)

    def __iter__(self) -> Iterator[Place]:
        """Go through the candidates to decide on, in order."""
        yield from self._undecided
        yield from self._put_off

    def __len__(self) -> int:
        """Count the candidates to decide on."""
        return len(self._undecided) + len(self._put_off)

    @property
    def last(self) -> Place | None:
        """The candidate decided on last."""
        return self._choices[-1].place if self._choices else None

    @property
    def last_taken(self) -> Place | None:
        """The candidate taken last."""
        taken = (choice.place for choice in reversed(self._choices) if choice.decision is Decision.TAKEN)
        return next(taken, None)

    def is_put_off(self, place: Place) -> bool:
        """Check whether a candidate comes after those that were not put off."""
        return place in self._put_off

    def in_force(self) -> dict[Place, Choice]:
        """Return the decision in force on each candidate, in the order in which they were made."""
        last = {choice.place: choice for choice in self._choices}
        return {choice.place: choice for choice in self._choices if choice is last[choice.place]}

    def count(self, decision: Decision) -> int:
        """Count the candidates on which this is the decision in force."""
        return sum(choice.decision is decision for choice in self.in_force().values())

    def decide(self, choice: Choice) -> None:
        """Take a decision on a candidate, in place of one that kept it from waiting."""
        place = choice.place
        if place not in self._undecided and place not in self._put_off:
            self.withdraw(place)
        self._undecided.pop(place, None)
        self._put_off.pop(place, None)
        self._choices.append(choice)
        if choice.decision is Decision.LATER:
            self._put_off[place] = None

    def undo(self) -> Place | None:
        """Take the last decision back, and put its candidate first; None if there is none."""
        if not self._choices:
            return None
        place = self._choices[-1].place
        self.withdraw(place)
        return place

    def withdraw(self, place: Place) -> None:
        """Take the last decision on a candidate back, and put it first."""
        for number in reversed(range(len(self._choices))):
            if self._choices[number].place == place:
                del self._choices[number]
                break
        self._put_off.pop(place, None)
        self.add(place)

    def add(self, place: Place) -> None:
        """Put a candidate first."""
        self._undecided.pop(place, None)
        self._undecided = {place: None, **self._undecided}


def count_choices(folder: Path) -> Counts:
    """Count from its journal how far the set in a folder is.

    Raises
    ------
    SegPaintError
        If the journal cannot be read.
    """
    journal = folder / CHOICES
    choices = read_choices(journal) if journal.exists() else []
    deck = Deck((choice.place for choice in choices), choices)
    return Counts(folder, deck.count(Decision.TAKEN), deck.count(Decision.LEFT))
