"""The tools beside the canvas."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton

from segpaint.gui.canvas.tool import TOOLS
from segpaint.gui.style.theme import SPACE

OTHERS = ("undo", "redo", "fit", "overlay")
"""Keys of the commands below the tools."""
GAP = SPACE // 4


class ToolStrip(QFrame):
    """Buttons, two in a row or, where the strip is folded and high enough, one below the other.

    Where it is too low for all of them, it shows the tools alone: the other commands are in the menus, too.
    """

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__(objectName="panel")
        self._is_folded = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE // 2, SPACE, SPACE // 2, SPACE)
        self._grid.setSpacing(GAP)
        tools = sorted(TOOLS, key=lambda key: TOOLS[key].place)
        self._tools = [self._button(actions[key]) for key in tools]
        self._others = [self._button(actions[key]) for key in OTHERS]
        self._laid_out = (0, False)
        self._fit()

    def fold(self, on: bool) -> None:
        """Show one column where there is the height for it, or two."""
        self._is_folded = on
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._height(2, others=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(iconSize=QSize(20, 20), objectName="tool")
        button.setDefaultAction(action)
        return button

    def _height(self, columns: int, *, others: bool) -> int:
        """Return the height that the buttons need in pixels."""
        rows = -(-len(self._tools) // columns) + (-(-len(self._others) // columns) if others else 0)
        return rows * (self._tools[0].sizeHint().height() + GAP) + (SPACE + GAP if others else 0) + 2 * SPACE

    def _fit(self) -> None:
        columns = 1 if self._is_folded and self._height(1, others=False) <= self.height() else 2
        others = self._height(columns, others=True) <= self.height()
        if (columns, others) == self._laid_out:
            return
        self._laid_out = columns, others
        for row in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(row, 0)
            self._grid.setRowStretch(row, 0)
        below = self._place(self._tools, 0, columns)
        self._grid.setRowMinimumHeight(below, SPACE)
        self._grid.setRowStretch(self._place(self._others, below + 1, columns), 1)
        for button in self._others:
            button.setVisible(others)

    def _place(self, buttons: Sequence[QToolButton], row: int, columns: int) -> int:
        """Put buttons from a row on, and return the row below them."""
        for number, button in enumerate(buttons):
            self._grid.addWidget(button, row + number // columns, number % columns)
        return row - (-len(buttons) // columns)
