"""An undo stack that Python's garbage collector may take apart."""

from __future__ import annotations

from PySide6.QtGui import QUndoStack
from shiboken6 import isValid


class UndoStack(QUndoStack):
    """A `QUndoStack` that lets go of its commands before the collector comes to them.

    The collector may come to a command before its stack. PySide, up to 6.11, then deletes the command, which
    the stack still lists and deletes once more: the program ends. A finalizer runs before all that.
    A command must not hold what owns the stack: that would go with the last command, amid the clearing.
    """

    def __del__(self) -> None:
        if isValid(self):
            self.blockSignals(True)  # who listens is on the way out, too
            self.clear()
