"""A bar for what went wrong: one sentence, a way out, and the traceback one click away."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from segpaint.core.errors import SegPaintError
from segpaint.gui.style.theme import SPACE, icon, set_tone


class _Sign(QWidget):
    """Says at a glance that something is to be heeded, or is only good to know."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(18, 18)
        self.show_tone("warning")

    def show_tone(self, tone: str) -> None:
        """Show the sign of a "warning"; empty: of a note."""
        self._icon = icon(MDI7.alert_outline if tone else MDI7.information_outline, tone or "accent")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())


class MessageBar(QFrame):
    """Hidden until there is something to say."""

    def __init__(self) -> None:
        super().__init__(objectName="message")
        self._details = ""
        self._answers: dict[QPushButton, Callable[[], None]] = {}
        self._is_passing = False
        self.text = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sign = _Sign()
        self.offer, self.other_offer = QPushButton(), QPushButton()
        self.details = QPushButton("Details…", toolTip="Show the technical details")
        close = QToolButton(icon=icon(MDI7.close), toolTip="Dismiss")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE // 2, SPACE, SPACE // 2)
        layout.setSpacing(SPACE)
        layout.addWidget(self.sign)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.other_offer)
        layout.addWidget(self.offer)
        layout.addWidget(self.details)
        layout.addWidget(close)
        for button in (self.offer, self.other_offer):
            button.clicked.connect(self._on_offer)
        self.details.clicked.connect(self._on_details)
        close.clicked.connect(self.hide)
        self.hide()

    @Slot(object)
    def show_error(self, error: BaseException) -> None:
        """Say what was wrong."""
        known = isinstance(error, SegPaintError)
        self._show(
            str(error) if known else f"Something unforeseen went wrong: {error or type(error).__name__}."
        )
        self._details = "".join(traceback.format_exception(error))
        self.details.setVisible(not known or error.__cause__ is not None)

    def ask(
        self,
        text: str,
        answer: str,
        action: Callable[[], None],
        *,
        other: tuple[str, Callable[[], None]] | None = None,
        passing: bool = False,
        tone: str = "warning",
    ) -> None:
        """Say something and offer what to do about it.

        Parameters
        ----------
        text, answer : str
        action : callable
            What the answer leads to.
        other : tuple of str and callable, optional
            A second answer, and what it leads to.
        passing : bool
            Whether the offer is of no use any more once the user goes on, as with `tell`.
        tone : {"warning", ""}
            Empty where all is well, and the user is only told.
        """
        self._show(text, tone)
        self._is_passing = passing
        self._offer(self.offer, answer, action)
        if other is not None:
            self._offer(self.other_offer, *other)

    def _offer(self, button: QPushButton, answer: str, action: Callable[[], None]) -> None:
        button.setText(answer)
        button.show()
        self._answers[button] = action

    def tell(self, text: str) -> None:
        """Say something that is of no use any more once the user goes on to something else."""
        self._show(text)
        self._is_passing = True

    @Slot()
    def hide_passing(self) -> None:
        """Say no longer what was only told; an error or an offer stays."""
        if self._is_passing:
            self.hide()

    def _show(self, text: str, tone: str = "warning") -> None:
        self._details, self._answers, self._is_passing = "", {}, False
        self.text.setText(text)
        set_tone(self, tone)
        set_tone(self.text, tone)
        self.sign.show_tone(tone)
        self.offer.hide()
        self.other_offer.hide()
        self.details.hide()
        self.show()

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
        layout = QVBoxLayout(dialog)
        layout.addWidget(QPlainTextEdit(self._details, readOnly=True))
        dialog.open()
