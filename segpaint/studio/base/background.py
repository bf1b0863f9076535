"""Work that takes too long for the window's thread."""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from segpaint.core.errors import explained

THREADS = 6
"""Number of threads at most; a film that takes minutes must not delay an autosave."""


@dataclass
class _Task:
    work: Callable[[], Any]
    then: Callable[[Any], object] | None
    failed: Callable[[Exception], object] | None
    value: Any = None
    """What the work returned, or the exception that ended it."""
    has_failed: bool = False


class Background(QObject):
    """Runs work on other threads, and passes the results to the thread that it lives on.

    Work in one lane is done in the order of its requests. Lanes do not wait for each other. Who asks is let
    go on the thread that this lives on: a widget must not be destroyed on another one.
    """

    failed = Signal(object)
    """An exception that is handled nowhere else."""
    _answered = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._lanes: dict[str, deque[int]] = {}
        self._numbers = itertools.count()
        self._tasks: dict[int, _Task] = {}  # until they are answered
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
        """Add a piece of work to its lane; once this is closed, nothing is begun.

        Parameters
        ----------
        work : callable
            Runs on another thread.
        then, failed : callable, optional
            Receives what the work returned, or the exception that ended it.
        lane : str
            The queue in which it waits.
        """
        if self._is_closed:
            return
        with self._changed:
            queue, number = self._lanes.setdefault(lane, deque()), next(self._numbers)
            self._tasks[number] = _Task(work, then, failed)
            queue.append(number)
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
        self._tasks.clear()

    def drain(self, queue: deque[int]) -> None:
        """Do all work of a lane, on the calling thread."""
        while True:
            number = queue[0]
            self._do(number)
            self._answered.emit(number)
            with self._changed:
                queue.popleft()
                self._changed.notify_all()
                if not queue:
                    return

    def _do(self, number: int) -> None:
        """Do a piece of work; when this returns, the thread holds nothing of it."""
        task = self._tasks[number]
        try:
            task.value = task.work()
        except Exception as error:  # the window must receive every kind
            task.value, task.has_failed = explained(error), True
        finally:
            del task  # a traceback holds this frame

    @Slot(int)
    def _answer(self, number: int) -> None:
        task = self._tasks.pop(number, None)
        if task is None or self._is_closed:
            return
        answer = (task.failed or self.failed.emit) if task.has_failed else task.then
        if answer is not None:
            answer(task.value)


class _Lane(QRunnable):
    def __init__(self, background: Background, queue: deque[int]) -> None:
        super().__init__()
        self._background, self._queue = background, queue

    def run(self) -> None:
        self._background.drain(self._queue)
