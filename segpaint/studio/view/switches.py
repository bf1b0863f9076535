"""The window's switches, by the keys of the commands that toggle them."""

from PySide6.QtCore import QObject, Signal


class Switches(QObject):
    """Holds the switches that are on; at first, there are none."""

    changed = Signal(str)
    """The key of the switch that changed."""

    def __init__(self) -> None:
        super().__init__()
        self._on: set[str] = set()

    def is_on(self, key: str) -> bool:
        """Return whether a switch is on."""
        return key in self._on

    def set(self, key: str, on: bool) -> None:
        """Turn a switch on or off."""
        if on is not self.is_on(key):
            self._on.symmetric_difference_update({key})
            self.changed.emit(key)
