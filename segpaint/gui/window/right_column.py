"""What stands right of the panes: model, labels, and what the next image is made with."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column
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
        shared, together = QWidget(), QWidget()
        below = in_column(labels, of=shared, stretched=labels, spacing=2 * SPACE)
        in_column(*settings, of=together, spacing=3 * SPACE // 2)
        below.addWidget(FittingScrollArea(together))
        scroll = QScrollArea(widgetResizable=True, focusPolicy=Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(shared)
        # The model stands outside: its words are wrapped, and what has such in it scrolls before it must.
        margins = 2 * SPACE, SPACE, 2 * SPACE, SPACE
        in_column(model, scroll, of=self, stretched=scroll, spacing=2 * SPACE, margins=margins)
