"""What stands right of the panes: model, labels, and what the next image is made with."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.splitter import Splitter
from segpaint.gui.style.theme import SPACE

WIDTH = 296
"""Least and usual width in pixels."""
BORDER = 3 * SPACE // 2
"""Height of the border between labels and settings in pixels."""
LOWEST = 16 * SPACE
"""Least height of the settings in pixels: the largest section that opens, such as the histogram, fits."""


class RightColumn(QFrame):
    """Labels and settings share its height; where it is too low for the least of both, they scroll as one.

    The labels have the height that they ask for before the settings have theirs, unless the user drags the
    border between the two.

    Parameters
    ----------
    model, labels : QWidget
        The labels get what room is left.
    settings : sequence of QWidget
        They scroll together, once labels and settings are too high for the window.

    Attributes
    ----------
    border : Splitter
        Between labels and settings.
    """

    def __init__(self, model: QWidget, labels: QWidget, settings: Sequence[QWidget]) -> None:
        super().__init__(objectName="panel")
        self.setMinimumWidth(WIDTH)
        together = QWidget()
        inner = FittingScrollArea(together, LOWEST)

        def divide(room: int) -> tuple[int, int]:
            wanted = inner.sizeHint().height()
            high = max(room - wanted, min(labels.sizeHint().height(), room - min(LOWEST, wanted)))
            return high, room - high

        self.border = Splitter("labels", Qt.Orientation.Vertical, divide, 1, BORDER)
        scroll = QScrollArea(widgetResizable=True, focusPolicy=Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The model stands outside: it must be seen wherever the rest is scrolled to.
        margins = 2 * SPACE, SPACE, 2 * SPACE, SPACE
        layout = in_column(scroll, of=self, stretched=scroll, spacing=3 * SPACE // 2, margins=margins)
        scroll.setWidget(self.border)
        self._layout, self._together = layout, together
        self._model, self._labels, self._settings = model, labels, settings
        self._areas = inner, scroll
        self._section: QWidget | None = None
        self._soon = QTimer(self, singleShot=True, interval=0)  # where it stands is known once it is laid out
        self._soon.timeout.connect(self._scroll)

    def fill(self) -> None:
        """Put the parts in; when it has its place, for Qt goes through all of them at each new parent."""
        inner, _scroll = self._areas
        self._layout.insertWidget(0, self._model)
        self.border.fill(self._labels, inner)
        in_column(*self._settings, of=self._together, spacing=SPACE)

    @Slot(QWidget)
    def reveal(self, section: QWidget) -> None:
        """Scroll to a section that the user has just opened."""
        self._section = section
        self._soon.start()

    @Slot()
    def _scroll(self) -> None:
        section = self._section
        for area in self._areas:
            if section is not None and area.isAncestorOf(section):
                area.ensureWidgetVisible(section, 0, SPACE)
