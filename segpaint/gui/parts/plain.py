"""Shows text letter by letter, since Qt takes tags in it for HTML, and names come from strangers' files."""

from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from superqt import QElidingLabel


class PlainLabel(QLabel):
    """A label without HTML."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setTextFormat(Qt.TextFormat.PlainText)


class ElidingLabel(QElidingLabel):
    """A label without HTML that is cut where there is no room."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setTextFormat(Qt.TextFormat.PlainText)


def plain(text: str) -> str:
    """Return a tooltip that shows a text letter by letter."""
    if "<" not in text and "&lt;" not in text:
        return text
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>"
