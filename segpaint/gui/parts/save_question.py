"""The question where to save: final names are settled, and asked about, before anything is written."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from segpaint.core.printable import printable
from segpaint.gui.parts.last_folder import FIGURES, NAME, figures_folder, keep_folder, last_folder
from segpaint.studio.base.preferences import Preferences

MOST_NAMED = 5
Naming = Callable[[Path, str], Sequence[Path]]
"""Names all files that will be written, the main one first, from the path and the kind that were chosen."""


def ask_where(
    parent: QWidget, preferences: Preferences, title: str, name: str, kinds: str, naming: Naming,
    *, are_figures: bool = False,
) -> tuple[Path, str] | None:  # fmt: skip
    """Ask for a file to save, and whether to overwrite what is there; None if the user cancels.

    Parameters
    ----------
    kinds : str
        As Qt writes them, separated by ``;;``.
    are_figures : bool
        Whether the folder is that of figures, not the one of the files opened last, which may be data.

    Returns
    -------
    Path
        The main file.
    str
        The chosen kind.
    """
    folder = figures_folder(preferences) if are_figures else last_folder(preferences)
    free = next(free for free in _numbered(name) if not (folder / free).is_dir())  # which would be entered
    path, kind = QFileDialog.getSaveFileName(parent, title, str(folder / free), kinds)
    if not path:
        return None
    keep_folder(preferences, Path(path), FIGURES if are_figures else NAME)
    files = naming(Path(path), kind)
    # The file dialog has asked about the name as it was typed.
    if not may_overwrite(parent, [file for file in files if file != Path(path)]):
        return None
    return files[0], kind


def _numbered(name: str) -> Iterator[str]:
    """Yield a name, and then others with numbers behind it."""
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def may_overwrite(parent: QWidget, files: Sequence[Path]) -> bool:
    """Ask whether those files may be overwritten that exist; True if there are none."""
    there = [file for file in files if file.exists()]
    if not there:
        return True
    names = [file.name for file in there[:MOST_NAMED]]
    if len(there) > MOST_NAMED:
        names.append(f"and {len(there) - MOST_NAMED} more")
    lines = "This is there already, and would be overwritten:", "", *names, "", f"It lies in {there[0].parent}."
    box = QMessageBox(QMessageBox.Icon.Warning, "Overwrite", printable("\n".join(lines)), parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
    box.button(QMessageBox.StandardButton.Yes).setText("Overwrite")
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    return box.exec() == QMessageBox.StandardButton.Yes
