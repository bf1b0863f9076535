"""A scroll area that scrolls only if there is too little room."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
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
    row : int
        Height in pixels of the rows of the content with the space between two, so that none is cut; 0 if it has
        no rows.
    """

    def __init__(self, content: QWidget, lowest: int = LOWEST, wanted: int | None = None, row: int = 0) -> None:
        super().__init__(widgetResizable=True)
        self._lowest, self._wanted, self._row = lowest, wanted, row
        if row:
            self.verticalScrollBar().setSingleStep(row)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut_at_rows()

    def _cut_at_rows(self) -> None:
        """Leave free below what would be a part of a row: half a figure may be read as another one."""
        content = self.widget()
        is_scrolled = content is not None and content.minimumHeight() > self.height()
        below = self.height() % self._row if self._row and is_scrolled else 0
        if self.viewportMargins().bottom() != below:
            self.setViewportMargins(0, 0, 0, below)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            content = self.widget()
            if content is not None:  # it is scrolled, not compressed
                content.setMinimumHeight(content.sizeHint().height())
                self._cut_at_rows()
            self.updateGeometry()
        return super().eventFilter(watched, event)
