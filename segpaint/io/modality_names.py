"""Finds the modality in names of channels, files and folders."""

import os.path
import re
from collections.abc import Iterable
from pathlib import Path

WORDS = {
    **dict.fromkeys(("ct", "cbct"), "CT"),
    **dict.fromkeys(("mr", "mri", "t1w", "t2w", "t1ce", "flair", "bold", "dwi"), "MR"),
    **dict.fromkeys(("pet", "suv"), "PT"),
}
"""DICOM's name by the words for it; none that may count patients or times, as T1 and PT do."""


def modality_in(name: str) -> str | None:
    """Return the one modality that a name holds as a word; None if that is none or several."""
    kinds = {WORDS[word] for word in re.split(r"[^a-z0-9]+", name.casefold()) if word in WORDS}
    return kinds.pop() if len(kinds) == 1 else None


def modality_of_files(folder: Path, files: Iterable[Path]) -> str | None:
    """Return the modality that the names of all files hold, with those of their folders, if it is the same."""
    kinds = {modality_in(os.path.relpath(file, folder.parent)) for file in files}
    return kinds.pop() if len(kinds) == 1 else None
