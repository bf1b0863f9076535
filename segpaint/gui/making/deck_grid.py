"""The candidates that are made, as a grid of thumbnails."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QListWidget, QListWidgetItem

from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.studio.making.candidate import Candidate

SIDE = 128


class DeckGrid(QListWidget):
    """Shows candidates; the one looked at is selected."""

    chosen = Signal(object)
    """The `Candidate` that was clicked."""

    def __init__(self) -> None:
        super().__init__(accessibleName="Candidates")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._candidates: list[Candidate] = []
        self.itemClicked.connect(self._on_clicked)

    def show_candidates(self, candidates: Sequence[Candidate], current: Candidate | None) -> None:
        """Show what is made, and select one."""
        if self._candidates != list(candidates):
            self._candidates = list(candidates)
            self.clear()
            for candidate in candidates:
                words = "failed" if candidate.pixels is None else ""
                if candidate.dice is not None:
                    words = f"Dice {candidate.dice:.2f}"
                item = QListWidgetItem(words)
                if candidate.pixels is not None:
                    item.setIcon(QIcon(to_pixmap(candidate.pixels, SIDE, self.devicePixelRatio())))
                item.setToolTip(candidate.pair.name)
                item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
                self.addItem(item)
        self.setCurrentRow(self._candidates.index(current) if current in self._candidates else -1)

    @Slot(QListWidgetItem)
    def _on_clicked(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self._candidates[self.row(item)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave letters to the deck, which a list would search for."""
        if event.text().strip():
            event.ignore()
            return
        super().keyPressEvent(event)
        row = self.currentRow()
        if 0 <= row < len(self._candidates):
            self.chosen.emit(self._candidates[row])
