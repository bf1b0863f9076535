"""Has a paired set made beside whatever the window does: progress, pause, cancel."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from functools import partial
from pathlib import Path
from statistics import median

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.paired.plan import Pair
from segpaint.paired.specification import Specification
from segpaint.paired.store import PairedSet
from segpaint.studio.runs.session import Session

AHEAD = 2
"""Images asked of the worker at a time: one to make and one to go on with at once."""
RECENT = 15
"""Images whose median time tells how long the others will take."""


class SetState(Enum):
    """How far a production is."""

    NONE = "none"
    OPENING = "opening"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSING = "closing"
    FINISHED = "finished"
    STOPPED = "stopped"


class Production(QObject):
    """Makes one paired set at a time. Lives on the window's thread; files are written on others.

    Parameters
    ----------
    session : Session
        Whose worker makes the images whenever no run is playing.
    """

    changed = Signal()
    failed = Signal(object)
    """An exception. What was made is kept; if the set could be opened, it is paused."""

    _opened = Signal(object)
    _closed = Signal()
    _broken = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.progress = SetState.NONE
        self.folder: Path | None = None
        self.notes: tuple[str, ...] = ()
        self.count = 0
        """Of images, once the set is open."""
        self._done: set[tuple[str, str]] = set()
        self._set: PairedSet | None = None
        self._waiting: deque[Pair] = deque()
        self._asked: dict[int, Pair] = {}
        self._taken_back: dict[int, Pair] = {}
        self._times: deque[float] = deque(maxlen=RECENT)
        self._since = 0.0
        self._is_cancelled = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._opened.connect(self._on_opened)
        self._closed.connect(self._on_closed)
        self._broken.connect(self._on_broken)
        session.job_done.connect(self._on_done)
        session.job_failed.connect(self._on_failed)

    @property
    def done(self) -> int:
        """How many images are there."""
        return len(self._done)

    @property
    def is_active(self) -> bool:
        """Whether a set is under way, be it paused."""
        return self.progress in (SetState.OPENING, SetState.RUNNING, SetState.PAUSED, SetState.CLOSING)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes if it goes on like the last few images; None before the first."""
        return median(self._times) * (self.count - self.done) if self._times else None

    def start(
        self, folder: Path, specification: Specification, given: Mapping[Path, bytes] | None = None
    ) -> None:
        """Begin a set, or go on with one, see `PairedSet`.

        Raises
        ------
        SegPaintError
            If another one is under way, or no model has been loaded yet.
        """
        if self.is_active:
            raise SegPaintError("A paired set is being made already; wait for it, or cancel it.")
        if self._session.precision is None:
            raise SegPaintError("The model is still being loaded; try again in a moment.")
        self.folder, self.notes, self.count = folder, (), 0
        self._done, self._is_cancelled = set(), False
        self._times.clear()
        self._set_progress(SetState.OPENING)
        opening = partial(PairedSet, folder, specification, self._session.precision, given)
        self._pool.start(_Task(opening, self._opened.emit, self._broken.emit))

    @Slot()
    def pause(self) -> None:
        """Make nothing for now; the image under way is begun again later."""
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
        """Make no more; what is there stays, and the set can be gone on with later."""
        self._is_cancelled = True
        if self.progress in (SetState.RUNNING, SetState.PAUSED):
            self._take_back()
            self._close()

    @Slot()
    def close(self) -> None:
        """Let go of the set at once, for the window closes; its tables are written later."""
        self._session.job_done.disconnect(self._on_done)
        self._session.job_failed.disconnect(self._on_failed)
        self._is_cancelled = True
        self._take_back()
        self._pool.waitForDone()
        if self._set is not None:
            self._set.close()
            self._set = None

    # ---- on this thread

    @Slot(object)
    def _on_opened(self, opened: PairedSet) -> None:
        self._set = opened
        self.notes, self.count = opened.notes, len(opened.pairs)
        self._waiting = deque(opened.missing)
        self._done = {pair.place for pair in opened.pairs} - {pair.place for pair in self._waiting}
        if self._is_cancelled:
            self._close()
        else:
            self._run()

    def _run(self) -> None:
        self._since = time.perf_counter()
        self._set_progress(SetState.RUNNING)
        self._feed()

    def _feed(self) -> None:
        """Ask for the next images, or close the set after the last."""
        if self._set is None:
            return
        while self._waiting and len(self._asked) < AHEAD:
            pair = self._waiting.popleft()
            (ticket,) = self._session.add_jobs(
                [pair.request], checkpoint=pair.checkpoint, keep=partial(self._set.write, pair)
            )
            self._asked[ticket] = pair
        if not self._asked:
            self._close()

    def _take_back(self) -> None:
        """Ask for nothing any more, not even for what is under way; it may be finished all the same."""
        self._session.drop_jobs(self._asked)
        self._waiting.extendleft(reversed(self._asked.values()))
        self._taken_back.update(self._asked)
        self._asked.clear()

    @Slot(int, object)
    def _on_done(self, ticket: int, _pixels: object) -> None:
        if ticket in self._taken_back:
            pair = self._taken_back.pop(ticket)
            with suppress(ValueError):
                self._waiting.remove(pair)
        elif ticket in self._asked:
            pair = self._asked.pop(ticket)
            now = time.perf_counter()
            self._times.append(now - self._since)
            self._since = now
        else:
            return
        self._done.add(pair.place)
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
            self._pool.start(_Task(partial(_sum_up, opened), self._closed.emit, self._broken.emit))

    @Slot()
    def _on_closed(self) -> None:
        self._set_progress(SetState.FINISHED if self.done == self.count else SetState.STOPPED)

    @Slot(object)
    def _on_broken(self, error: Exception) -> None:
        self._set_progress(SetState.STOPPED)
        self.failed.emit(error)

    def _set_progress(self, progress: SetState) -> None:
        self.progress = progress
        self.changed.emit()


def in_words(seconds: float) -> str:
    """How long something takes, about."""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.1f} hours"


class _Task(QRunnable):
    """Something that takes its time with files."""

    def __init__(
        self, task: Callable[[], object], done: Callable[..., object], failed: Callable[[Exception], object]
    ) -> None:
        super().__init__()
        self._task, self._done, self._failed = task, done, failed

    def run(self) -> None:
        try:
            result = self._task()
        except Exception as error:  # the window must hear of it
            self._failed(error)
        else:
            self._done(*(() if result is None else (result,)))


def _sum_up(opened: PairedSet) -> None:
    try:
        opened.sum_up()
    finally:
        opened.close()
