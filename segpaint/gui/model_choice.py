"""Which models make the images of a paired set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from segpaint.core.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.errors import SegPaintError
from segpaint.gui.theme import SPACE
from segpaint.paired.translation import Translation

MOST_ROWS = 4


class ModelChoice(QListWidget):
    """Lets models be ticked beside the open one, in whose labels the masks are painted.

    Parameters
    ----------
    folders : sequence of Path
        The checkpoints that are offered; it may grow.
    """

    changed = Signal()

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__()
        self._folders = folders
        self.itemChanged.connect(self.changed)

    def set_checkpoint(self, own: Checkpoint) -> None:
        """Offer the open checkpoint, ticked for good, and the others with how many labels they share."""
        ticked = set(self.folders[1:])
        with QSignalBlocker(self):
            self.clear()
            self._add(own.folder, own.description.name, "the open one", is_own=True)
            for folder in self._folders:
                if folder.resolve() != own.folder.resolve():
                    self._offer(folder, own, is_ticked=folder in ticked)
        self.setFixedHeight(self.sizeHintForRow(0) * min(self.count(), MOST_ROWS) + 2 * SPACE)
        self.changed.emit()

    def _offer(self, folder: Path, own: Checkpoint, *, is_ticked: bool) -> None:
        try:
            other = read_checkpoint(folder)
        except SegPaintError:  # it is told when it is chosen in the window
            return
        match = len(Translation(own.table, other.table).by_index)
        words = f"{match} of {len(own.table)} labels match"
        item = self._add(folder, other.description.name, words)
        if match == 0:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        elif is_ticked:
            item.setCheckState(Qt.CheckState.Checked)

    def _add(self, folder: Path, name: str, words: str, *, is_own: bool = False) -> QListWidgetItem:
        item = QListWidgetItem(f"{name}: {words}")
        item.setData(Qt.ItemDataRole.UserRole, folder)
        item.setCheckState(Qt.CheckState.Checked if is_own else Qt.CheckState.Unchecked)
        if is_own:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.addItem(item)
        return item

    @property
    def folders(self) -> list[Path]:
        """The checkpoints ticked, the open one first."""
        items = [self.item(row) for row in range(self.count())]
        return [
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked
        ]
