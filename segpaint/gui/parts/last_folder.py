"""The folder in which file dialogs begin: that of the file opened or saved last, after a restart, too."""

from __future__ import annotations

from pathlib import Path

from segpaint.studio.base.preferences import Preferences

NAME = "files/folder"


def last_folder(preferences: Preferences) -> Path:
    """Where a file dialog begins; the working folder at first, and where the last one has gone."""
    kept = preferences.chosen.files.folder
    return Path(kept) if kept and Path(kept).is_dir() else Path.cwd()


def keep_folder(preferences: Preferences, file: Path) -> None:
    """Let the next dialog begin beside this file."""
    preferences.set(NAME, str(file.absolute().parent))
