"""A scroll area that scrolls only if there is too little room."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

LOWEST = 64


class FittingScrollArea(QScrollArea):
    """As high as its content if the window is high enough, and scrolled otherwise.

    Parameters
    ----------
    lowest : int
        Least height in pixels, unless the content is lower.
    wanted : int or None
        Greatest preferred height in pixels; None for that of the content.
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
        if content is None:  # during the construction
            return super().sizeHint()
        hint = content.sizeHint()
        return hint if self._wanted is None else QSize(hint.width(), min(self._wanted, hint.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._lowest, self.sizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            content = self.widget()
            if content is not None:  # it is scrolled, not compressed
                content.setMinimumHeight(content.sizeHint().height())
            self.updateGeometry()
        return super().eventFilter(watched, event)
