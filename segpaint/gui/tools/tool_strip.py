"""The tools beside the canvas."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton

from segpaint.gui.style.theme import SPACE

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
