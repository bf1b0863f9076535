"""The tools beside the canvas."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton

from segpaint.gui.canvas.tool import TOOLS
from segpaint.gui.style.theme import SPACE

OTHERS = ("undo", "redo", "fit", "overlay")
"""Keys of the commands below the tools."""


class ToolStrip(QFrame):
    """Buttons, two in a row."""

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__(objectName="panel")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE // 2, SPACE, SPACE // 2, SPACE)
        self._grid.setSpacing(SPACE // 4)
        tools = sorted(TOOLS, key=lambda key: TOOLS[key].place)
        end = self._add(0, [actions[key] for key in tools])
        self._grid.setRowStretch(self._add(end, [actions[key] for key in OTHERS]), 1)

    def _add(self, row: int, actions: Sequence[QAction]) -> int:
        """Add a block of buttons from a row on, and return the row below its gap."""
        for number, action in enumerate(actions):
            button = QToolButton(iconSize=QSize(20, 20), objectName="tool")
            button.setDefaultAction(action)
            self._grid.addWidget(button, row + number // 2, number % 2)
        gap = self._grid.rowCount()
        self._grid.setRowMinimumHeight(gap, SPACE)
        return gap + 1
