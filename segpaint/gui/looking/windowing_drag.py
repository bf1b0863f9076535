"""Drags with the right button over an image: sideways for the window's width, up and down for its level."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from segpaint.core.pictures.intensities import IntensityWindow
from segpaint.gui.canvas.pane import Pane
from segpaint.studio.view.windowing import Windowing

LEVELS_PER_PIXEL = 1.0


class WindowingDrag(QObject):
    """Handles the right button of a pane; a double click resets the window."""

    def __init__(self, pane: Pane, windowing: Windowing) -> None:
        super().__init__(pane)
        self._pane, self._windowing = pane, windowing
        self._start: tuple[QPointF, IntensityWindow] | None = None
        pane.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        right = event.button() == Qt.MouseButton.RightButton
        match event.type():
            case QEvent.Type.MouseButtonPress if right and not self._pane.is_panning:
                if self._pane.shown is not None:
                    self._start = event.position(), self._windowing.window
            case QEvent.Type.MouseButtonDblClick if right:
                self._windowing.reset()
            case QEvent.Type.MouseMove if self._start is not None:
                if not event.buttons() & Qt.MouseButton.RightButton:  # released in another window
                    self._start = None
                    return False
                place, window = self._start
                way = (event.position() - place) * LEVELS_PER_PIXEL  # upwards the level falls: brighter
                self._windowing.window = window.widened(way.x(), way.y())
            case QEvent.Type.MouseButtonRelease if right:
                self._start = None
            case _:
                return False
        return True
