"""A drag ends when its button or its focus is gone; a key that pans or applies does nothing else."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from segpaint.gui.canvas.tool import TOOLS

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE = Qt.MouseButton.NoButton
SPACE = Qt.Key.Key_Space
START, BIT = QPoint(150, 150), QPoint(12, 8)


def send(widget, kind, place, button=NONE, held=NONE):
    place = QPointF(place)
    modifier = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, place, QPointF(widget.mapToGlobal(place)), button, held, modifier)
    QApplication.sendEvent(widget, event)


def press(widget, button, place=START, by=BIT):
    """Press, and drag a little."""
    send(widget, QEvent.Type.MouseButtonPress, place, button, button)
    send(widget, QEvent.Type.MouseMove, place + by, held=button)
    return place + by


def open_dialog(window):
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


@pytest.fixture
def window(open_window, mask_file):
    window = open_window(mask=mask_file)
    window.activateWindow()
    window.canvas.setFocus()
    window.studio.document.paint_value = 1
    return window


@pytest.mark.parametrize("key", TOOLS)
def test_no_tool_goes_on_without_its_button(window, key):
    document, viewport = window.studio.document, window.canvas.viewport()
    window.commands[key].trigger()
    place = press(viewport, LEFT)
    send(viewport, QEvent.Type.MouseMove, place + QPoint(5, 5))  # released where another window took it
    before = document.mask.snapshot()
    for far in range(20, 120, 20):
        send(viewport, QEvent.Type.MouseMove, place + QPoint(far, far))
    assert np.array_equal(document.mask.values, before)


@pytest.mark.parametrize("key", TOOLS)
def test_no_tool_goes_on_once_a_dialog_has_the_focus(window, key, qtbot):
    document, viewport = window.studio.document, window.canvas.viewport()
    window.commands[key].trigger()
    place = press(viewport, LEFT)
    dialog = open_dialog(window)
    qtbot.waitUntil(lambda: not window.canvas.hasFocus())
    before = document.mask.snapshot()
    for far in range(20, 120, 20):
        send(viewport, QEvent.Type.MouseMove, place + QPoint(far, far), held=LEFT)
    assert np.array_equal(document.mask.values, before)
    dialog.close()


def test_a_stroke_whose_button_is_gone_is_whole_and_can_be_undone(window, qtbot):
    document, before = window.studio.document, window.studio.document.mask.snapshot()
    press(window.canvas.viewport(), LEFT)
    open_dialog(window)
    qtbot.waitUntil(lambda: not document.strokes.is_under_way)
    assert not np.array_equal(document.mask.values, before)
    document.strokes.stack.undo()
    assert np.array_equal(document.mask.values, before)


@pytest.mark.parametrize("name", ["canvas", "image"])
def test_panning_ends_with_its_button(window, name):
    pane = getattr(window, name)
    place = press(pane.viewport(), MIDDLE)
    send(pane.viewport(), QEvent.Type.MouseMove, place + QPoint(5, 5))
    assert not pane.is_panning
    centre = window.canvas.viewpoint.centre
    send(pane.viewport(), QEvent.Type.MouseMove, place + QPoint(90, 90))
    assert window.canvas.viewpoint.centre == centre


def test_window_and_level_end_with_their_button(window):
    windowing, viewport = window.studio.view.windowing, window.image.viewport()
    window.image.show_pixels(np.zeros((32, 32), np.uint8))
    place = press(viewport, RIGHT)
    shown = windowing.window
    send(viewport, QEvent.Type.MouseMove, place + QPoint(50, 50))
    assert windowing.window == shown


@pytest.mark.parametrize("part", ["histogram", "handle"])
def test_the_histogram_is_let_go_with_its_button(window, part):
    windowing = window.studio.view.windowing
    window.image.show_pixels(np.zeros((32, 32), np.uint8))
    histogram = window.display.histogram
    widget = histogram if part == "histogram" else histogram.lowest
    press(widget, LEFT, QPoint(5, 5), QPoint(3, 0))
    shown = windowing.window
    send(widget, QEvent.Type.MouseMove, QPoint(60, 5))
    assert windowing.window == shown


# ---- Space and Return


@pytest.fixture
def taps(window):
    taps = []
    window.space.tapped.connect(lambda: taps.append(1))
    return taps


def test_only_a_tap_on_space_plays(window, taps):
    QTest.keyClick(window.canvas, SPACE)
    assert taps == [1]


@pytest.mark.parametrize("name", ["canvas", "image"])
@pytest.mark.parametrize("drags", [1, 2])
def test_space_held_and_a_drag_pans_and_starts_nothing(window, taps, name, drags):
    pane, document = getattr(window, name), window.studio.document
    before, centre = document.mask.snapshot(), window.canvas.viewpoint.centre
    QTest.keyPress(pane, SPACE)
    for number in range(drags):
        kind = QEvent.Type.MouseButtonDblClick if number else QEvent.Type.MouseButtonPress
        send(pane.viewport(), kind, QPoint(150, 150), LEFT, LEFT)
        send(pane.viewport(), QEvent.Type.MouseMove, QPoint(170, 150), held=LEFT)
        assert pane.is_panning
        send(pane.viewport(), QEvent.Type.MouseButtonRelease, QPoint(170, 150), LEFT)
    QTest.keyRelease(pane, SPACE)
    assert taps == []
    assert np.array_equal(document.mask.values, before)
    assert window.canvas.viewpoint.centre != centre


def turn_wheel(widget):
    place, modifier = QPointF(3, 3), Qt.KeyboardModifier.NoModifier
    turn, phase = QPoint(0, 120), Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, widget.mapToGlobal(place), QPoint(), turn, NONE, modifier, phase, False)
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("name", ["transport", "labels", "reference"])
def test_space_held_and_a_press_or_the_wheel_anywhere_starts_nothing(window, taps, name):
    widget = getattr(window, name)
    QTest.keyPress(window.canvas, SPACE)
    press(widget, LEFT, QPoint(3, 3), QPoint(0, 0))
    send(widget, QEvent.Type.MouseButtonRelease, QPoint(3, 3), LEFT)
    QTest.keyRelease(window.canvas, SPACE)
    QTest.keyPress(window.canvas, SPACE)
    turn_wheel(widget)
    QTest.keyRelease(window.canvas, SPACE)
    assert taps == []
    QTest.keyClick(window.canvas, SPACE)
    assert taps == [1]


def test_space_held_and_a_press_starts_nothing(window, taps):
    QTest.keyPress(window.canvas, SPACE)
    QTest.mouseClick(window.canvas.viewport(), LEFT)
    QTest.keyRelease(window.canvas, SPACE)
    assert taps == []


def test_space_is_let_go_when_another_window_gets_its_release(window, taps, qtbot):
    QTest.keyPress(window.canvas, SPACE)
    dialog = open_dialog(window)
    qtbot.waitUntil(lambda: not window.canvas.pans_with_left)
    dialog.close()
    assert taps == []


@pytest.mark.parametrize("where", ["the bar", "the canvas"])
def test_return_twice_after_a_gesture_paints_nothing(window, where):
    document = window.studio.document
    window.commands["grow"].trigger()
    QTest.keyClick(window.gestures.box if where == "the bar" else window.canvas, Qt.Key.Key_Return)
    assert not window.studio.anatomy.is_under_way
    applied, edits = document.mask.snapshot(), document.strokes.stack.count()
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    assert np.array_equal(document.mask.values, applied)
    assert document.strokes.stack.count() == edits
    QTest.keyClick(window.canvas, Qt.Key.Key_Right)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    assert document.strokes.stack.count() == edits + 1
