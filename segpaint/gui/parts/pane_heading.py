"""The bar above a pane: its title, and as many of its controls as fit."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from segpaint.gui.style.theme import SPACE

HEADING = 40


class PaneHeading(QFrame):
    """Never asks for width, so that panes beside one another share theirs.

    Parameters
    ----------
    parts : sequence of QWidget
        From left to right.
    spared : sequence of QWidget
        Those hidden if it is narrow, the first one first; a menu must offer the same.
    readable : QWidget or None
        A part that keeps the width of its size hint: the others are hidden before it is cut.
    """

    def __init__(
        self, parts: Sequence[QWidget], spared: Sequence[QWidget], readable: QWidget | None = None
    ) -> None:
        super().__init__(objectName="bar")
        self._parts, self._spared, self._readable = tuple(parts), tuple(spared), readable
        self.setFixedHeight(HEADING)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        row.setSpacing(SPACE)
        # Otherwise the layout would make the bar as wide as all of them, despite the hint below.
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for place, part in enumerate(self._parts):
            # All but the title and the buttons share the remaining space, so that these end at the right.
            row.addWidget(part, int(place > 0 and not isinstance(part, QToolButton)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEADING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a part was shown, hidden or resized
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        gone = 0
        while gone < len(self._spared) and self._width_without(self._spared[:gone]) > self.width():
            gone += 1
        for place, part in enumerate(self._spared):
            part.setVisible(place >= gone)

    def _width_without(self, gone: Sequence[QWidget]) -> int:
        """Add the widths of all parts except those in `gone` and those hidden by others."""
        shown = [
            part for part in self._parts if part not in gone and (part in self._spared or not part.isHidden())
        ]
        hints = (part.sizeHint() if part is self._readable else part.minimumSizeHint() for part in shown)
        return sum(hint.width() + SPACE for hint in hints) + SPACE
