"""An undo stack that is safe with Python's garbage collector."""

from PySide6.QtGui import QUndoStack
from shiboken6 import isValid


class UndoStack(QUndoStack):
    """A `QUndoStack` that releases its commands before the garbage collector reaches them.

    The collector may reach a command before its stack. PySide, up to 6.11, then deletes the command, and the
    stack deletes it once more, which crashes the program. A finalizer runs before both. A command must not
    hold the owner of the stack, which would then be destroyed during the clearing.
    """

    def __del__(self) -> None:
        if isValid(self):
            self.blockSignals(True)  # the listeners are being destroyed, too
            self.clear()
