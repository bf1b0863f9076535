"""A note on the image that its intensities are not shown as they are."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from segpaint.gui.style.theme import SPACE
from segpaint.studio.view.windowing import Windowing


class WindowingBadge(QLabel):
    """Lies in a corner of a pane, below what else is told there, while it applies.

    Parameters
    ----------
    windowing : Windowing
    pane : QWidget
    """

    def __init__(self, windowing: Windowing, pane: QWidget) -> None:
        super().__init__(pane, objectName="badge")
        self._windowing = windowing
        self._shows_intensities = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.move(SPACE, 5 * SPACE)
        windowing.changed.connect(self._show)
        self._show()

    def set_shows_intensities(self, shows: bool) -> None:
        """Say whether the pane shows intensities at all, and not differences, which the window leaves alone."""
        self._shows_intensities = shows
        self._show()

    @Slot()
    def _show(self) -> None:
        window = self._windowing.window
        self.setText(f"W {window.width:.0f}   L {window.level:.0f}")
        self.adjustSize()
        self.setVisible(self._shows_intensities and not window.is_whole)
