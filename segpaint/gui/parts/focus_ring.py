"""A line around a pane that has the keyboard focus."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QRegion
from PySide6.QtWidgets import QFrame, QWidget

BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class FocusRing(QFrame):
    """Shown while a widget has the focus, unless a mouse gave it, since users know where they point."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, objectName="ring")
        self._widget = widget
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent):
            if event.type() == QEvent.Type.FocusOut:
                self.hide()
            elif event.type() == QEvent.Type.FocusIn and event.reason() in BY_KEYBOARD:
                self._fit()
                self.show()
                self.raise_()
        elif event.type() == QEvent.Type.Resize and watched is self._widget:
            self._fit()
        return False

    def _fit(self) -> None:
        rect = self._widget.rect()
        self.setGeometry(rect)
        self.setMask(QRegion(rect) - QRegion(rect.adjusted(1, 1, -1, -1)))  # keeps drawing the image cheap
