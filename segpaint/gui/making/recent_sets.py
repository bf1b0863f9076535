"""The folders of sets that were left before they were complete, for the dialogs that go on with them."""

from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.paired.specification import SPECIFICATION, Specification, read_specification
from segpaint.studio.base.preferences import Preferences

NAME = "files/sets"
MOST = 8


def note_set(preferences: Preferences, folder: Path, *, is_complete: bool) -> None:
    """Offer a folder first from now on, or no longer once its set is complete."""
    place, kept = str(folder.absolute()), preferences.chosen.files.sets
    now = [*([] if is_complete else [place]), *(other for other in kept if other != place)][:MOST]
    if now != list(kept):
        preferences.set(NAME, now)


def unfinished_sets(preferences: Preferences, *, are_chosen: bool) -> list[Path]:
    """List the folders to go on with, the last first.

    Parameters
    ----------
    are_chosen : bool
        Whether they are those of sets whose pairs are chosen by eye.
    """
    folders = map(Path, preferences.chosen.files.sets)
    found = ((folder, specification_of(folder)) for folder in folders)
    return [folder for folder, one in found if one is not None and (one.choosing is not None) is are_chosen]


def specification_of(folder: Path | None) -> Specification | None:
    """Read the specification of the set in a folder; None if there is none, or it cannot be read."""
    if folder is None or not (folder / SPECIFICATION).is_file():
        return None
    try:
        return read_specification(folder / SPECIFICATION)
    except SegPaintError:  # going on reports it
        return None
