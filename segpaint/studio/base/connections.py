"""Connections to whatever is open now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMetaObject, QObject, SignalInstance


class Connections:
    """Connections that end together, when something else is opened or nothing is to be heard any more.

    Documents outlive being open, and an undo stack tells of a last change when it is taken apart, which
    may be after whoever listens was.
    """

    def __init__(self) -> None:
        self._connections: list[QMetaObject.Connection] = []

    def renew(self, *pairs: tuple[SignalInstance, Callable[..., object]]) -> None:
        """Connect these signals and slots, and no others from now on."""
        self.end()
        self._connections = [signal.connect(slot) for signal, slot in pairs]

    def end(self) -> None:
        """Hear no more."""
        for connection in self._connections:
            QObject.disconnect(connection)
        self._connections = []
