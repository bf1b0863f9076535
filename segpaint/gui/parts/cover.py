"""Keeps a fitted image visible above bars."""

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.message_bar import MessageBar
from segpaint.studio.view.viewpoint import Viewpoint

CHANGES = (
    QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.LayoutRequest,
)  # fmt: skip


class Cover(QObject):
    """Reports to a viewpoint how much of a pane's lower part bars cover.

    Parameters
    ----------
    messages : MessageBar
        Counts while it waits for an answer; other messages come while the hand is at work, and move nothing.
    """

    def __init__(self, pane: QWidget, bar: QWidget, messages: MessageBar, viewpoint: Viewpoint) -> None:
        super().__init__(pane)
        self._pane, self._bar, self._messages, self._viewpoint = pane, bar, messages, viewpoint
        for watched in (bar, messages):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in CHANGES:
            self._report()
        return super().eventFilter(watched, event)

    def _report(self) -> None:
        bars = [self._bar, self._messages] if self._messages.waits else [self._bar]
        tops = [bar.mapTo(bar.window(), QPoint()).y() for bar in bars if not bar.isHidden()]
        bottom = self._pane.mapTo(self._pane.window(), self._pane.rect().bottomLeft()).y() + 1
        self._viewpoint.set_covered(max([0, *(bottom - top for top in tops)]))
