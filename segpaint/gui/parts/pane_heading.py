"""The bar above a pane: its title, and as many of its controls as there is room for."""

from __future__ import annotations

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
        Those that go where it is narrow, the first one first; a menu must offer the same.
    readable : QWidget or None
        For which they go even where it could be cut; it has the width of its size hint then.
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
        # The layout would have the bar as wide as all of them, in spite of the hint below.
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for place, part in enumerate(self._parts):
            # All but the title and the buttons take what room there is, so that these end at the right.
            row.addWidget(part, int(place > 0 and not isinstance(part, QToolButton)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEADING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # one of the parts has come, gone or grown
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        gone = 0
        while gone < len(self._spared) and self._width_without(self._spared[:gone]) > self.width():
            gone += 1
        for place, part in enumerate(self._spared):
            part.setVisible(place >= gone)

    def _width_without(self, gone: Sequence[QWidget]) -> int:
        """What all parts need but those that are gone, and those that somebody else has hidden."""
        shown = [
            part for part in self._parts if part not in gone and (part in self._spared or not part.isHidden())
        ]
        hints = (part.sizeHint() if part is self._readable else part.minimumSizeHint() for part in shown)
        return sum(hint.width() + SPACE for hint in hints) + SPACE
