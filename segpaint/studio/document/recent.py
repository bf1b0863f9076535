"""The files opened last, masks, references, and scans alike."""

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from segpaint.studio.base.preferences import Preferences, RecentFile

MOST = 10
NAME = "files/recent"


class Kind(Enum):
    """What a file was opened as; the values are saved."""

    MASK = "mask"
    """Or as the request of a result."""
    REFERENCE = "reference"
    PROJECT = "project"
    SCAN = "scan"
    """Perhaps a folder."""


class RecentFiles(QObject):
    """Saves the list of recent files, newest first."""

    changed = Signal()

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences

    @property
    def files(self) -> tuple[RecentFile, ...]:
        """The recent files, at most `MOST`; another window may have added some."""
        return self._preferences.chosen.files.recent

    def add(self, path: Path, kind: Kind, picture: str) -> None:
        """Put a file first."""
        new = RecentFile(path=str(path.absolute()), kind=kind.value, picture=picture)
        others = [
            file
            for file in self._preferences.fresh.files.recent
            if (file.path, file.kind) != (new.path, new.kind)
        ]
        self._set([new, *others][:MOST])

    def clear(self) -> None:
        """Empty the list."""
        self._set([])

    def _set(self, files: list[RecentFile]) -> None:
        self._preferences.set(NAME, [file.model_dump() for file in files])
        self.changed.emit()
