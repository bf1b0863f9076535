"""Which model paints: its name, its card one click away, and a way to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from segpaint.core.requests.checkpoint import Checkpoint, checkpoint_title
from segpaint.gui.style.theme import SPACE, icon


class CheckpointPanel(QWidget):
    """Shows the open checkpoint.

    Parameters
    ----------
    folders : sequence of Path
        The checkpoints that are offered.

    Attributes
    ----------
    folders : list of Path
        Those, and others that were opened since.
    """

    folder_chosen = Signal(Path)
    other_wanted = Signal()
    card_wanted = Signal()

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__()
        self.box = QComboBox(toolTip="The model that paints")
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.folders = list(folders)
        self.card = QToolButton(
            icon=icon(MDI7.card_text_outline), toolTip="About this model", iconSize=QSize(18, 18)
        )
        self.facts = QLabel(wordWrap=True)
        self.facts.setObjectName("heading")
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        row.addWidget(self.box, 1)
        row.addWidget(self.card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Model", objectName="heading"))
        layout.addLayout(row)
        layout.addWidget(self.facts)
        self.card.clicked.connect(self.card_wanted)
        self.box.activated.connect(self._on_activated)

    def show_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Show which one is open."""
        folder = checkpoint.folder
        if folder not in self.folders:
            self.folders.append(folder)
        with QSignalBlocker(self.box):
            self.box.clear()
            for known in self.folders:
                self.box.addItem(checkpoint_title(known), known)
            self.box.addItem("Another folder…", None)
            place = self.folders.index(folder)
            self.box.setCurrentIndex(place)
        self._current = place
        description = checkpoint.description
        size = f"{description.size} × {description.size}"
        self.facts.setText(f"{description.modality}, {size} pixels, {len(description.labels)} labels")

    @Slot(int)
    def _on_activated(self, place: int) -> None:
        folder = self.box.itemData(place)
        if place == self._current:
            return
        self.box.setCurrentIndex(self._current)  # until it is open
        if folder is None:
            self.other_wanted.emit()
        else:
            self.folder_chosen.emit(folder)
