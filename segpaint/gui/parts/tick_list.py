"""A list of items to tick."""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from segpaint.core.printable import printable
from segpaint.gui.style.theme import SPACE

ROW_HEIGHT = 3 * SPACE


class TickList(QListWidget):
    """Holds a value for each of its lines."""

    def add(self, words: str, value: object, *, ticked: bool) -> QListWidgetItem:
        """Add a line."""
        item = QListWidgetItem(printable(words))
        item.setData(Qt.ItemDataRole.UserRole, value)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setSizeHint(QSize(0, ROW_HEIGHT))  # it uses the available width
        self.addItem(item)
        return item

    @property
    def ticked(self) -> list[Any]:
        """The values of the ticked lines, from top to bottom."""
        items = [self.item(row) for row in range(self.count())]
        return [
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked
        ]

    def fit(self, most: int) -> None:
        """Set the height to that of the lines, but at most of `most` lines."""
        self.setFixedHeight(ROW_HEIGHT * min(self.count(), most) + 2 * self.frameWidth())
