"""The bar with the story's current sentence and its controls."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE, icon, theme
from segpaint.gui.tour.player import Player, State

LETTERS = 19
"""Height of the sentence's letters in pixels."""
WAITING = "The story waits; press Play to go on"


class NarrationBar(QFrame):
    """Shows a player's sentences, and controls it."""

    end_wanted = Signal()

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="narration")
        self._player = player
        self.title = PlainLabel(objectName="heading")
        self.dots = PlainLabel()
        self.sentence = PlainLabel(objectName="sentence", wordWrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        _set_letters(self.sentence, LETTERS)
        self.back = self._button(MDI7.skip_previous, "Back", "Begin this story again, or the one before it")
        self.toggle = self._button(MDI7.pause, "Pause", "Let the story wait, or go on")
        self.next = self._button(MDI7.skip_next, "Next story", "Go on to the next story")
        self.end = self._button(MDI7.close, "End", "End the tour (Esc)")
        self._lay_out()
        self.back.clicked.connect(player.go_back)
        self.toggle.clicked.connect(player.toggle)
        self.next.clicked.connect(player.skip)
        self.end.clicked.connect(self.end_wanted)
        player.said.connect(self.sentence.setText)
        player.changed.connect(self._show)
        theme().changed.connect(self._show)
        self._show()

    def _button(self, glyph: str, text: str, hint: str) -> QToolButton:
        button = QToolButton(text=text, icon=icon(glyph), toolTip=hint, iconSize=QSize(22, 22))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMinimumWidth(9 * SPACE)
        return button

    def _lay_out(self) -> None:
        self._fix_height()
        head = in_row(self.dots, self.title, stretched=self.title, spacing=2 * SPACE)
        words = in_column(head, self.sentence, spacing=SPACE // 2)
        parts = words, 2 * SPACE, self.back, self.toggle, self.next, self.end
        margins = 2 * SPACE, SPACE, SPACE, SPACE
        in_row(*parts, of=self, stretched=words, spacing=SPACE // 2, margins=margins)

    def enlarge(self, height: int) -> None:
        """Show one story to a hall: letters of some pixels, and of the buttons only the one that pauses."""
        for part in (self.dots, self.back, self.next, self.end):
            part.hide()
        _set_letters(self.title, 2 * height // 3)
        _set_letters(self.sentence, height)
        self._fix_height()

    def _fix_height(self) -> None:
        """Keep room for two lines, so that nothing moves during the story."""
        self.sentence.ensurePolished()
        self.sentence.setFixedHeight(2 * self.sentence.fontMetrics().lineSpacing() + SPACE // 2)

    @Slot()
    def _show(self) -> None:
        player = self._player
        count, playing = len(player.stories), player.state is State.PLAYING
        title = player.stories[player.place].title
        self.title.setText(
            {State.WAITING: f"{title}  –  {WAITING}", State.OVER: "The end"}.get(player.state, title)
        )
        self.dots.setText(" ".join("●" if place == player.place else "○" for place in range(count)))
        self.dots.setToolTip(f"Story {player.place + 1} of {count}")
        self.toggle.setIcon(icon(MDI7.pause if playing else MDI7.play))
        self.toggle.setText({State.PLAYING: "Pause", State.WAITING: "Play"}.get(player.state, "Again"))
        self.next.setEnabled(player.state is not State.OVER and player.place < count - 1)


def _set_letters(label: QLabel, height: int) -> None:
    font = label.font()
    font.setPixelSize(height)
    label.setFont(font)
