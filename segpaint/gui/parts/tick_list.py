"""A list of things to tick."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from segpaint.gui.style.theme import SPACE

ROW_HEIGHT = 3 * SPACE


class TickList(QListWidget):
    """Holds a value for each of its lines."""

    def add(self, words: str, value: object, *, ticked: bool) -> QListWidgetItem:
        """Add a line."""
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, value)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setSizeHint(QSize(0, ROW_HEIGHT))  # of the width, it takes what there is
        self.addItem(item)
        return item

    @property
    def ticked(self) -> list[Any]:
        """The values of the lines ticked, from top to bottom."""
        items = [self.item(row) for row in range(self.count())]
        return [
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked
        ]

    def fit(self, most: int) -> None:
        """Be as high as the lines are, but no higher than so many of them."""
        self.setFixedHeight(ROW_HEIGHT * min(self.count(), most) + 2 * self.frameWidth())
