"""Names a comparison and, for a difference, explains its colours."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QWidget

from segpaint.gui.looking.color_bar import ColorBar
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE


class ComparisonNote(QFrame):
    """Lies in the lower left corner of a pane."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane, objectName="note")
        self._pane = pane
        self.bar = ColorBar()
        self.words = PlainLabel(wordWrap=True)
        margins = SPACE, SPACE // 2, SPACE, SPACE // 2
        in_column(self.words, self.bar, of=self, spacing=SPACE // 2, margins=margins)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        pane.installEventFilter(self)

    def show_words(self, words: str, *, with_colors: bool = False) -> None:
        """Show what is compared, with the colour bar or without."""
        self.words.setText(words)
        self.bar.setVisible(with_colors)
        self.show()
        self._settle()

    def _settle(self) -> None:
        whole = self.words.fontMetrics().horizontalAdvance(self.words.text()) + SPACE // 2
        self.words.setFixedWidth(min(whole, self._pane.width() - 4 * SPACE))
        self.adjustSize()
        self.move(SPACE, self._pane.height() - self.height() - SPACE)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return False
