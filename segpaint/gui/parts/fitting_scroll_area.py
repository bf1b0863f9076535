"""A scroll area that needs no scrolling while there is room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

LOWEST = 64


class FittingScrollArea(QScrollArea):
    """As high as its content where the window is high enough, and scrolled where it is not.

    Parameters
    ----------
    content : QWidget
    lowest : int
        Pixels that it is never lower than, unless the content is.
    wanted : int or None
        Pixels that it asks for at most; None for all of the content.
    """

    def __init__(self, content: QWidget, lowest: int = LOWEST, wanted: int | None = None) -> None:
        super().__init__(widgetResizable=True)
        self._lowest, self._wanted = lowest, wanted
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        content = self.widget()
        if content is None:  # while it is being made
            return super().sizeHint()
        hint = content.sizeHint()
        return hint if self._wanted is None else QSize(hint.width(), min(self._wanted, hint.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._lowest, self.sizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            content = self.widget()
            if content is not None:  # it is scrolled rather than squeezed
                content.setMinimumHeight(content.sizeHint().height())
            self.updateGeometry()
        return super().eventFilter(watched, event)
