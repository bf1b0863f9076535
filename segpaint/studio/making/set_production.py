"""Makes a paired set while the window is used: progress, pause, cancel."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from functools import partial
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.compiled_files import by_torch
from segpaint.studio.base.background import Background
from segpaint.studio.making.arriving import Arriving
from segpaint.studio.runs.jobs import Jobs
from segpaint.studio.runs.runs import Runs

if TYPE_CHECKING:
    from segpaint.paired.making import Planned, Productive
    from segpaint.paired.plan import Place
    from segpaint.paired.specification import Specification

LANE = "paired sets"
AHEAD = 2
"""Images requested from the worker at a time, so that it never waits for the next one."""
RECENT = 15
"""Recent images whose median time is used to estimate the remaining time."""


class SetState(Enum):
    """The state of a production."""

    NONE = "none"
    OPENING = "opening"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSING = "closing"
    FINISHED = "finished"
    STOPPED = "stopped"


class Production(QObject):
    """Makes one set at a time. Lives on the window's thread; files are written on others.

    Parameters
    ----------
    jobs : Jobs
        Makes the images whenever no run is playing.
    kind : str
        What kind of set it makes, for sentences.
    """

    changed = Signal()
    failed = Signal(object)
    """An exception. Finished images are kept; if the set could be opened, it is paused."""

    def __init__(self, runs: Runs, jobs: Jobs, background: Background, kind: str = "paired set") -> None:
        super().__init__()
        self._runs, self._jobs, self._background = runs, jobs, background
        self.kind = kind
        self.progress = SetState.NONE
        self.folder: Path | None = None
        self.notes: tuple[str, ...] = ()
        self.count = 0
        """Number of images, once the set is open."""
        self.done = 0
        """Number of finished images."""
        self._early: set[Place] = set()  # finished although they were taken back
        self._set: Productive[Any] | None = None
        self._arriving: Arriving[Productive[Any]] = Arriving()
        self._coming: Iterator[Planned] = iter(())
        self._waiting: deque[Planned] = deque()  # taken back; they come first
        self._asked: dict[int, Planned] = {}
        self._taken_back: dict[int, Planned] = {}
        self._times: deque[float] = deque(maxlen=RECENT)
        self._since = 0.0
        self._is_cancelled = False
        jobs.done.connect(self._on_done)
        jobs.failed.connect(self._on_failed)

    @property
    def is_active(self) -> bool:
        """Whether a set is in production or paused."""
        return self.progress in (SetState.OPENING, SetState.RUNNING, SetState.PAUSED, SetState.CLOSING)

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds left, from the last few images; None before the first."""
        return median(self._times) * (self.count - self.done) if self._times else None

    def start(
        self, folder: Path, specification: Specification, given: Mapping[Path, bytes] | None = None
    ) -> None:
        """Begin a set, or continue one, see `PairedSet`.

        Raises
        ------
        SegPaintError
            If another one is under way, or no model has been loaded yet.
        """
        from segpaint.paired.store import PairedSet

        precision = by_torch(self._runs.precision or "float32")
        self.begin(folder, partial(PairedSet, folder, specification, precision, given, specification.folders))

    def begin(self, folder: Path, opening: Callable[[], Productive[Any]]) -> None:
        """Begin a set, or continue one.

        Parameters
        ----------
        opening : callable
            Opens the set, on another thread.

        Raises
        ------
        SegPaintError
            If another one is under way, or no model has been loaded yet.
        """
        if self.is_active:
            raise SegPaintError(f"A {self.kind} is being made already; wait for it, or cancel it.")
        if self._runs.precision is None:
            raise SegPaintError("The model is still being loaded; try again in a moment.")
        self.folder, self.notes, self.count = folder, (), 0
        self.done, self._is_cancelled = 0, False
        self._early.clear()
        self._taken_back.clear()  # what ends late is counted with the files, or made again
        self._times.clear()
        self._set_progress(SetState.OPENING)

        def open_set() -> tuple[Productive[Any], Iterator[Planned]]:
            found = _open(opening)
            self._arriving.keep(found[0])
            return found

        self._background.start(open_set, self._on_opened, self._on_broken, lane=LANE)

    @Slot()
    def pause(self) -> None:
        """Make no more images for now; the current one is begun again later."""
        if self.progress is SetState.RUNNING:
            self._take_back()
            self._set_progress(SetState.PAUSED)

    @Slot()
    def resume(self) -> None:
        """Go on."""
        if self.progress is SetState.PAUSED:
            self._run()

    @Slot()
    def cancel(self) -> None:
        """Make no more images; the finished ones stay, and the set can be continued later."""
        self._is_cancelled = True
        if self.progress in (SetState.RUNNING, SetState.PAUSED):
            self._take_back()
            self._close()

    @Slot()
    def close(self) -> None:
        """Release the set at once, since the window closes; its tables are written later."""
        self._jobs.done.disconnect(self._on_done)
        self._jobs.failed.disconnect(self._on_failed)
        self._is_cancelled = True
        self._take_back()
        self._background.flush(LANE)
        if self._set is not None:
            self._arriving.keep(self._set)
            self._set = None
        self._arriving.close()

    # ---- on this thread

    def _on_opened(self, found: tuple[Productive[Any], Iterator[Planned]]) -> None:
        self._set, self._coming = opened, _ = found
        self._arriving.arrive()
        self.notes, self.count = opened.notes, len(opened.pairs)
        self._waiting.clear()
        self.done = self.count - len(opened.missing)
        if self._is_cancelled:
            self._close()
        else:
            self._run()

    def _run(self) -> None:
        self._since = time.perf_counter()
        self._set_progress(SetState.RUNNING)
        self._feed()

    def _feed(self) -> None:
        """Request the next images, or close the set after the last."""
        if self._set is None:
            return
        while len(self._asked) < AHEAD:
            pair = self._waiting.popleft() if self._waiting else next(self._coming, None)
            if pair is None:
                break
            keep = partial(self._set.write, pair)
            (ticket,) = self._jobs.add(
                [pair.request], checkpoint=pair.checkpoint, keep=keep, judge=self._set.judges
            )
            self._asked[ticket] = pair
        if not self._asked:
            self._close()

    def _take_back(self) -> None:
        """Withdraw all requests, even for the current image, which may be finished all the same."""
        self._jobs.drop(self._asked)
        self._waiting.extendleft(reversed(self._asked.values()))
        self._taken_back.update(self._asked)
        self._asked.clear()

    @Slot(int, object)
    def _on_done(self, ticket: int, _pixels: object) -> None:
        if ticket in self._taken_back:
            pair = self._taken_back.pop(ticket)
            is_new = pair.place not in self._early
            self._early.add(pair.place)
            with suppress(ValueError):
                self._waiting.remove(pair)
        elif ticket in self._asked:
            pair = self._asked.pop(ticket)
            is_new = pair.place not in self._early
            now = time.perf_counter()
            self._times.append(now - self._since)
            self._since = now
        else:
            return
        self.done += is_new
        self.changed.emit()
        if self.progress is SetState.RUNNING:
            self._feed()

    @Slot(int, object)
    def _on_failed(self, ticket: int, error: Exception) -> None:
        pair = self._asked.pop(ticket, None)
        if pair is not None:
            self._waiting.appendleft(pair)
            self.pause()
            self.failed.emit(error)

    def _close(self) -> None:
        self._set_progress(SetState.CLOSING)
        opened, self._set = self._set, None
        if opened is not None:
            summing_up = partial(_sum_up, opened)
            self._background.start(summing_up, self._on_closed, self._on_broken, lane=LANE)

    def _on_closed(self, notes: tuple[str, ...]) -> None:
        self.notes = notes
        self._set_progress(SetState.FINISHED if self.done == self.count else SetState.STOPPED)

    def _on_broken(self, error: Exception) -> None:
        was_opened = self.progress is not SetState.OPENING  # else nothing was begun, and nothing can go on
        self._set_progress(SetState.STOPPED if was_opened else SetState.NONE)
        self.failed.emit(error)

    def _set_progress(self, progress: SetState) -> None:
        self.progress = progress
        self.changed.emit()


def in_words(seconds: float) -> str:
    """Describe a duration roughly."""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.1f} hours"


def _open(opening: Callable[[], Productive[Any]]) -> tuple[Productive[Any], Iterator[Planned]]:
    """Open a set, and walk to the first pairs that are missing, which may be behind 100,000 others."""
    opened = opening()
    try:
        missing = iter(opened.missing)
        return opened, chain(list(islice(missing, AHEAD)), missing)
    except BaseException:
        opened.close()
        raise


def _sum_up(opened: Productive[Any]) -> tuple[str, ...]:
    try:
        opened.sum_up()
        return opened.notes
    finally:
        opened.close()
