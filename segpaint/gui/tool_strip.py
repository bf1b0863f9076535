"""The tools beside the canvas, and what strokes may cover."""

from __future__ import annotations

from collections.abc import Mapping

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QMenu, QToolButton

from segpaint.gui.theme import SPACE, icon

TOOLS = (
    ("brush", "eraser"),
    ("fill", "pick"),
    ("polygon", "lasso"),
    ("rectangle", "ellipse"),
    ("threshold", "wand"),
    ("push", "transform"),
)
"""Keys of their commands, two a row."""
OTHERS = (("undo", "redo"), ("fit", "overlay"))
OVER = ("paint_all", "paint_background", "paint_chosen")


class ToolStrip(QFrame):
    """A column of buttons.

    Parameters
    ----------
    commands : mapping of str to QAction
        Of the window.
    """

    def __init__(self, commands: Mapping[str, QAction]) -> None:
        super().__init__(objectName="panel")
        layout = QGridLayout(self)
        layout.setContentsMargins(SPACE // 2, SPACE, SPACE // 2, SPACE)
        layout.setSpacing(SPACE // 4)
        row = 0
        for block in (TOOLS, OTHERS):
            for keys in block:
                for column, key in enumerate(keys):
                    button = QToolButton(iconSize=QSize(20, 20))
                    button.setDefaultAction(commands[key])
                    layout.addWidget(button, row, column)
                row += 1
            layout.setRowMinimumHeight(row, SPACE)
            row += 1
        layout.setRowStretch(row, 1)


class OverButton(QToolButton):
    """Opens a menu of what strokes may cover.

    Attributes
    ----------
    chosen : QMenu
        For the values to be ticked.
    """

    def __init__(self, commands: Mapping[str, QAction]) -> None:
        super().__init__(icon=icon(MDI7.layers_edit), iconSize=QSize(18, 18), toolTip="What strokes may cover")
        self.setAccessibleName(self.toolTip())
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.chosen = QMenu("Chosen", self)
        menu = QMenu(self)
        for key in OVER:
            menu.addAction(commands[key])
        menu.addMenu(self.chosen)
        self.setMenu(menu)
