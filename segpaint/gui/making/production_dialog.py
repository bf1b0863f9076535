"""A dialog that makes a set in the background: its settings and progress."""

from pathlib import Path

from PySide6.QtCore import QEvent, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QProgressBar,
    QPushButton,
    QWidget,
)

from segpaint.core.errors import SegPaintError
from segpaint.core.words import counted
from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.set_form import SetForm
from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.problem_label import ProblemLabel
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.studio.making.set_production import Production, SetState, in_words
from segpaint.studio.studio import Studio


class ProductionDialog(QDialog):
    """Starts, pauses and cancels a set, which continues after the dialog is closed.

    Parameters
    ----------
    production : Production
        Makes the set.
    title : str
        Of the window.

    Attributes
    ----------
    held : str
        A sentence for a folder that holds a set to go on with.
    takes_more : bool
        Whether more can be begun in the folder of a finished set.
    unit : tuple of str
        One finished image and several, in words.
    """

    opened = Signal(Path)
    """The folder must be shown."""
    held = "This folder holds a paired set. Go on makes what is missing of it, and nothing twice."
    takes_more = False
    unit = "image with its mask", "images with their masks"

    def __init__(
        self, studio: Studio, production: Production, form: SetForm, folder: FolderField, title: str,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent, windowTitle=title)
        self._studio, self._production = studio, production
        self.form, self.folder = form, folder
        self._begun: Path | None = None
        self.sentence = PlainLabel(wordWrap=True)
        self.notes = PlainLabel(wordWrap=True)
        set_tone(self.notes, "faint")
        self.problem = ProblemLabel()
        self.bar = QProgressBar(textVisible=False, accessibleName=f"How far the {production.kind} is")
        self.bar.setFixedHeight(SPACE)
        self.start = QPushButton("Start", objectName="primary")
        self.pause = QPushButton("Pause")
        self.cancel = QPushButton("Cancel", toolTip="Make no more; what is there stays")
        self.show_folder = QPushButton("Open the folder")
        self.hide_button = QPushButton("Close")
        self._lay_out()
        form.changed.connect(self._show)
        form.failed.connect(self.problem.show_error)
        folder.changed.connect(self._show)
        self.start.clicked.connect(self._start)
        self.pause.clicked.connect(self._pause)
        self.cancel.clicked.connect(production.cancel)
        self.show_folder.clicked.connect(self._open_folder)
        self.hide_button.clicked.connect(self.close)
        production.changed.connect(self._show)
        production.failed.connect(self.problem.show_error)
        studio.opened.switched.connect(self._on_document)
        studio.runs.model_changed.connect(self._show)
        self.opened.connect(self._open_in_desktop)

    def _lay_out(self) -> None:
        rule = QFrame(objectName="rule", minimumHeight=1, maximumHeight=1)
        buttons = self.hide_button, self.cancel, self.pause, self.start
        for button in buttons:
            button.setAutoDefault(False)
        foot = in_row(self.show_folder, None, *buttons, spacing=SPACE)
        words = self.sentence, self.bar, self.notes, self.problem
        self.settings = FittingScrollArea(self.form)
        parts = self.settings, self.folder, rule, *words, None, foot
        self._layout = in_column(*parts, of=self, spacing=2 * SPACE, margins=2 * SPACE)
        resize_within_screen(self, 720, 640)

    def shows(self, production: Production) -> bool:
        """Check whether it is open, and shows how far a production is."""
        return self.isVisible() and production is self._production

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_document()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:  # the mask may have changed in the window
            self._on_document()
        return super().event(event)

    @Slot()
    def _on_document(self) -> None:
        """Follow the current document; a set in production has its own models."""
        if self.isVisible():
            self.problem.clear()
            self.form.refresh()
            self.folder.offer()
            self._show()

    # ---- display

    @Slot()
    def _show(self) -> None:
        production = self._production
        progress, is_active = production.progress, production.is_active
        is_done = progress in (SetState.FINISHED, SetState.STOPPED) and self.folder.path == production.folder
        self.form.set_editable(not is_active and not self.folder.holds_set)
        self.settings.setVisible(not self.folder.holds_set or self._begun == self.folder.path)
        self.folder.setEnabled(not is_active)
        asked = self.folder.holds_set or self.form.count > 0
        is_finished = is_done and progress is SetState.FINISHED
        self.start.setVisible(not is_active and (self.takes_more or not is_finished))
        self.start.setText("Go on" if self.folder.holds_set else "Start")
        self.start.setEnabled(asked and self.folder.path is not None and self._studio.runs.is_ready)
        self.pause.setVisible(is_active)
        self.pause.setEnabled(progress in (SetState.RUNNING, SetState.PAUSED))
        self.pause.setText("Go on" if progress is SetState.PAUSED else "Pause")
        self.cancel.setVisible(is_active)
        self.cancel.setEnabled(progress is not SetState.CLOSING)
        self.show_folder.setVisible(is_active or is_done or self.folder.holds_set)
        self.bar.setVisible(is_active or (is_done and progress is SetState.STOPPED))
        self.bar.setRange(0, production.count)
        self.bar.setValue(production.done)
        told, notes = is_active or is_done, production.notes
        if is_finished and self.takes_more:
            told, notes = False, (self._progress_words(), *notes)
        self.sentence.setText(self._progress_words() if told else self._form_words())
        self.notes.setText(" ".join(notes) if is_active or is_done else "")
        self.notes.setVisible(bool(self.notes.text()))
        needed = self._layout.totalHeightForWidth(self.width())
        if needed > self.height():
            resize_within_screen(self, self.width(), needed)

    def _form_words(self) -> str:
        if self.folder.holds_set:
            return f"{self.held} {self.own_settings()}".strip()
        count, sentence = self.form.count, self.form.sentence
        if not count:
            return sentence
        trajectory = self._studio.runs.trajectory
        time = ""
        if trajectory.taken:
            seconds = trajectory.seconds / trajectory.taken * self._studio.document.settings.steps * count
            time = f" That takes {in_words(seconds)}, going by the last image in the window."
        ready = "" if self._studio.runs.is_ready else " The model is still being loaded."
        return f"{sentence}{time}{ready}"

    def own_settings(self) -> str:
        """Describe the settings of the set in the folder; empty if the sentence for it is enough."""
        return ""

    def _progress_words(self) -> str:
        production = self._production
        so_far = f"{production.done:,} of {counted(production.count, 'image')}"
        match production.progress:
            case SetState.OPENING:
                return f"Looking through what there is in {production.folder}…"
            case SetState.RUNNING:
                left = production.seconds_left
                return so_far + (f", {in_words(left)} left" if left is not None else "")
            case SetState.PAUSED:
                return f"{so_far}, paused"
            case SetState.CLOSING:
                return f"{so_far}; writing the manifest and the contact sheet…"
            case SetState.FINISHED:
                made = counted(production.count, *self.unit)
                return f"Finished: {made}."
            case _:
                own = self.own_settings() if self.settings.isHidden() else ""
                return f"{so_far} are there. Go on makes the others. {own}".strip()

    # ---- actions

    @Slot()
    def _start(self) -> None:
        folder = self.folder.path
        if folder is None:
            return
        self.problem.clear()
        try:
            if self.folder.holds_set:
                self.go_on(folder)
            else:
                self._on_document()
                self._begun = folder  # so what the form shows is of this set
                self.begin(folder)
        except SegPaintError as error:
            self.problem.show_error(error)

    def begin(self, folder: Path) -> None:
        """Begin a set.

        Raises
        ------
        SegPaintError
            If it cannot be begun.
        """
        raise NotImplementedError

    def go_on(self, folder: Path) -> None:
        """Go on with the set in a folder.

        Raises
        ------
        SegPaintError
            If it cannot be read.
        """
        raise NotImplementedError

    @Slot()
    def _pause(self) -> None:
        self.problem.clear()
        if self._production.progress is SetState.PAUSED:
            self._production.resume()
        else:
            self._production.pause()

    @Slot()
    def _open_folder(self) -> None:
        if self.folder.path is not None:
            self.opened.emit(self.folder.path)

    @Slot(Path)
    def _open_in_desktop(self, folder: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder.resolve())))
