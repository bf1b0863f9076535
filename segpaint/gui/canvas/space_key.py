"""Space: a tap plays or pauses; held, the left button pans, and nothing plays."""

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from segpaint.gui.canvas.pane import Pane

TYPING = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit)
"""Widgets that use Space themselves while they have the focus."""

POINTING = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.Wheel,
    QEvent.Type.TabletPress,
)


class SpaceKey(QObject):
    """Watches the Space key for a window and its panes."""

    tapped = Signal()

    def __init__(self, window: QWidget, panes: Sequence[Pane]) -> None:
        super().__init__(window)
        self._window, self._panes = window, panes
        self._held = self._is_tap = False
        self._application = cast(QCoreApplication, QCoreApplication.instance())
        window.installEventFilter(self)
        for pane in panes:
            pane.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in POINTING:
            self._is_tap = False  # Space was held for it
        if event.type() == QEvent.Type.WindowDeactivate and watched is self._window:
            self._let_go()  # another window gets its release
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
            self._is_tap = False
            return
        self._held = self._is_tap = True
        self._application.installEventFilter(self)  # to see what is pressed anywhere meanwhile
        for pane in self._panes:
            pane.pans_with_left = True
            pane.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def _release(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        is_tap = self._is_tap
        self._let_go()
        if is_tap:
            self.tapped.emit()

    def _let_go(self) -> None:
        if self._held:
            self._held = self._is_tap = False
            self._application.removeEventFilter(self)
            for pane in self._panes:
                pane.pans_with_left = False
                pane.viewport().unsetCursor()
