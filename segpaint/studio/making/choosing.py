"""Chooses the pairs of a set by eye: candidates are made ahead, looked at, and decided on one by one."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.compiled_files import by_torch
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Request
from segpaint.paired.candidates import edited, reseeded
from segpaint.paired.choices import Choice, Decision
from segpaint.paired.chosen import ChosenSet
from segpaint.paired.deck import Deck
from segpaint.paired.plan import Pair, Place
from segpaint.paired.quotas import Quota
from segpaint.paired.specification import Specification
from segpaint.studio.base.background import Background
from segpaint.studio.making.arriving import Arriving
from segpaint.studio.making.candidate import Candidate
from segpaint.studio.making.lineup import AHEAD, Lineup, Order
from segpaint.studio.runs.jobs import Jobs
from segpaint.studio.runs.runs import Runs

LANE = "chosen pairs"
KEPT = 60
"""Candidates decided on last whose images are kept, to be compared or taken back."""


class Choosing(QObject):
    """Goes through the candidates of one set at a time. Lives on the window's thread.

    Files are written on another thread, in the order of the decisions.
    """

    changed = Signal()
    """A candidate was made or decided on, or the set was opened or closed."""
    moved = Signal()
    """Another candidate is looked at, or this one is made."""
    failed = Signal(object)
    """An exception: the set cannot be opened, or a decision cannot be kept."""

    def __init__(self, runs: Runs, jobs: Jobs, background: Background) -> None:
        super().__init__()
        self._runs, self._jobs, self._background = runs, jobs, background
        self.folder: Path | None = None
        self.wanted = 0
        self.is_opening = False
        self._lineup = Lineup(Deck(()))
        self.current: Candidate | None = None
        self._set: ChosenSet | None = None
        self._arriving: Arriving[ChosenSet] = Arriving()
        self._kept: list[Place] = []  # decided on, the last at the end
        self._asked: dict[int, Candidate] = {}
        self._owed: set[int] = set()
        self._brought: Candidate | None = None
        """With the image of the pair taken last, if that was long ago."""
        self._sought: Place | None = None
        self._since: float | None = None
        jobs.judged.connect(self._on_judged)
        jobs.done.connect(self._on_done)
        jobs.failed.connect(self._on_failed)

    # ---- opening and closing

    @property
    def is_open(self) -> bool:
        """Whether candidates can be decided on."""
        return self._set is not None

    def open(
        self, folder: Path, specification: Specification, given: Mapping[Path, bytes] | None = None
    ) -> None:
        """Begin a set, or go on with one, see `ChosenSet`.

        Raises
        ------
        SegPaintError
            If one is open already, or no model has been loaded yet.
        """
        if self.is_open or self.is_opening:
            raise SegPaintError("Pairs are being chosen already; close that set first.")
        if (precision := self._runs.precision) is None:
            raise SegPaintError("The model is still being loaded; try again in a moment.")
        self.folder, self.is_opening = folder, True
        self.wanted = specification.choosing.wanted if specification.choosing is not None else 0

        def open_set() -> ChosenSet:
            opened = ChosenSet(folder, specification, by_torch(precision), given, specification.folders)
            return self._arriving.keep(opened)

        self._background.start(open_set, self._on_opened, self._on_broken, lane=LANE)
        self.changed.emit()

    @Slot()
    def close(self) -> None:
        """Write the tables of what was taken, and release the folder; the set can be gone on with later."""
        opened, self._set = self._set, None
        self._jobs.drop([*self._asked, *self._owed])
        self._asked, self._owed, self._kept = {}, set(), []
        self.current = self._brought = self._sought = None
        self._line_up(Lineup(Deck(())))
        if opened is not None:
            self._background.start(partial(_sum_up, opened), None, self.failed.emit, lane=LANE)
            self.changed.emit()
            self.moved.emit()

    @Slot()
    def end(self) -> None:
        """Close, and wait until everything is on the disk."""
        self._jobs.judged.disconnect(self._on_judged)
        self._jobs.done.disconnect(self._on_done)
        self._jobs.failed.disconnect(self._on_failed)
        self.close()
        self._background.flush(LANE)
        self._arriving.close()

    def _on_opened(self, opened: ChosenSet) -> None:
        self._arriving.arrive()
        self._set, self.is_opening = opened, False
        self._line_up(Lineup(opened.deck, opened.quotas))
        for pair in opened.owed:
            keep = partial(opened.write, pair)
            self._owed.update(self._jobs.add([pair.request], checkpoint=pair.checkpoint, keep=keep))
        for pair in opened.pairs:
            self._lineup.candidates[pair.place] = Candidate(pair)
        self._go_on()

    def _line_up(self, lineup: Lineup) -> None:
        """Take another lineup, in the order that is chosen."""
        lineup.order, lineup.least = self._lineup.order, self._lineup.least
        self._lineup = lineup

    def _on_broken(self, error: Exception) -> None:
        self.is_opening = False
        self.changed.emit()
        self.failed.emit(error)

    # ---- what there is

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the set."""
        return () if self._set is None else self._set.notes

    @property
    def deck(self) -> Deck:
        """The decisions so far."""
        return self._lineup.deck

    @property
    def ready(self) -> list[Candidate]:
        """Candidates that are made and wait for a decision, in the order in which they come."""
        return self._lineup.ready

    @property
    def last_taken(self) -> Candidate | None:
        """The candidate taken last, with its image; None if there is none, or it is still being read."""
        place = self.deck.last_taken
        known = (None if place is None else self._lineup.candidates.get(place), self._brought)
        return next((one for one in known if one and one.pixels is not None and one.pair.place == place), None)

    @property
    def quotas(self) -> list[Quota]:
        """How many pairs with each trait are taken and wanted."""
        return self._lineup.quotas

    # ---- deciding

    def look_at(self, candidate: Candidate | None) -> None:
        """Look at a candidate."""
        if candidate is not self.current:
            self.current = candidate
            self._since = None
        if self._since is None and candidate is not None and candidate.is_ready:
            self._since = time.monotonic()
        self.moved.emit()

    def decide(self, decision: Decision) -> bool:
        """Decide on the candidate looked at; False if there is none, or it is not made yet."""
        candidate = self.current
        if self._set is None or candidate is None or not candidate.is_ready:
            return False
        if candidate.pixels is None and decision is Decision.TAKEN:
            return False
        pair, looked_at = candidate.pair, time.monotonic() - (self._since or time.monotonic())
        choice = Choice.now(pair.place, decision, looked_at, candidate.dice)
        self.deck.decide(choice)
        self._keep(partial(self._set.decide, pair, choice, candidate.pixels), pair.place)
        if decision is not Decision.LATER:
            self._lineup.made.pop(pair.place, None)
            self._kept.append(pair.place)
            for place in self._kept[:-KEPT]:
                self._lineup.candidates[place] = Candidate(self._lineup.candidates[place].pair)
            del self._kept[:-KEPT]
        self.current = None
        self._go_on()
        return True

    @property
    def can_put_off(self) -> bool:
        """Whether the candidate looked at can be put off: of one that is not made, only if another one is."""
        return self.current is not None and (self.current.is_ready or bool(self.ready))

    def put_off(self) -> bool:
        """Decide later on the candidate looked at; one that is not made comes next as soon as it is."""
        candidate = self.current
        if candidate is None or not self.can_put_off:
            return False
        if candidate.is_ready:
            return self.decide(Decision.LATER)
        self._lineup.passed.add(candidate.pair.place)
        self.look_at(self.ready[0])
        return True

    def undo(self) -> bool:
        """Take the last decision back, and look at its candidate; False if there is none."""
        place = self.deck.undo() if self._set is not None else None
        if self._set is None or place is None:
            return False
        candidate = self._lineup.candidates[place]
        if place in self._kept:
            self._kept.remove(place)
        if candidate.is_ready:
            self._lineup.made = {place: candidate, **self._lineup.made}
        self._keep(partial(self._set.undo, candidate.pair))
        self.look_at(candidate)
        self._feed()
        self._bring_last_taken()
        self.changed.emit()
        return True

    def reseed(self) -> bool:
        """Leave the candidate looked at, and look at one with the next seed; False if there is none."""
        candidate = self.current
        if candidate is None or not self.decide(Decision.LEFT):
            return False
        self._add(reseeded(candidate.pair, self._lineup.candidates))
        return True

    def take_edited(self, candidate: Candidate, mask: NDArray[np.uint8], used: tuple[int, ...]) -> None:
        """Put an edited mask into the deck, made like the candidate that it was edited from.

        Parameters
        ----------
        mask : ndarray of uint8, shape (height, width)
        used : tuple of int
            Labels in use.

        Raises
        ------
        SegPaintError
            If the model cannot make it.
        """
        pair, before = candidate.pair, candidate.pair.request
        request = Request.ask(
            pair.checkpoint, mask, before.precision, used, seed=before.seed, attributes=before.attributes,
            sampler=before.sampler, steps=before.steps, guidance=before.guidance,
        )  # fmt: skip
        request.check_training(pair.checkpoint.description)
        self._add(edited(pair, request, self._lineup.candidates))

    def set_order(self, order: Order, least: float) -> None:
        """Change which candidates come next: by order, and those alone that reach a Dice, 0 to 1."""
        self._lineup.order, self._lineup.least = order, least
        self.current = None
        self._go_on()

    def _add(self, pair: Pair) -> None:
        if self._set is None:
            return
        self._lineup.candidates[pair.place] = Candidate(pair)
        self.deck.add(pair.place)
        self._set.quotas.add(pair)
        self._keep(partial(self._set.add, pair))
        self.look_at(self._lineup.candidates[pair.place])
        self._feed()
        self.changed.emit()

    def _keep(self, work: Callable[[], object], place: Place | None = None) -> None:
        """Write on another thread; a decision that cannot be kept is taken back."""

        def take_back(error: Exception) -> None:
            if place is not None and place in self._lineup.candidates:
                self.deck.withdraw(place)
                if self._lineup.candidates[place].is_ready:
                    self._lineup.made[place] = self._lineup.candidates[place]
                self._go_on()
            self.failed.emit(error)

        self._background.start(work, None, take_back, lane=LANE)

    # ---- making

    def _go_on(self) -> None:
        """Ask for candidates, and look at the next one."""
        if self.current is None:
            self.look_at(self._lineup.next())
        self._feed()
        self._bring_last_taken()
        self.changed.emit()

    def _feed(self) -> None:
        """Ask for the image that somebody waits for, however many others are made, and for the next ones."""
        under_way = {candidate.pair.place for candidate in self._asked.values()}
        if self.current is not None and not self.current.is_ready and self.current.pair.place not in under_way:
            self._ask_for(self.current, first=True)
            under_way.add(self.current.pair.place)
        ahead = 0
        for candidate in self._lineup.coming():
            if candidate.is_ready and not self._lineup.reaches(candidate):
                continue
            if not candidate.is_ready and candidate.pair.place not in under_way:
                self._ask_for(candidate)
            ahead += 1
            if ahead >= AHEAD:
                return

    def _bring_last_taken(self) -> None:
        """Read the image of the pair taken last, if that was long ago, or in another session."""
        place = self.deck.last_taken
        if self._set is None or place is None or place == self._sought or self.last_taken is not None:
            return
        self._sought, pair = place, self._lineup.candidates[place].pair

        def show(pixels: NDArray[np.uint8]) -> None:
            self._brought = Candidate(pair, pixels)
            self.moved.emit()

        self._background.start(partial(self._set.image_of, pair), show, _no_image, lane=LANE)

    def _ask_for(self, candidate: Candidate, *, first: bool = False) -> None:
        pair = candidate.pair
        (ticket,) = self._jobs.add([pair.request], checkpoint=pair.checkpoint, judge=True, first=first)
        self._asked[ticket] = candidate

    @Slot(int, object)
    def _on_judged(self, ticket: int, judgement: Judgement) -> None:
        if ticket in self._asked:
            self._asked[ticket].judgement = judgement

    @Slot(int, object)
    def _on_done(self, ticket: int, pixels: NDArray[np.uint8]) -> None:
        self._owed.discard(ticket)
        candidate = self._asked.pop(ticket, None)
        if candidate is not None:
            candidate.pixels = pixels
            self._on_ready(candidate)

    @Slot(int, object)
    def _on_failed(self, ticket: int, error: Exception) -> None:
        if ticket in self._owed:
            self._owed.discard(ticket)
            self.failed.emit(error)
        candidate = self._asked.pop(ticket, None)
        if candidate is not None:
            candidate.error = str(error)
            self._on_ready(candidate)

    def _on_ready(self, candidate: Candidate) -> None:
        self._lineup.made[candidate.pair.place] = candidate
        self._lineup.passed.discard(candidate.pair.place)
        if candidate is self.current and not self._lineup.reaches(candidate):
            self.current = None
        elif candidate is self.current:
            self.look_at(candidate)
        self._go_on()


def _no_image(_error: Exception) -> None:
    """Show nothing to compare with: the pair is owed, and is made again."""


def _sum_up(opened: ChosenSet) -> None:
    try:
        opened.sum_up()
    finally:
        opened.close()
