"""Chooses the models of a paired set."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.translation import Translation
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.words import counted
from segpaint.gui.parts.tick_list import TickList
from segpaint.studio.studio import Studio

MOST_ROWS = 4


class ModelChoice(TickList):
    """Offers models beside the open one, whose labels the masks have.

    Parameters
    ----------
    studio : Studio
        Its checkpoint folders are offered; more may be added.
    """

    changed = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.itemChanged.connect(self.changed)
        self.refresh()

    def refresh(self) -> None:
        """List the open checkpoint, always ticked, and the others with the number of common labels."""
        own = self._studio.document.checkpoint
        ticked = set(self.folders[1:])
        with QSignalBlocker(self):
            self.clear()
            item = self.add(f"{own.description.name}: the open one", own.folder, ticked=True)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for folder in self._studio.folders:
                if folder.resolve() != own.folder.resolve():
                    self._offer(folder, own, is_ticked=folder in ticked)
        self.fit(MOST_ROWS)
        self.changed.emit()

    def _offer(self, folder: Path, own: Checkpoint, *, is_ticked: bool) -> None:
        try:
            other = read_checkpoint(folder)
        except SegPaintError:  # reported when it is opened in the window
            return
        match = len(Translation(own.table, other.table).by_index)
        words = f"{match} of {counted(len(own.table), 'label')} match"
        item = self.add(f"{other.description.name}: {words}", folder, ticked=is_ticked and match > 0)
        if match == 0:
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    @property
    def folders(self) -> list[Path]:
        """The ticked checkpoints, the open one first."""
        return self.ticked
