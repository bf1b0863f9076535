"""The files opened last, masks and references alike."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from segpaint.studio.base.preferences import Preferences, RecentFile

MOST = 10
NAME = "files/recent"


class Kind(Enum):
    """As what a file was opened; the values are kept on the disk."""

    MASK = "mask"
    """Or as the request of a result."""
    REFERENCE = "reference"


class RecentFiles(QObject):
    """Keeps the list, newest first, from one start to the next.

    Parameters
    ----------
    preferences : Preferences
    """

    changed = Signal()

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences

    @property
    def files(self) -> tuple[RecentFile, ...]:
        """What was opened last, `MOST` at most; another window may have added to it."""
        return self._preferences.chosen.files.recent

    def add(self, path: Path, kind: Kind, picture: str) -> None:
        """Put a file first."""
        new = RecentFile(path=str(path.absolute()), kind=kind.value, picture=picture)
        others = [file for file in self.files if (file.path, file.kind) != (new.path, new.kind)]
        self._set([new, *others][:MOST])

    def clear(self) -> None:
        """List none."""
        self._set([])

    def _set(self, files: list[RecentFile]) -> None:
        self._preferences.set(NAME, [file.model_dump() for file in files])
        self.changed.emit()
