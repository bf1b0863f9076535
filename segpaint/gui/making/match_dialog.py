"""The dialog that adds what is before and after to a folder of matched pairs."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from shiboken6 import isValid

from segpaint.core.pictures.figure import Figure
from segpaint.core.pictures.film import Panel
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.words import counted
from segpaint.gui.making.figure_dialog import Preview
from segpaint.gui.making.figure_painter import FigurePainter
from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.problem_label import ProblemLabel
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.paired.matched import MatchedPair, Side
from segpaint.paired.matched_set import MATCHED, MatchedSet
from segpaint.studio.studio import Studio

LANE = "matched pairs"
REMEMBERED = "files/matched"
WIDTH = 180
"""Millimetres of the figure in the preview."""


class MatchDialog(QDialog):
    """Shows both images with their masks, and adds them to a folder.

    Parameters
    ----------
    pair : MatchedPair
    panels : tuple of Panel
        What is shown of it.
    """

    def __init__(
        self, studio: Studio, pair: MatchedPair, panels: tuple[Panel, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, windowTitle="Save before and after")
        self._studio, self._pair = studio, pair
        self.preview = Preview()
        self.preview.show_figure(FigurePainter(Figure(panels, columns=len(panels)), WIDTH))
        self.about = PlainLabel(about_pair(pair), wordWrap=True)
        self.promise = PlainLabel(promise_of(pair), wordWrap=True, visible=pair.shows_patient)
        set_tone(self.promise, "warning")
        self.folder = FolderField(MATCHED)
        self.folder.line.setText(studio.preferences.chosen.files.matched)
        self.problem = ProblemLabel()
        self.said = PlainLabel(objectName="heading")
        self.add = QPushButton("Add", objectName="primary")
        self.close_button = QPushButton("Close")
        self.add.setDefault(True)
        self.close_button.setAutoDefault(False)
        foot = in_row(self.said, self.close_button, self.add, stretched=self.said, spacing=SPACE)
        parts = self.preview, self.about, self.promise, self.folder, self.problem, foot
        in_column(*parts, of=self, stretched=self.preview, spacing=2 * SPACE, margins=2 * SPACE)
        resize_within_screen(self, 880, 420)
        self.folder.changed.connect(self._on_folder)
        self.add.clicked.connect(self._add)
        self.close_button.clicked.connect(self.close)
        self._on_folder()

    @Slot()
    def _on_folder(self) -> None:
        self.problem.clear()
        self.said.clear()
        self.add.setEnabled(self.folder.path is not None)

    @Slot()
    def _add(self) -> None:
        folder = self.folder.path
        if folder is None:
            return
        self.problem.clear()
        self.add.setEnabled(False)
        self._studio.preferences.set(REMEMBERED, str(folder))
        work = partial(add_pair, folder, self._studio.document.checkpoint, self._pair)
        self._studio.background.start(work, self._on_added, self._on_failed, lane=LANE)

    def _on_added(self, written: tuple[str, int]) -> None:
        if not isValid(self):  # closed meanwhile
            return
        name, count = written
        self.said.setText(f"Added as {name}. The folder holds {counted(count, 'matched pair')}.")

    def _on_failed(self, error: Exception) -> None:
        if not isValid(self):
            self._studio.background.failed.emit(error)
            return
        self.problem.show_error(error)
        self.add.setEnabled(True)


def about_pair(pair: MatchedPair) -> str:
    """Describe in sentences what both images are, and what differs."""
    names = ", ".join(pair.changed_labels)
    changed = f"The masks differ in {names}." if names else "The masks show the same labels."
    return f"Before (a): {_about(pair.a)}. After (b): {_about(pair.b)}. {changed}"


def _about(side: Side) -> str:
    if side.about.is_unchanged:
        return "a patient's image"
    return side.about.sentence.partition(": ")[2]


def promise_of(pair: MatchedPair) -> str:
    """Return the sentence that a patient's image goes along, and why."""
    if pair.a.about.is_unchanged:
        return "PATIENT DATA: the patient's original goes into the folder whole, because you ask for it here."
    return "PATIENT DATA: both images go into the folder, and a patient is in them."


def add_pair(folder: Path, checkpoint: Checkpoint, pair: MatchedPair) -> tuple[str, int]:
    """Add a pair to a folder; its name there, and the number of pairs in the folder.

    Raises
    ------
    SegPaintError
        See `MatchedSet`.
    """
    with MatchedSet(folder, checkpoint) as matched:
        row = matched.add(pair, matched.free_name(f"{checkpoint.folder.resolve().name}_{pair.seed}"))
        return row.name, len(matched.rows)
