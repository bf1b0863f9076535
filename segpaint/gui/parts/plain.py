"""Shows text letter by letter, since Qt takes tags in it for HTML, and names come from strangers' files."""

from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from superqt import QElidingLabel

from segpaint.core.printable import printable


class PlainLabel(QLabel):
    """A label without HTML, and with the codes of control characters."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(self.text())

    def setText(self, text: str) -> None:
        super().setText(printable(text))


class ElidingLabel(QElidingLabel):
    """A label like `PlainLabel` that is cut where there is no room."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(self.text())

    def setText(self, text: str) -> None:
        super().setText(printable(text))


def plain(text: str) -> str:
    """Return a tooltip that shows a text letter by letter."""
    text = printable(text)
    if "<" not in text and "&lt;" not in text:
        return text
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>"
