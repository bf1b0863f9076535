"""The button above the canvas that shows, and sets, which pixels strokes may cover."""

from collections.abc import Mapping

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from segpaint.core.masks.paint import PaintOver
from segpaint.gui.commands.menus import build_menu
from segpaint.gui.commands.shell import Shell
from segpaint.gui.parts.plain import plain
from segpaint.gui.style.theme import icon
from segpaint.studio.studio import Studio

MENU = "Edit/Strokes cover"
SIGNS = {
    PaintOver.EVERYTHING: (MDI7.layers_edit, "text"),
    PaintOver.BACKGROUND: (MDI7.flip_to_back, "accent"),
    PaintOver.CHOSEN: (MDI7.checkbox_multiple_marked_outline, "accent"),
}
"""Icon and the name of its colour; restricting rules are conspicuous."""


class OverButton(QToolButton):
    """Shows the active rule, and opens the menu of all rules."""

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], shell: Shell) -> None:
        super().__init__(iconSize=QSize(18, 18))
        self._coverage = studio.view.coverage
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(build_menu(QMenu(self), MENU, actions, studio, shell))
        self._coverage.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        glyph, color = SIGNS[self._coverage.over]
        self.setIcon(icon(glyph, color))
        self.setToolTip(plain(self._coverage.sentence))
        self.setAccessibleName(self._coverage.sentence)
