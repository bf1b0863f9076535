"""A real window on the tiny checkpoint, checked for leaks when a test is done."""

import gc
import os
import threading
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.style.theme import Choice, apply_theme, theme
from segpaint.gui.window.controller import Controller
from segpaint.studio.runs.session import Session


@pytest.fixture(scope="session")
def dressed(qapp):
    apply_theme(qapp)
    yield qapp
    # The offscreen clipboard outlives Python, and what Python has put into it must not.
    qapp.clipboard().clear()


@pytest.fixture
def open_window(dressed, tiny_checkpoint, tmp_path):
    """Open windows; each must be gone, with its thread, when the test ends."""
    windows = []

    def open_(folder=tiny_checkpoint, mask=None, work=tmp_path / "work", size=(1100, 700)):
        QCursor.setPos(-100, -100)  # else the window would open under where the test before has pointed
        window = build_window(Session("cpu"), read_checkpoint(folder), mask, work)
        windows.append(window)
        if size is not None:
            window.resize(*size)
        window.show()
        return window

    threads = threading.active_count()
    yield open_
    for window in filter(isValid, windows):
        window.close()
        window.deleteLater()
    windows.clear()
    window = None
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme().choose(Choice.SYSTEM)
    assert QApplication.topLevelWidgets() == []
    assert threading.active_count() <= threads


@pytest.fixture
def window(open_window, qtbot):
    """A window whose model is loaded."""
    window = open_window()
    qtbot.waitUntil(lambda: window.session.is_ready, timeout=30_000)
    return window


@pytest.fixture
def hand(qtbot):
    """Paints on a window: a stroke through mask pixels, given as (column, row)."""

    def point(window, pixel):
        canvas = window.canvas
        view = window.viewpoint
        x = canvas.width() / 2 + (pixel[0] + 0.5 - view.centre.x()) * view.zoom
        y = canvas.height() / 2 + (pixel[1] + 0.5 - view.centre.y()) * view.zoom
        return QPoint(round(x), round(y))

    def stroke(window, *pixels, button=Qt.MouseButton.LeftButton, modifier=Qt.KeyboardModifier.NoModifier):
        viewport = window.canvas.viewport()
        qtbot.mousePress(viewport, button, modifier, point(window, pixels[0]))
        for pixel in pixels[1:]:
            qtbot.mouseMove(viewport, point(window, pixel))
        qtbot.mouseRelease(viewport, button, modifier, point(window, pixels[-1]))

    return stroke


@pytest.fixture
def finish(qtbot):
    """Wait for a run to end well."""

    def wait(window, timeout=30_000):
        qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=timeout)

    return wait


@pytest.fixture
def save(qtbot):
    """Save a window's finished image, and wait until the files are there."""

    def write(window, path):
        files = window.findChild(Controller).files
        with qtbot.waitSignal(files.writing.done):
            files.save_to(path)

    return write


@pytest.fixture
def settings(window):
    """Change what the next request is made with."""

    def change(**changes):
        document = window.session.document
        document.change_settings(replace(document.settings, **changes))

    return change


@pytest.fixture
def click_step(qtbot):
    """Click on a step in the timeline, of the branch looked at or of another."""

    def click(window, index, branch=None, button=Qt.MouseButton.LeftButton):
        timeline = window.transport.timeline
        place = timeline.place_of(branch or window.session.branches.current, index)
        qtbot.mouseClick(timeline, button, pos=place)

    return click
