"""The screen that a window is on, and sizes that fit on it."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

FRAME = QSize(2, 32)
"""Room for the frame and the title that a desktop puts around a window."""


def screen_of(widget: QWidget) -> QScreen:
    """Return the screen that a window is on, or will open on.

    `QWidget.screen` must not be used: PySide takes what it returns for a child of the widget. Where Python
    collects both, it may destroy the screen itself, and the next window that opens ends the program.

    Parameters
    ----------
    widget : QWidget
        The window, or a part of it.
    """
    window = widget.window()
    opens_over = window.parentWidget()
    if opens_over is not None and not window.isVisible():
        window = opens_over.window()
    return QGuiApplication.screenAt(window.geometry().center()) or QGuiApplication.primaryScreen()


def resize_within_screen(window: QWidget, width: int, height: int) -> None:
    """Resize a window to what is usual, or to the room that its screen has; one that is shown stays on it."""
    screen = screen_of(window)
    window.resize(QSize(width, height).boundedTo(screen.availableSize() - FRAME))
    if not window.isVisible():
        return
    room = screen.availableGeometry()
    beyond = window.geometry().right() - room.right()
    if beyond > 0:
        window.move(max(room.left(), window.x() - beyond), window.y())
