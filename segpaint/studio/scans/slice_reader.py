"""Reads slices on another thread, the one wanted last first."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from segpaint.studio.base.background import Background
from segpaint.studio.scans.scan import Slice

LANE = "slices"
Reading = Callable[[], Slice]


class SliceReader(QObject):
    """Reads one slice at a time; of those asked for meanwhile, only the last."""

    arrived = Signal(object)
    """A `Slice`."""
    failed = Signal(object)

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._wanted: Reading | None = None
        self._number, self._is_busy = 0, False

    @property
    def is_busy(self) -> bool:
        """Whether a slice is being read, or waits to be."""
        return self._is_busy

    def ask(self, read: Reading) -> None:
        """Have a slice read."""
        self._wanted = read
        self._next()

    def drop(self) -> None:
        """Ignore what was asked for."""
        self._wanted = None
        self._number += 1

    def _next(self) -> None:
        if self._is_busy or self._wanted is None:
            return
        read, self._wanted, self._is_busy = self._wanted, None, True
        number = self._number
        self._background.start(
            read, partial(self._on_read, number), partial(self._on_failed, number), lane=LANE
        )

    def _on_read(self, number: int, read: Slice) -> None:
        self._is_busy = False
        if number == self._number:
            self.arrived.emit(read)
        self._next()

    def _on_failed(self, number: int, error: Exception) -> None:
        self._is_busy = False
        if number == self._number:
            self.failed.emit(error)
        self._next()
