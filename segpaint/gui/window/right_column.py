"""What stands right of the panes: model, labels, and what the next image is made with."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.style.theme import SPACE

WIDTH = 296


class RightColumn(QFrame):
    """Labels and settings share its height; where it is too low for the least of both, they scroll as one.

    Parameters
    ----------
    model, labels : QWidget
        The labels get what room is left.
    settings : sequence of QWidget
        They scroll together, once labels and settings are too high for the window.
    """

    def __init__(self, model: QWidget, labels: QWidget, settings: Sequence[QWidget]) -> None:
        super().__init__(objectName="panel")
        self.setFixedWidth(WIDTH)
        shared = QWidget()
        below = QVBoxLayout(shared)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(2 * SPACE)
        below.addWidget(labels, 1)
        below.addWidget(FittingScrollArea(self._together(settings)))
        scroll = QScrollArea(widgetResizable=True, focusPolicy=Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(shared)
        # The model stands outside: its words are wrapped, and what has such in it scrolls before it must.
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(model)
        layout.addWidget(scroll, 1)

    def _together(self, parts: Sequence[QWidget]) -> QWidget:
        together = QWidget()
        layout = QVBoxLayout(together)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * SPACE // 2)
        for part in parts:
            layout.addWidget(part)
        return together
