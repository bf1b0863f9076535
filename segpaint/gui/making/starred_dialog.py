"""The dialog that takes what the history has starred into a paired set."""

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from segpaint.core.words import counted
from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.paired_form import CHOSEN_LAYOUTS
from segpaint.gui.making.set_form import NAME_WIDTH
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.problem_label import ProblemLabel
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.paired.starred import StarredResults, Taken, read_starred, take_starred
from segpaint.studio.studio import Studio

LANE = "starred"


class StarredDialog(QDialog):
    """Reports what is starred, and takes it into a set."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent, windowTitle="A paired set from starred images")
        self._studio = studio
        self._found: StarredResults | None = None
        self._is_writing = False
        self.sentence = PlainLabel("Looking at what is starred…", wordWrap=True)
        self.notes = PlainLabel(wordWrap=True, visible=False)
        set_tone(self.notes, "faint")
        self.layout_box = Choice()
        for key, words in CHOSEN_LAYOUTS.items():
            self.layout_box.addItem(words, key)
        self.folder = FolderField()
        self.problem = ProblemLabel()
        self.said = PlainLabel(objectName="heading")
        self.take = QPushButton("Take into the set", objectName="primary", enabled=False)
        self.close_button = QPushButton("Close")
        self.take.setDefault(True)
        self.close_button.setAutoDefault(False)
        name = PlainLabel("Layout", objectName="heading")
        name.setFixedWidth(NAME_WIDTH + SPACE)
        layout = in_row(name, self.layout_box, stretched=self.layout_box, spacing=SPACE)
        foot = in_row(self.said, self.close_button, self.take, stretched=self.said, spacing=SPACE)
        parts = self.sentence, self.notes, layout, self.folder, self.problem, None, foot
        in_column(*parts, of=self, spacing=2 * SPACE, margins=2 * SPACE)
        resize_within_screen(self, 640, 300)
        self.folder.changed.connect(self._on_folder)
        self.take.clicked.connect(self._take)
        self.close_button.clicked.connect(self.close)
        reading = partial(read_starred, studio.history.folder.starred, tuple(studio.folders))
        studio.background.start(reading, self._on_read, self.problem.show_error, lane=LANE)

    def _on_read(self, found: StarredResults) -> None:
        self._found = found
        count = len(found.made)
        if count:
            masks, them = ("its mask", "it") if count == 1 else ("their masks", "them")
            self.sentence.setText(
                f"{counted(count, 'starred image')} with {masks}, as the history has {them}. Nothing is made "
                "anew, and nothing in the folder is overwritten."
            )
        elif found.notes:
            self.sentence.setText("No starred image can be a pair.")
        else:
            self.sentence.setText(
                "Nothing is starred. In the history (View > History), the right button stars an image."
            )
        self.notes.setText(" ".join(found.notes))
        self.notes.setVisible(bool(found.notes))
        self._show()

    @Slot()
    def _on_folder(self) -> None:
        self.problem.clear()
        self.said.clear()
        self._show()

    def _show(self) -> None:
        has_some = self._found is not None and bool(self._found.made)
        self.layout_box.setEnabled(not self.folder.holds_set and not self._is_writing)
        self.folder.setEnabled(not self._is_writing)
        self.take.setEnabled(has_some and self.folder.path is not None and not self._is_writing)

    @Slot()
    def _take(self) -> None:
        folder = self.folder.path
        if folder is None or self._found is None:
            return
        self.problem.clear()
        self.said.setText("Writing…")
        self._is_writing = True
        self._show()
        layout, known = self.layout_box.currentData(), tuple(self._studio.folders)
        work = partial(take_starred, folder, self._found.made, layout, known)
        self._studio.background.start(work, self._on_taken, self._on_failed, lane=LANE)

    def _on_taken(self, taken: Taken) -> None:
        self._is_writing = False
        before = f"; {counted(taken.before, 'was', 'were')} there before" if taken.before else ""
        self.said.setText(f"{counted(taken.new, 'pair')} taken into the set{before}.")
        self._show()

    def _on_failed(self, error: Exception) -> None:
        self._is_writing = False
        self.said.clear()
        self.problem.show_error(error)
        self._show()
