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
        Those hidden if it is narrow, the first one first; what they do or show must be found elsewhere, too.
    title : QWidget or None
        The part for whose longest wording all of `spared` but the last one are hidden. That one goes only
        where there is no room beside the shortest.
    """

    def __init__(
        self, parts: Sequence[QWidget], spared: Sequence[QWidget], title: QWidget | None = None
    ) -> None:
        super().__init__(objectName="bar")
        self._parts, self._spared, self._title = tuple(parts), tuple(spared), title
        self._unwanted: set[QWidget] = set()
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

    def want(self, part: QWidget, wanted: bool) -> None:
        """Show one of the spared parts where there is room for it, or never."""
        (self._unwanted.discard if wanted else self._unwanted.add)(part)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a part was shown, hidden or resized
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        wanted = [part for part in self._spared if part not in self._unwanted]
        gone = 0
        while gone < len(wanted) and not self._has_room(wanted[gone:]):
            gone += 1
        for part in self._spared:
            part.setVisible(part in wanted[gone:])

    def _has_room(self, spared: Sequence[QWidget]) -> bool:
        """Check whether these fit beside all parts that stay, unless others have hidden them."""
        shown = [
            part for part in self._parts if part in spared or (part not in self._spared and not part.isHidden())
        ]
        whole = self._title if len(spared) > 1 else None
        hints = (part.sizeHint() if part is whole else part.minimumSizeHint() for part in shown)
        return sum(hint.width() + SPACE for hint in hints) + SPACE <= self.width()
