"""A bar for errors: one sentence, a remedy, and the traceback one click away."""

import traceback
from collections.abc import Callable

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QFrame, QPlainTextEdit, QPushButton, QToolButton, QWidget

from segpaint.core.errors import SegPaintError, in_words
from segpaint.core.printable import printable
from segpaint.gui.parts.layouts import OF_STYLE, in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE, icon, set_tone

Until = Callable[[], bool]
"""Checks whether what a message asks for is done, or no longer matters."""

LEAST_TEXT = 240
"""Pixels of a message beside its buttons; where there are fewer, the buttons lie below it."""


def never() -> bool:
    """Keep a message until the user dismisses it, or another one comes."""
    return False


class _Sign(QWidget):
    """Distinguishes warnings from notes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(18, 18)
        self.show_tone("warning")

    def show_tone(self, tone: str) -> None:
        """Show the sign of a "warning"; if empty, that of a note."""
        self._icon = icon(MDI7.alert_outline if tone else MDI7.information_outline, tone or "accent")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())


class MessageBar(QFrame):
    """Shows a message; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__(objectName="message")
        self._details = ""
        self._answers: dict[QPushButton, Callable[[], object]] = {}
        self._is_passing = False
        self._is_done: Until = never
        self.text = PlainLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sign = _Sign()
        self.offer, self.other_offer = QPushButton(), QPushButton()
        self.details = QPushButton("Details…", toolTip="Show the technical details")
        close = QToolButton(icon=icon(MDI7.close), toolTip="Dismiss")
        self._buttons = in_row(None, self.other_offer, self.offer, self.details, spacing=SPACE)
        self._inner = in_row(self.text, self._buttons, stretched=self.text, spacing=SPACE)
        margins = 2 * SPACE, SPACE // 2, SPACE, SPACE // 2
        in_row(self.sign, self._inner, close, of=self, stretched=self._inner, spacing=SPACE, margins=margins)
        for button in (self.offer, self.other_offer):
            button.clicked.connect(self._on_offer)
        self.details.clicked.connect(self._on_details)
        close.clicked.connect(self.hide)
        self.hide()

    @property
    def waits(self) -> bool:
        """Whether the message stays until it is answered."""
        return bool(self._answers) and not self._is_passing

    @Slot(object)
    def show_error(self, error: BaseException, until: Until = never) -> None:
        """Show an error, perhaps until it is mended."""
        known = isinstance(error, SegPaintError)
        self._show(in_words(error))
        self._is_done = until
        self._details = "".join(traceback.format_exception(error))
        self.details.setVisible(not known or error.__cause__ is not None)
        self._fit()

    def ask(
        self,
        text: str,
        answer: str,
        action: Callable[[], object],
        *,
        other: tuple[str, Callable[[], object]] | None = None,
        passing: bool = False,
        tone: str = "warning",
        until: Until = never,
    ) -> None:
        """Show a message and offer an action.

        Parameters
        ----------
        action : callable
            Run by the answer.
        other : tuple of str and callable, optional
            A second answer and its action.
        passing : bool
            Whether the message goes away once the user continues, as with `tell`.
        tone : {"warning", ""}
            Empty for a note that is no warning.
        until : callable
            The message goes away as soon as this is true, see `settle`.
        """
        self._show(text, tone)
        self._is_passing, self._is_done = passing, until
        self._offer(self.offer, answer, action)
        if other is not None:
            self._offer(self.other_offer, *other)
        self._fit()

    def _offer(self, button: QPushButton, answer: str, action: Callable[[], object]) -> None:
        button.setText(answer)
        button.show()
        self._answers[button] = action

    def tell(self, text: str, until: Until = never) -> None:
        """Show a note that goes away once the user does something else, or what it asks for is done."""
        self._show(text)
        self._is_passing, self._is_done = True, until

    @Slot()
    def settle(self) -> None:
        """Hide a message if what it asks for is done; to be called whenever something has changed."""
        if self._is_done():
            self.hide()

    @Slot()
    def hide_passing(self) -> None:
        """Hide a note that was shown in passing; an error or an offer stays."""
        if self._is_passing:
            self.hide()

    def _show(self, text: str, tone: str = "warning") -> None:
        self._details, self._answers, self._is_passing, self._is_done = "", {}, False, never
        self.text.setText(text)
        set_tone(self, tone)
        set_tone(self.text, tone)
        self.sign.show_tone(tone)
        self.offer.hide()
        self.other_offer.hide()
        self.details.hide()
        self._fit()
        self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Put the buttons below the text where they would leave too little room beside it."""
        taken = self._buttons.sizeHint().width()
        is_narrow = taken > 0 and self.width() - 8 * SPACE - taken < LEAST_TEXT
        way = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        if self._inner.direction() != way:
            self._inner.setDirection(way)
            self._inner.setStretch(0, int(not is_narrow))  # which would fill the height, too

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.isHidden():  # and not with its window
            self._is_done = never  # it may refer to a document that is no longer open

    @Slot()
    def _on_offer(self) -> None:
        self.hide()
        action = self._answers.get(self.sender())
        if action is not None:
            action()

    @Slot()
    def _on_details(self) -> None:
        dialog = QDialog(self, windowTitle="Details")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.resize(720, 420)
        in_column(QPlainTextEdit(printable(self._details), readOnly=True), of=dialog, margins=OF_STYLE)
        dialog.open()
