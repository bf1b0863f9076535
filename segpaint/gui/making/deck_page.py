"""Goes through the candidates: the second page of the deck, with a key for each decision."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStackedWidget, QWidget

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.words import counted
from segpaint.gui.making.deck_grid import DeckGrid
from segpaint.gui.making.deck_picture import DeckPicture, MaskPlace
from segpaint.gui.making.quota_bars import QuotaBars
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.problem_label import ProblemLabel
from segpaint.gui.parts.wheel import EnumChoice
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.paired.choices import Decision
from segpaint.studio.document.document import Document
from segpaint.studio.making.candidate import Candidate
from segpaint.studio.making.lineup import Order
from segpaint.studio.runs.taken_up import WhatWasOpen
from segpaint.studio.studio import Studio

MAKING = "This candidate is being made…"
SOURCE = "the deck"


@dataclass(frozen=True)
class DeckKey:
    """A key of the deck, and the button that it presses."""

    key: Qt.Key
    text: str
    tip: str
    checkable: bool = False


KEYS = {
    "take": DeckKey(Qt.Key.Key_T, "Take", "Put the pair into the set"),
    "leave": DeckKey(Qt.Key.Key_X, "Leave", "Leave the pair out"),
    "later": DeckKey(
        Qt.Key.Key_L, "Later", "Decide when all others are decided; of one that is being made, once it is made"
    ),
    "reseed": DeckKey(Qt.Key.Key_S, "Another seed", "Leave it, and make one with the next seed"),
    "edit": DeckKey(Qt.Key.Key_E, "Edit the mask", "Open the mask in the window; it comes back into the deck"),
    "compare": DeckKey(Qt.Key.Key_C, "Compare", "Show the pair taken last beside this one", checkable=True),
    "grid": DeckKey(Qt.Key.Key_G, "Grid", "Show all candidates that are made", checkable=True),
    "mask": DeckKey(Qt.Key.Key_M, "Mask", "Show the mask beside the image, over it, or not at all"),
    "undo": DeckKey(Qt.Key.Key_Backspace, "Take back", "Take the last decision back"),
}


class DeckPage(QWidget):
    """Shows one candidate, what the segmenter finds in it, and how far the set is."""

    edit_wanted = Signal()
    """The window must come to the front, to edit the mask that was taken up there."""
    edit_ended = Signal()
    """The mask in the window is no longer waited for; what was open there before can be brought back."""
    left = Signal()
    """The set is to be closed."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio, self._choosing = studio, studio.choosing
        self._edited: Candidate | None = None  # its mask is open in the window
        self.before: WhatWasOpen | None = None
        """What was open in the window before a mask of the deck; None once it is back."""
        self._left_at: tuple[Document, int] | None = None  # the document after the last edit
        self.picture = DeckPicture()
        self.grid = DeckGrid()
        self.pictures = QStackedWidget()
        self.progress = PlainLabel(wordWrap=True)
        self.order = EnumChoice(enum_class=Order)
        self.least = NumberField(
            0, 1, decimals=2, step=0.05, prefix="Dice ", suffix=" at least", name="Least Dice",
            tip="Candidates whose labels are found worse are passed over",
        )  # fmt: skip
        self.name = PlainLabel()
        self.dice = PlainLabel(wordWrap=True)
        self.notes = PlainLabel(wordWrap=True)
        self.problem = ProblemLabel()
        self.quotas = QuotaBars()
        self.buttons = {name: self._button(key) for name, key in KEYS.items()}
        self.come_back = QPushButton("Bring it back", objectName="primary")
        self.stay = QPushButton("Leave it there")
        self.close_button = QPushButton("Close the set")
        self._lay_out()
        actions: dict[str, Callable[[], object]] = {
            "take": partial(self._decide, Decision.TAKEN),
            "leave": partial(self._decide, Decision.LEFT),
            "later": self._put_off,
            "reseed": self._choosing.reseed, "edit": self._edit, "compare": self._show, "grid": self._show,
            "mask": self._turn_mask, "undo": self._choosing.undo,
        }  # fmt: skip
        for name, action in actions.items():
            self.buttons[name].clicked.connect(action)
        self.order.activated.connect(self._reorder)
        self.least.valueChanged.connect(self._reorder)
        self.grid.chosen.connect(self._choosing.look_at)
        self.come_back.clicked.connect(self.take_edited)
        self.stay.clicked.connect(self._end_edit)
        self.close_button.clicked.connect(self.left)
        self._choosing.changed.connect(self._show)
        self._choosing.moved.connect(self._show)
        self._choosing.failed.connect(self.problem.show_error)
        self._show()

    def _button(self, key: DeckKey) -> QPushButton:
        shown = QKeySequence(key.key).toString(QKeySequence.SequenceFormat.NativeText)
        button: QPushButton = QPushButton(f"{key.text}  {shown}", toolTip=key.tip, checkable=key.checkable)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys where they are
        return button

    def _lay_out(self) -> None:
        self.pictures.addWidget(self.picture)
        self.pictures.addWidget(self.grid)
        set_tone(self.notes, "faint")
        for label in (self.dice, self.notes, self.problem):
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.buttons["take"].setObjectName("primary")
        head = in_row(self.progress, self.order, self.least, stretched=self.progress, spacing=SPACE)
        self.edit_bar = QWidget()
        words = PlainLabel("The mask is open in the window. Change it there, and bring it back.", wordWrap=True)
        for button in (self.come_back, self.stay, self.close_button):
            button.setAutoDefault(False)
        in_row(words, self.stay, self.come_back, of=self.edit_bar, stretched=words, spacing=SPACE)
        about = in_column(self.name, self.dice, self.problem, self.edit_bar, spacing=SPACE // 2)
        middle = in_column(self.pictures, about, stretched=self.pictures, spacing=SPACE)
        named = self.buttons
        looking = (named[name] for name in ("compare", "grid", "mask", "undo"))
        right = in_column(self.quotas, *looking, stretched=self.quotas, spacing=SPACE)
        body = in_row(middle, right, stretched=middle, spacing=SPACE)
        deciding = (named[name] for name in ("take", "leave", "later", "reseed", "edit"))
        foot = in_row(*deciding, None, self.close_button, spacing=SPACE)
        in_column(head, body, self.notes, foot, of=self, stretched=body, spacing=SPACE, margins=2 * SPACE)

    # ---- display

    @Slot()
    def _show(self) -> None:
        choosing, current = self._choosing, self._choosing.current
        if not choosing.is_open:
            if self.is_editing:
                self._end_edit()
            return
        count = choosing.deck.count
        decided = counted(count(Decision.LEFT), "is left out", "are left out")
        is_complete = count(Decision.TAKEN) >= choosing.wanted
        self.progress.setText(
            f"{count(Decision.TAKEN)} of {counted(choosing.wanted, 'pair')} taken"
            f"{', so the set is complete' if is_complete else ''}; {decided}, "
            f"{len(choosing.deck):,} to decide on, {len(choosing.ready)} of them made"
        )
        self.quotas.show_quotas(choosing.quotas)
        self.notes.setText(" ".join(choosing.notes))
        self.notes.setVisible(bool(choosing.notes))
        self.edit_bar.setVisible(self.is_editing)
        self.pictures.setCurrentWidget(self.grid if self.buttons["grid"].isChecked() else self.picture)
        self.grid.show_candidates(choosing.ready, current)
        self._show_candidate(current)
        is_made = current is not None and current.pixels is not None
        for name in ("take", "edit"):
            self.buttons[name].setEnabled(is_made)
        self.buttons["later"].setEnabled(choosing.can_put_off)
        for name in ("leave", "reseed"):
            self.buttons[name].setEnabled(current is not None and current.is_ready)
        self.buttons["compare"].setEnabled(choosing.last_taken is not None)
        self.buttons["undo"].setEnabled(choosing.deck.last is not None)

    def _show_candidate(self, current: Candidate | None) -> None:
        self.name.setText("" if current is None else current.pair.name)
        self.dice.setText("" if current is None else _found(current))
        if current is None:
            left = len(self._choosing.deck)
            self.picture.show_words(
                f"{counted(left, 'candidate is', 'candidates are')} found worse than is wanted." if left
                else "Every candidate is decided on."
            )  # fmt: skip
        elif current.pixels is None:
            self.picture.show_words(current.error or MAKING)
        else:
            compared = self._choosing.last_taken if self.buttons["compare"].isChecked() else None
            other = None if compared is None else compared.pixels
            if compared is not None:
                self.name.setText(
                    f"{current.pair.name}; in place of its mask: {compared.pair.name}, taken last"
                )
            final, table = current.pair.final, current.pair.checkpoint.table
            self.picture.show_pair(current.pixels, final.mask, table, final.used, other)

    # ---- actions

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button of a key; a key held down decides once."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        pressed = [self.buttons[name] for name, key in KEYS.items() if plain and key.key == event.key()]
        if not pressed:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            pressed[0].click()

    def _decide(self, decision: Decision) -> None:
        self.problem.clear()
        self._choosing.decide(decision)

    @Slot()
    def _put_off(self) -> None:
        self.problem.clear()
        self._choosing.put_off()

    @Slot()
    def _reorder(self) -> None:
        self._choosing.set_order(self.order.currentEnum() or Order.PLANNED, float(self.least.value()))

    @Slot()
    def _turn_mask(self) -> None:
        places = list(MaskPlace)
        following = places.index(self.picture.mask_place) + 1
        self.picture.set_mask_place(places[following % len(places)])

    @Slot()
    def _edit(self) -> None:
        """Open the mask in the window."""
        current = self._choosing.current
        if current is None or not self._is_open_in_window(current):
            return
        self._edited, now = current, self._studio.taken_up.what_is_open()
        if self.before is None or (now.document, now.index) != self._left_at:
            self.before = now
        request, name = current.pair.request, f"Take up from {SOURCE}"
        self._studio.taken_up.take(request, name, current.pixels, SOURCE, alone=True)
        self._show()
        self.edit_wanted.emit()

    def _is_open_in_window(self, candidate: Candidate) -> bool:
        """Check, and report otherwise, that the window has the model of a candidate open."""
        checkpoint, opened = candidate.pair.checkpoint, self._studio.document.checkpoint
        if checkpoint.folder.resolve() == opened.folder.resolve():
            return True
        title = checkpoint.description.name
        self.problem.show_error(
            SegPaintError(f"The window has another model open; choose {title} there first.")
        )
        return False

    @property
    def is_editing(self) -> bool:
        """Whether a mask is open in the window, and may come back."""
        return self._edited is not None

    @Slot()
    def take_edited(self) -> None:
        """Put the mask that was edited in the window into the deck."""
        document, edited = self._studio.document, self._edited
        if edited is None or not self._is_open_in_window(edited):
            return
        try:
            self._choosing.take_edited(edited, document.mask.snapshot(), tuple(document.used))
        except SegPaintError as error:
            self.problem.show_error(error)
        else:
            self._end_edit()

    @Slot()
    def _end_edit(self) -> None:
        document = self._studio.document
        self._left_at = document, document.strokes.stack.index()
        self._edited = None
        self._show()
        self.edit_ended.emit()

    @Slot()
    def bring_back(self) -> None:
        """Bring back what was open in the window before a mask of the deck."""
        before, self.before = self.before, None
        if before is not None and before.document is self._studio.document:
            self._studio.taken_up.bring_back(before)


def _found(candidate: Candidate) -> str:
    """Put what the segmenter finds into words."""
    if candidate.judgement is None or candidate.dice is None:
        return ""
    table: LabelTable = candidate.pair.checkpoint.table
    scores = candidate.judgement.followed.items()
    each = ", ".join(f"{table[index].name} {score:.2f}" for index, score in scores)
    return f"Dice {candidate.dice:.2f}, as the model's segmenter finds the labels: {each}."
