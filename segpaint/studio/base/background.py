"""Work that takes too long for the window's thread."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal, Slot

from segpaint.core.errors import explained

THREADS = 6
"""Number of threads at most; a film that takes minutes must not delay an autosave."""


@dataclass(frozen=True)
class _Task:
    work: Callable[[], Any]
    then: Callable[[Any], object] | None
    failed: Callable[[Exception], object] | None


class Background(QObject):
    """Runs work on other threads, and passes the results to the thread that it lives on.

    Work in one lane is done in the order of its requests. Lanes do not wait for each other.
    """

    failed = Signal(object)
    """An exception that is handled nowhere else."""
    _answered = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._lanes: dict[str, deque[_Task]] = {}
        self._changed = Condition()
        self._is_closed = False
        self._answered.connect(self._answer)

    def start(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        *,
        lane: str = "files",
    ) -> None:
        """Add a piece of work to its lane.

        Parameters
        ----------
        work : callable
            Runs on another thread.
        then, failed : callable, optional
            Receives what the work returned, or the exception that ended it.
        lane : str
            The queue in which it waits.
        """
        with self._changed:
            queue = self._lanes.setdefault(lane, deque())
            queue.append(_Task(work, then, failed))
            if len(queue) == 1:
                self._pool.start(_Lane(self, queue))

    def flush(self, lane: str) -> None:
        """Wait until a lane is empty; its results arrive later."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lanes.get(lane))

    @Slot()
    def close(self) -> None:
        """Wait for all work, and drop results that have not arrived."""
        self._is_closed = True
        self._pool.waitForDone()
        # A result on its way would hold whoever asked for it, unseen by Python's collector.
        QCoreApplication.removePostedEvents(self, QEvent.Type.MetaCall.value)

    def drain(self, queue: deque[_Task]) -> None:
        """Do all work of a lane, on the calling thread."""
        while True:
            task = queue[0]
            try:
                answer, value = task.then, task.work()
            except Exception as error:  # the window must receive every kind
                answer, value = task.failed or self.failed.emit, explained(error)
            if answer is not None:
                self._answered.emit(answer, value)
            with self._changed:
                queue.popleft()
                self._changed.notify_all()
                if not queue:
                    return

    @Slot(object, object)
    def _answer(self, answer: Callable[[Any], object], value: object) -> None:
        if not self._is_closed:
            answer(value)


class _Lane(QRunnable):
    def __init__(self, background: Background, queue: deque[_Task]) -> None:
        super().__init__()
        self._background, self._queue = background, queue

    def run(self) -> None:
        self._background.drain(self._queue)
