"""A field to find something by its name in a list below it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

OWN_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)


class FindField(QLineEdit):
    """Filters during typing; Return takes the first, Down goes to the list, Escape cancels."""

    taken = Signal()
    entered = Signal()
    """The Down key: the focus must go to the list."""
    given_up = Signal()

    def __init__(self, hint: str) -> None:
        super().__init__(placeholderText=hint, clearButtonEnabled=True)

    def event(self, event: QEvent) -> bool:
        wanted = isinstance(event, QKeyEvent) and event.key() in OWN_KEYS
        if wanted and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else the window's own Escape would stop a run
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.clear()
                self.given_up.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.taken.emit()
            case Qt.Key.Key_Down:
                self.entered.emit()
            case _:
                super().keyPressEvent(event)
