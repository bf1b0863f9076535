"""The lineup of a deck: which candidate comes next, made or not."""

from collections.abc import Callable, Iterator
from enum import Enum

from segpaint.paired.choices import Decision
from segpaint.paired.deck import Deck
from segpaint.paired.plan import Place
from segpaint.paired.quotas import Quota, Quotas
from segpaint.studio.making.candidate import Candidate

AHEAD = 20
"""Candidates that are made ahead of the one looked at."""


class Order(Enum):
    """Which candidate comes next."""

    LACKING = "Empty bars first"
    PLANNED = "As planned"
    BEST = "Most faithful first"
    WORST = "Least faithful first"

    def __str__(self) -> str:
        return self.value


class Lineup:
    """Lines up the candidates of a deck that are to be decided on.

    Parameters
    ----------
    deck : Deck
    quotas : Quotas, optional
        Of which the order may look at the empty ones.

    Attributes
    ----------
    candidates : dict of Place to Candidate
        All of the deck.
    made : dict of Place to Candidate
        Those that are made and wait for a decision.
    passed : set of Place
        Those that are not waited for while others are made.
    order : Order
    least : float
        The Dice, 0 to 1, that a candidate reaches at least.
    """

    def __init__(self, deck: Deck, quotas: Quotas | None = None) -> None:
        self.deck, self._quotas = deck, quotas
        self.candidates: dict[Place, Candidate] = {}
        self.made: dict[Place, Candidate] = {}
        self.passed: set[Place] = set()
        self.order, self.least = Order.LACKING, 0.0

    @property
    def quotas(self) -> list[Quota]:
        """How many pairs with each trait are taken and wanted."""
        return [] if self._quotas is None else self._quotas.count(self._taken)

    @property
    def ready(self) -> list[Candidate]:
        """Candidates that are made and wait for a decision, in the order in which they come."""
        sign = {Order.BEST: -1, Order.WORST: 1}.get(self.order, 0)
        full, _ = self._full

        def rank(candidate: Candidate) -> tuple[bool, float, float]:
            place = candidate.pair.place
            second = candidate.dice is None if sign else full(place)
            return self.deck.is_put_off(place), second, sign * (candidate.dice or 0)

        return sorted(filter(self.reaches, self.made.values()), key=rank)

    def reaches(self, candidate: Candidate) -> bool:
        """Check whether a candidate is as faithful as is wanted, as far as that is known."""
        return candidate.dice is None or candidate.dice >= self.least

    def next(self) -> Candidate | None:
        """Find the candidate to look at: the first in the order that is chosen, made or not."""
        if self.order in (Order.BEST, Order.WORST) and (ready := self.ready):
            return ready[0]
        waits: Candidate | None = None
        for candidate in self.coming():
            if not candidate.is_ready and candidate.pair.place in self.passed:
                waits = waits or candidate
            elif not candidate.is_ready or self.reaches(candidate):
                return candidate
        return waits

    def coming(self) -> Iterator[Candidate]:
        """Go through the candidates to decide on; those come first of which bars are empty still."""
        full, least = self._full
        found: dict[tuple[bool, int], list[Place]] = {}
        rest = iter(self.deck)
        first = found.setdefault((False, least), [])
        for place in rest:
            found.setdefault((self.deck.is_put_off(place), full(place)), []).append(place)
            if len(first) > AHEAD + len(self.made):
                break  # of very many, no more are looked at than are soon made
        for rank in sorted(found):
            yield from map(self.candidates.__getitem__, found[rank])
        yield from map(self.candidates.__getitem__, rest)

    @property
    def _taken(self) -> list[Place]:
        decisions = self.deck.in_force().items()
        return [place for place, choice in decisions if choice.decision is Decision.TAKEN]

    @property
    def _full(self) -> tuple[Callable[[Place], int], int]:
        """How many quotas of a candidate are full; none count where the order does not look at them."""
        if self._quotas is None or self.order is Order.PLANNED:
            return (lambda _place: 0), 0
        return self._quotas.full(self._taken)
