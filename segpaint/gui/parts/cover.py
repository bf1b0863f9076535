"""Keeps a fitted image visible above a bar."""

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QWidget

from segpaint.studio.view.viewpoint import Viewpoint

CHANGES = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize)


class Cover(QObject):
    """Reports to a viewpoint how much of a pane's lower part a bar covers."""

    def __init__(self, pane: QWidget, bar: QWidget, viewpoint: Viewpoint) -> None:
        super().__init__(pane)
        self._pane, self._bar, self._viewpoint = pane, bar, viewpoint
        bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._bar and event.type() in CHANGES:
            height = 0
            if not self._bar.isHidden():
                top = self._bar.mapTo(self._bar.window(), QPoint()).y()
                height = self._pane.mapTo(self._pane.window(), self._pane.rect().bottomLeft()).y() + 1 - top
            self._viewpoint.set_covered(max(0, height))
        return super().eventFilter(watched, event)
