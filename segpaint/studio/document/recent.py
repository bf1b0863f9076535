"""The files opened last, masks and references alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from segpaint.studio.base.preferences import Preferences

MOST = 10
NAME = "files/recent"


class Kind(Enum):
    """As what a file was opened; the values are kept on the disk."""

    MASK = "mask"
    """Or as the request of a result."""
    REFERENCE = "reference"


@dataclass(frozen=True)
class RecentFile:
    """A file that was opened.

    Attributes
    ----------
    path : str
        Absolute.
    kind : str
        Value of a `Kind`.
    picture : str
        What it looked like: a small PNG in base64.
    """

    path: str
    kind: str
    picture: str


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
        kept: list[object] = self._preferences.get(NAME, [])
        return tuple(file for entry in kept if (file := _parse(entry)) is not None)

    def add(self, path: Path, kind: Kind, picture: str) -> None:
        """Put a file first."""
        new = RecentFile(str(path.absolute()), kind.value, picture)
        others = [file for file in self.files if (file.path, file.kind) != (new.path, new.kind)]
        self._set([new, *others][:MOST])

    def clear(self) -> None:
        """List none."""
        self._set([])

    def _set(self, files: list[RecentFile]) -> None:
        self._preferences.set(NAME, [asdict(file) for file in files])
        self.changed.emit()


def _parse(entry: object) -> RecentFile | None:
    """A file as it was kept; None for what somebody else has written."""
    if not isinstance(entry, dict) or set(entry) != {"path", "kind", "picture"}:
        return None
    if not all(isinstance(value, str) for value in entry.values()):
        return None
    known = entry["kind"] in {kind.value for kind in Kind}
    return RecentFile(**entry) if known else None
