"""What candidates to choose from: the first page of the deck."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QWidget
from shiboken6 import isValid

from segpaint.core.errors import SegPaintError
from segpaint.core.words import counted
from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.paired_form import CHOSEN_LAYOUTS, PairedForm, about_set
from segpaint.gui.making.recent_sets import note_set, specification_of, unfinished_sets
from segpaint.gui.making.set_form import NAME_WIDTH
from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField, limits
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.problem_label import ProblemLabel
from segpaint.gui.style.theme import SPACE
from segpaint.paired.choices import Decision
from segpaint.paired.deck import Counts, count_choices
from segpaint.paired.specification import SPECIFICATION, Choosing, read_specification
from segpaint.studio.making.choosing import LANE
from segpaint.studio.studio import Studio

WANTED = 10
"""Half of the candidates of one mask."""


class DeckStart(QWidget):
    """Asks for masks, seeds, and so on, and opens the set."""

    left = Signal()
    """The page is given up."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._choices: Counts | None = None
        """How far the set in the folder is; None if it holds none, or that is not known yet."""
        self.form = PairedForm(studio, CHOSEN_LAYOUTS)
        self.form.seed_count.setValue(20)
        self.wanted = NumberField(
            *limits(Choosing, "wanted"), value=WANTED, suffix=" pairs", name="Pairs wanted",
            tip="Bars show how far they are; more can be taken",
        )  # fmt: skip
        offered = partial(unfinished_sets, studio.preferences, are_chosen=True)
        self.folder = FolderField(offered=offered)
        self.sentence = PlainLabel(wordWrap=True)
        self.problem = ProblemLabel()
        self.begin = QPushButton("Begin", objectName="primary")
        self.give_up = QPushButton("Close")
        self._lay_out()
        self.form.changed.connect(self._show)
        self.folder.changed.connect(self._count_choices)
        self.form.failed.connect(self.problem.show_error)
        self.begin.clicked.connect(self._begin)
        self.give_up.clicked.connect(self.left)
        studio.opened.switched.connect(self.refresh)
        studio.runs.model_changed.connect(self._show)
        studio.choosing.changed.connect(self._on_choosing)

    def _lay_out(self) -> None:
        name = PlainLabel("Wanted", objectName="heading")
        name.setFixedWidth(NAME_WIDTH + SPACE)
        goal = in_row(name, self.wanted, None, spacing=SPACE)
        self.settings = QWidget()
        scrolled = FittingScrollArea(self.form)
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the first field gets it
        in_column(scrolled, goal, of=self.settings, spacing=2 * SPACE)
        rule = QFrame(objectName="rule", minimumHeight=1, maximumHeight=1)
        for button in (self.begin, self.give_up):
            button.setAutoDefault(False)
        foot = in_row(None, self.give_up, self.begin, spacing=SPACE)
        parts = self.settings, self.folder, rule, self.sentence, self.problem, None, foot
        in_column(*parts, of=self, spacing=2 * SPACE, margins=2 * SPACE)

    @Slot()
    def refresh(self) -> None:
        """Follow the open document, and the set in the folder."""
        if self.isVisible():
            self.form.refresh()
            self.folder.offer()
            self._count_choices()

    def focus_first(self) -> None:
        """Focus the first field that can be changed."""
        (self.folder.line if self.folder.holds_set else self.form.masks.kind).setFocus()

    @Slot()
    def _count_choices(self) -> None:
        """Find out on another thread how far the set in the folder is, once all decisions are on the disk."""
        self._choices, folder = None, self.folder.path
        if folder is not None and self.folder.holds_set:
            self._studio.background.start(
                partial(count_choices, folder), self._on_counted, self._on_uncounted, lane=LANE
            )
        self._show()

    def _on_counted(self, counts: Counts) -> None:
        if isValid(self) and counts.folder == self.folder.path:
            self._choices = counts
            self._show()

    def _on_uncounted(self, _error: Exception) -> None:
        """Leave it to the set that is gone on with to report what is wrong."""

    @Slot()
    def _on_choosing(self) -> None:
        """Offer the folder later, until its set is complete."""
        choosing = self._studio.choosing
        if choosing.is_open and choosing.folder is not None:
            is_complete = choosing.deck.count(Decision.TAKEN) >= choosing.wanted
            note_set(self._studio.preferences, choosing.folder, is_complete=is_complete)
        self._show()

    @Slot()
    def _show(self) -> None:
        is_opening, is_ready = self._studio.choosing.is_opening, self._studio.runs.is_ready
        goes_on = self.folder.holds_set
        for part in (self.form, self.wanted):
            part.setEnabled(not goes_on and not is_opening)
        self.settings.setVisible(not goes_on)  # the set has its own
        self.folder.setEnabled(not is_opening)
        self.begin.setText("Go on" if goes_on else "Begin")
        has_all = self.folder.path is not None and (goes_on or self.form.count > 0)
        self.begin.setEnabled(has_all and is_ready and not is_opening)
        if is_opening:
            words = "Looking through it…"
        elif goes_on:
            own = specification_of(self.folder.path)
            words = "This folder holds a set. Go on shows what is not decided yet."
            words = words if own is None else f"{words} {about_set(own)}"
            if self._choices is not None and own is not None and own.choosing is not None:
                left = counted(self._choices.left, "is left out", "are left out")
                wanted = counted(own.choosing.wanted, "pair")
                words = f"{self._choices.taken} of {wanted} taken; {left}. {words}"
        else:
            words = self.form.sentence
            if self.form.count and self.form.count < self.wanted.value():
                words += f" That is fewer than {counted(int(self.wanted.value()), 'pair')}."
        self.sentence.setText(words if is_ready or is_opening else f"{words} The model is still being loaded.")

    @Slot()
    def _begin(self) -> None:
        folder = self.folder.path
        if folder is None:
            return
        self.problem.clear()
        try:
            self._open(folder)
        except SegPaintError as error:
            self.problem.show_error(error)

    def _open(self, folder: Path) -> None:
        choosing = self._studio.choosing
        if self.folder.holds_set:
            choosing.open(folder, read_specification(folder / SPECIFICATION))
            return
        self.form.refresh()
        wanted = self.form.specification(Choosing(wanted=int(self.wanted.value())))
        choosing.open(folder, wanted, self.form.masks.painted_file())
