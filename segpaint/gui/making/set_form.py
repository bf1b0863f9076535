"""What the settings of every kind of set have in common, for the dialog that makes it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

NAME_WIDTH = 112
"""Width of the names at the left, in device-independent pixels."""


class SetForm(QWidget):
    """The settings of a set."""

    changed = Signal()
    failed = Signal(object)
    """An exception: something that was chosen cannot be used."""

    @property
    def count(self) -> int:
        """The number of images."""
        raise NotImplementedError

    @property
    def sentence(self) -> str:
        """What will be made, or what is still to be chosen."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Follow the current state of the open document."""
        raise NotImplementedError

    def set_editable(self, editable: bool) -> None:
        """Allow or forbid changes."""
        raise NotImplementedError
