"""Work that takes too long for the window's thread, done beside it, one piece after another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from segpaint.core.errors import SegPaintError


class Aside(QObject):
    """Does what it is given on a thread of its own, in order."""

    done = Signal(object)
    """What a piece of work returned."""
    failed = Signal(object)
    """The `SegPaintError` that ended one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def start(self, work: Callable[[], object]) -> None:
        """Have something done as soon as all that was asked for before is."""
        self._pool.start(_Work(self, work))

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.waitForDone()


class _Work(QRunnable):
    def __init__(self, aside: Aside, work: Callable[[], object]) -> None:
        super().__init__()
        self._aside, self._work = aside, work

    def run(self) -> None:
        try:
            self._aside.done.emit(self._work())
        except SegPaintError as error:
            self._aside.failed.emit(error)
