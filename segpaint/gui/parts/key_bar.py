"""A bar that takes Return and Escape for itself while it is in use, even if they are some command's keys."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame

APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeyBar(QFrame):
    """Is applied by Return, and left by Escape.

    Each bar defines both. They are no abstract methods of Python, whose metaclass clashes with that of Qt.
    """

    @property
    def is_in_use(self) -> bool:
        """Whether keys are meant for it."""
        return self.isVisible()

    def apply_it(self) -> None:
        """Do what Return asks for."""
        raise NotImplementedError

    def leave_it(self) -> None:
        """Do what Escape asks for."""
        raise NotImplementedError

    def wants(self, event: QKeyEvent) -> bool:
        """Return whether a key is meant for the bar."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return self.is_in_use and plain and event.key() in (*APPLY, Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent) -> None:
        """Apply or leave, by a key that it wanted."""
        (self.apply_it if event.key() in APPLY else self.leave_it)()

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.wants(event):
            self.key(event)
        else:
            super().keyPressEvent(event)
