"""The first window fits the screen that there is, and everything in it can be reached."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QScrollArea

from segpaint.gui.window.main_window import FRAME, USUAL, MainWindow

SCREENS = [QSize(800, 600), QSize(1024, 600), QSize(1366, 768), QSize(1920, 1080)]


@pytest.fixture(params=SCREENS, ids=lambda size: f"{size.width()}x{size.height()}")
def screen(request, monkeypatch):
    monkeypatch.setattr(
        MainWindow, "screen", lambda _self: SimpleNamespace(availableSize=lambda: request.param)
    )
    return request.param


def test_the_first_window_lies_within_the_screen(screen, open_window):
    window = open_window(size=None)
    wanted = USUAL.boundedTo(screen - FRAME)
    assert window.size() == wanted
    assert window.minimumSizeHint().boundedTo(wanted) == window.minimumSizeHint()


def test_generate_and_all_fields_can_be_reached(screen, open_window):
    window = open_window(size=None)
    generate = window.transport.generate
    corner = generate.mapTo(window, QPoint(generate.width(), generate.height()))
    assert corner.x() <= window.width()
    assert corner.y() <= window.height()
    for field in (window.request.steps, window.request.guidance, window.request.seed):
        around = field.parentWidget()
        while around is not window and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        place = field.mapTo(around, QPoint(field.width(), 0))
        assert place.x() <= around.width()  # what lies below is scrolled to
