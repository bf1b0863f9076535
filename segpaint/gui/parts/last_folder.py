"""The folder in which file dialogs begin: that of the last opened or saved file, even after a restart."""

from pathlib import Path

from segpaint.studio.base.preferences import Preferences

NAME = "files/folder"


def last_folder(preferences: Preferences) -> Path:
    """Get the folder for a file dialog; the working folder at first, or if the last one is missing."""
    kept = preferences.chosen.files.folder
    return Path(kept) if kept and Path(kept).is_dir() else Path.cwd()


def keep_folder(preferences: Preferences, file: Path) -> None:
    """Begin the next dialog in this file's folder."""
    preferences.set(NAME, str(file.absolute().parent))
