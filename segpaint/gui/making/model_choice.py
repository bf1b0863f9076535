"""Which models make the images of a paired set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.translation import Translation
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.gui.parts.tick_list import TickList

MOST_ROWS = 4


class ModelChoice(TickList):
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
            item = self.add(f"{own.description.name}: the open one", own.folder, ticked=True)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for folder in self._folders:
                if folder.resolve() != own.folder.resolve():
                    self._offer(folder, own, is_ticked=folder in ticked)
        self.fit(MOST_ROWS)
        self.changed.emit()

    def _offer(self, folder: Path, own: Checkpoint, *, is_ticked: bool) -> None:
        try:
            other = read_checkpoint(folder)
        except SegPaintError:  # it is told when it is chosen in the window
            return
        match = len(Translation(own.table, other.table).by_index)
        words = f"{match} of {len(own.table)} labels match"
        item = self.add(f"{other.description.name}: {words}", folder, ticked=is_ticked and match > 0)
        if match == 0:
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    @property
    def folders(self) -> list[Path]:
        """The checkpoints ticked, the open one first."""
        return self.ticked
