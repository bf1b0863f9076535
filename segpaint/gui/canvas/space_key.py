"""Space: a tap plays or pauses; held, the left button pans."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from segpaint.gui.canvas.pane import Pane

TYPING = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit)
"""Widgets that use Space themselves while they have the focus."""


class SpaceKey(QObject):
    """Watches the Space key for a window and its panes."""

    tapped = Signal()

    def __init__(self, window: QWidget, panes: Sequence[Pane]) -> None:
        super().__init__(window)
        self._window, self._panes = window, panes
        self._held = False
        window.installEventFilter(self)
        for pane in panes:
            pane.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space and not event.modifiers():
            if event.type() == QEvent.Type.KeyPress and not isinstance(self._window.focusWidget(), TYPING):
                self._press(event)
                return True
            if event.type() == QEvent.Type.KeyRelease and self._held:
                self._release(event)
                return True
        return False

    def _press(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat() or self._held:
            return
        self._held = True
        for pane in self._panes:
            pane.pans_with_left, pane.has_panned = True, False
            pane.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def _release(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        self._held = False
        for pane in self._panes:
            pane.pans_with_left = False
            pane.viewport().unsetCursor()
        if not any(pane.has_panned for pane in self._panes):
            self.tapped.emit()
