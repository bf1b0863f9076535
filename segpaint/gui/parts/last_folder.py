"""The folder in which file dialogs begin: that of the last opened or saved file, even after a restart."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths

from segpaint.studio.base.preferences import Preferences

NAME, FIGURES = "files/folder", "files/figures"


def last_folder(preferences: Preferences) -> Path:
    """Get the folder for a file dialog; the working folder at first, or if the last one is missing."""
    kept = preferences.chosen.files.folder
    return Path(kept) if kept and Path(kept).is_dir() else Path.cwd()


def figures_folder(preferences: Preferences) -> Path:
    """Get the folder in which figures are saved: the last one, at first the user's for pictures, or the home.

    The folder of the files opened last, which may be data, is only taken where there is no home.
    """
    kept, kinds = preferences.chosen.files.figures, QStandardPaths.StandardLocation
    own = (QStandardPaths.writableLocation(kind) for kind in (kinds.PicturesLocation, kinds.HomeLocation))
    places = (Path(place) for place in (kept, *own) if place)
    return next((place for place in places if place.is_dir()), last_folder(preferences))


def keep_folder(preferences: Preferences, file: Path, name: str = NAME) -> None:
    """Begin the next dialog in this file's folder."""
    preferences.set(name, str(file.absolute().parent))
