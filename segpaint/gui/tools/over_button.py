"""The button above the canvas that says, and sets, what strokes may cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from segpaint.core.masks.paint import PaintOver
from segpaint.gui.style.theme import icon

OVER = {
    "paint_all": PaintOver.EVERYTHING,
    "paint_background": PaintOver.BACKGROUND,
    "paint_chosen": PaintOver.CHOSEN,
}
"""By the keys of their commands."""
SIGNS = {
    PaintOver.EVERYTHING: (MDI7.layers_edit, "text"),
    PaintOver.BACKGROUND: (MDI7.flip_to_back, "accent"),
    PaintOver.CHOSEN: (MDI7.checkbox_multiple_marked_outline, "accent"),
}
"""Icon and the name of its colour: whatever holds strokes back stands out."""


def told(over: PaintOver, chosen: Sequence[str]) -> str:
    """The rule in a sentence.

    Parameters
    ----------
    over : PaintOver
    chosen : sequence of str
        What the values are called that may be covered, for `PaintOver.CHOSEN`.
    """
    match over:
        case PaintOver.EVERYTHING:
            return "Strokes cover everything"
        case PaintOver.BACKGROUND:
            return "Strokes cover background only"
        case _ if chosen:
            return f"Strokes cover {', '.join(chosen)} only"
        case _:
            return "Strokes cover nothing yet: tick in the same menu, under Chosen, what they may cover"


class OverButton(QToolButton):
    """Shows the rule in force, and opens a menu of all of them.

    Attributes
    ----------
    chosen : QMenu
        For the values to be ticked.
    """

    def __init__(self, commands: Mapping[str, QAction]) -> None:
        super().__init__(iconSize=QSize(18, 18))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.chosen = QMenu("Chosen", self)
        menu = QMenu(self)
        for key in OVER:
            menu.addAction(commands[key])
        menu.addMenu(self.chosen)
        self.setMenu(menu)
        self.show_rule(PaintOver.EVERYTHING, ())

    def show_rule(self, over: PaintOver, chosen: Sequence[str]) -> None:
        """Show another rule, see `told`."""
        glyph, color = SIGNS[over]
        self.setIcon(icon(glyph, color))
        self.setToolTip(told(over, chosen))
        self.setAccessibleName(self.toolTip())
