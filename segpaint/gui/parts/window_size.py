"""Sizes of windows that fit on every screen."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

FRAME = QSize(2, 32)
"""Room for the frame and the title that a desktop puts around a window."""


def resize_within_screen(window: QWidget, width: int, height: int) -> None:
    """Resize a window to what is usual, or to the room that its screen has."""
    window.resize(QSize(width, height).boundedTo(window.screen().availableSize() - FRAME))
