"""Shows text letter by letter, since Qt takes tags in it for HTML, and names come from strangers' files."""

from html import escape
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from segpaint.core.printable import printable


class PlainLabel(QLabel):
    """A label without HTML, and with the codes of control characters."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(self.text())

    def setText(self, text: str) -> None:
        super().setText(printable(text))


class ElidingLabel(QLabel):
    """A label of one line like `PlainLabel` that is cut where there is no room.

    Parameters
    ----------
    cut : Qt.TextElideMode
        Where.
    """

    spare = 2
    """Pixels that the text leaves, since Qt rounds widths: without them, an ellipsis may be cut off."""

    def __init__(
        self, text: str = "", *, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight, **properties: Any
    ) -> None:
        super().__init__(**properties)
        self._full_text, self._cut_at = "", cut
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def text(self) -> str:
        return self._full_text

    def setText(self, text: str) -> None:
        self._full_text = printable(text)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return self.fontMetrics().boundingRect(self.rect(), self.alignment(), "...").size()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        super().setText(self.fontMetrics().elidedText(self._full_text, self._cut_at, self.width() - self.spare))


def plain(text: str) -> str:
    """Return a tooltip that shows a text letter by letter."""
    text = printable(text)
    if "<" not in text and "&lt;" not in text:
        return text
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>"
