"""Tools in the window: buttons, keys, menus, pens, and the list of edits."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.paint import PaintOver
from segpaint.core.runs.run_state import RunState
from segpaint.gui.canvas.tool import TOOLS
from segpaint.gui.files.opening import open_folder
from segpaint.gui.files.references import open_image

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def values(owner):
    return owner.studio.document.mask.snapshot()


def chosen(window):
    """List what can be ticked in the menu of what strokes cover, as it opens."""
    menu = window.over.menu()
    menu.aboutToShow.emit()
    return next(action.menu() for action in menu.actions() if action.text() == "Chosen").actions()


@pytest.mark.parametrize("key", TOOLS)
def test_each_tool_has_a_command_that_says_how_it_is_used(window, key):
    window.commands["pick" if key == "brush" else "brush"].trigger()
    window.commands[key].trigger()
    assert isinstance(window.canvas.tool, TOOLS[key])
    assert window.statusBar().currentMessage() == window.canvas.tool.usage
    assert sum(window.commands[other].isChecked() for other in TOOLS) == 1


def test_only_what_a_tool_can_be_set_to_is_shown(window):
    bar = window.options_bar
    assert bar.size_box.isVisible()
    window.commands["wand"].trigger()
    assert bar.tolerance.isVisible()
    assert not bar.size_box.isVisible()
    bar.tolerance.setValue(40)
    assert window.studio.view.tools.settings.tolerance == 40
    window.commands["polygon"].trigger()
    assert not any(box.isVisible() for box in bar.boxes)


def test_control_and_alt_pick_a_label_whatever_the_tool(easel, run, hand):
    document = easel.studio.document
    document.paint_value = 4
    hand(easel, (10, 10))
    document.paint_value = 2
    run("fill")
    before = values(easel)
    hand(easel, (10, 10), modifier=CONTROL | ALT)
    assert document.paint_value == 4
    np.testing.assert_array_equal(values(easel), before)
    assert easel.studio.view.tools.tool == "fill"


def test_a_second_dab_in_short_is_painted_too(easel, qtbot):
    viewport, document = easel.canvas.viewport(), easel.studio.document
    document.paint_value = 4
    centre = viewport.rect().center()
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=centre)
    assert document.mask.values[16, 16] == 4
    assert not document.strokes.is_under_way


def test_escape_leaves_a_polygon_before_it_stops_a_run(window, hand, qtbot):
    session = window.studio.runs
    window.activateWindow()
    session.begin_paused()
    qtbot.waitUntil(lambda: session.state is RunState.PAUSED, timeout=30_000)
    window.commands["polygon"].trigger()
    window.canvas.setFocus()
    hand(window, (4, 4))
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert window.canvas.tool.points == ()
    assert session.state is RunState.PAUSED
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: session.state is RunState.STOPPED, timeout=30_000)


def test_a_double_click_closes_a_polygon(easel, run, hand, qtbot):
    easel.studio.document.paint_value = 4
    run("polygon")
    for pixel in ((4, 4), (24, 4), (24, 24)):
        hand(easel, pixel)
    last = easel.canvas.viewport().rect().center() + QPoint(-100, 100)
    qtbot.mouseClick(easel.canvas.viewport(), Qt.MouseButton.LeftButton, pos=last)
    qtbot.mouseDClick(easel.canvas.viewport(), Qt.MouseButton.LeftButton, pos=last)
    assert values(easel)[10, 20] == 4
    assert easel.canvas.tool.points == ()


def test_strokes_cover_only_what_they_may(window, hand):
    document = window.studio.document
    document.paint_value = 1
    hand(window, (4, 10), (20, 10))
    document.paint_value = 4
    window.commands["paint_background"].trigger()
    hand(window, (2, 10), (30, 10))
    assert values(window)[10, 15] == 1
    assert values(window)[10, 28] == 4
    body = next(action for action in chosen(window) if action.text() == "body")
    body.trigger()
    assert window.commands["paint_chosen"].isChecked()
    assert document.paint_over is PaintOver.CHOSEN
    document.paint_value = 2
    hand(window, (2, 10), (30, 10))
    assert values(window)[10, 15] == 2
    assert values(window)[10, 28] == 4
    window.commands["paint_all"].trigger()
    hand(window, (2, 10), (30, 10))
    assert values(window)[10, 28] == 2


def test_a_locked_label_gains_nothing_either(easel, hand):
    document = easel.studio.document
    document.paint_value = 4
    document.set_label(4, locked=True)
    before = values(easel)
    hand(easel, (4, 10), (20, 10))
    np.testing.assert_array_equal(values(easel), before)
    assert not document.strokes.stack.canUndo()


def test_the_cursor_shows_a_padlock_where_nothing_can_be_painted(easel, hand, qtbot):
    viewport, document = easel.canvas.viewport(), easel.studio.document
    centre = viewport.rect().center()
    qtbot.mouseMove(viewport, centre)
    assert viewport.cursor().shape() is Qt.CursorShape.CrossCursor
    document.set_label(document.paint_value, locked=True)
    qtbot.mouseMove(viewport, centre + QPoint(3, 0))
    assert viewport.cursor().shape() is Qt.CursorShape.BitmapCursor


def test_erasing_keeps_to_the_rule_and_the_cursor_says_so(easel, run, hand, qtbot):
    viewport, document = easel.canvas.viewport(), easel.studio.document
    centre, lock, cross = viewport.rect().center(), Qt.CursorShape.BitmapCursor, Qt.CursorShape.CrossCursor
    document.paint_value = 4
    hand(easel, (4, 16), (28, 16))
    document.paint_value = 2
    run("paint_background")
    hand(easel, (4, 4), (4, 28))
    before = values(easel)
    assert (before[16, 4], before[16, 16]) == (4, 4)
    hand(easel, (4, 10), (4, 16), (16, 16), button=Qt.MouseButton.RightButton)
    assert values(easel)[10, 4] == 1  # a heart lies inside a body
    assert (values(easel) == 4).sum() == (before == 4).sum()
    run("eraser")
    qtbot.mouseMove(viewport, centre)  # over the bone
    assert viewport.cursor().shape() is lock
    document.paint_value = 4
    qtbot.mouseMove(viewport, centre + QPoint(2, 0))
    assert viewport.cursor().shape() is cross
    run("brush")
    document.paint_value = 2
    qtbot.mouseMove(viewport, centre)
    assert viewport.cursor().shape() is lock
    run("paint_all")
    document.set_label(2, locked=True)  # the brush can do nothing, the right button can erase the bone
    qtbot.mouseMove(viewport, centre + QPoint(2, 0))
    assert viewport.cursor().shape() is lock
    qtbot.mousePress(viewport, Qt.MouseButton.RightButton, pos=centre)
    assert viewport.cursor().shape() is cross
    qtbot.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=centre)
    assert viewport.cursor().shape() is lock


def pen(easel, kind, pressure, end):
    device = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 2, "",
        QPointingDeviceUniqueId(),
    )  # fmt: skip
    viewport = easel.canvas.viewport()
    place = QPointF(viewport.rect().center())
    event = QTabletEvent(
        kind, device, place, viewport.mapToGlobal(place), pressure, 0, 0, 0, 0, 0,
        Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)
    assert not event.isAccepted()  # so that a mouse event follows


def test_a_pen_paints_with_its_pressure_and_erases_with_its_other_end(easel, hand):
    document = easel.studio.document
    document.paint_value = 4
    easel.studio.view.tools.change(size=9, pressure=True)
    before = (values(easel) == 4).sum()
    pen(easel, QEvent.Type.TabletPress, 0.34, QPointingDevice.PointerType.Pen)
    hand(easel, (16, 16))
    pen(easel, QEvent.Type.TabletRelease, 0.0, QPointingDevice.PointerType.Pen)
    assert (values(easel) == 4).sum() - before <= 9
    document.paint_value = 1
    pen(easel, QEvent.Type.TabletPress, 1.0, QPointingDevice.PointerType.Eraser)
    hand(easel, (16, 16))
    pen(easel, QEvent.Type.TabletRelease, 0.0, QPointingDevice.PointerType.Eraser)
    assert values(easel)[16, 16] == 0
    hand(easel, (16, 16))  # a mouse presses as hard as can be
    assert (values(easel) == 1).any(axis=0).sum() >= 9


def test_the_list_of_edits_goes_to_any_of_them(window, hand):
    document = window.studio.document
    window.commands["history_list"].trigger()
    assert window.edits.isVisible()
    states = [values(window)]
    for column in (4, 12, 20):
        document.paint_value = FREE if column == 12 else 4
        hand(window, (column, 5))
        states.append(values(window))
    names = [document.strokes.stack.text(place) for place in range(3)]
    assert names == ["Brush, bone", "Brush, free", "Brush, bone"]
    for place in (1, 3, 0, 2):
        window.edits.view.setCurrentIndex(window.edits.view.model().index(place, 0))
        np.testing.assert_array_equal(values(window), states[place])


def test_what_is_being_moved_goes_back_when_the_list_of_edits_is_used(easel, run, hand, qtbot):
    document = easel.studio.document
    document.paint_value = 4
    hand(easel, (8, 8))
    painted = values(easel)
    run("transform")
    qtbot.keyClick(easel.canvas, Qt.Key.Key_Right)
    assert not np.array_equal(values(easel), painted)
    document.strokes.stack.setIndex(0)
    assert not (values(easel) == 4).any()
    document.strokes.stack.setIndex(1)
    np.testing.assert_array_equal(values(easel), painted)


def test_a_thousand_edits_can_be_taken_back(easel):
    document = easel.studio.document
    blank = np.zeros_like(values(easel))
    document.strokes.replace(blank, "blank")
    for number in range(1000):
        ahead = blank.copy()
        ahead.flat[: number + 1] = 4
        document.strokes.replace(ahead, "one more")
    for _ in range(1000):
        document.strokes.undo()
    assert not document.strokes.stack.canUndo()
    np.testing.assert_array_equal(values(easel), blank)


def test_the_mask_lies_over_the_reference_as_it_is_set(easel, run, shell, hand, tiny_data):
    document, centre = easel.studio.document, easel.canvas.viewport().rect().center()
    open_image(easel.studio, shell, next((tiny_data / "images" / "val").iterdir()))
    document.paint_value = 4
    easel.studio.view.tools.set_size(9)
    hand(easel, (16, 16))

    def seen():
        return easel.canvas.grab().toImage().pixelColor(centre).getRgb()[:3]

    document.set_label(4, shown=False)
    alone = seen()
    document.set_label(4, shown=True)
    covered = seen()
    assert covered != alone
    run("overlay")
    assert seen() == alone
    run("overlay")
    for _ in range(12):
        run("overlay_less")
    assert seen() == alone
    for _ in range(5):
        run("overlay_more")
    assert seen() == covered
    run("labels_outline")
    assert seen() == alone


def test_the_rule_in_force_is_seen_and_said(window):
    def looks():
        return window.over.icon().pixmap(18).toImage()

    first, said = looks(), window.statusBar().currentMessage
    assert window.over.toolTip() == "Strokes cover everything"
    window.commands["paint_background"].trigger()
    second = looks()
    assert said() == window.over.toolTip() == window.over.accessibleName() == "Strokes cover background only"
    window.commands["paint_chosen"].trigger()
    assert looks() not in (first, second)
    assert second != first
    assert "nothing yet" in said()
    for action in chosen(window)[1:3]:
        action.trigger()
    assert said() == window.over.toolTip() == "Strokes cover body, heart only"
    window.commands["paint_all"].trigger()
    assert said() == window.over.toolTip() == "Strokes cover everything"
    assert looks() == first


def test_ticking_nothing_is_told_and_another_model_begins_with_everything(window, tiny_checkpoint):
    window.commands["paint_chosen"].trigger()
    assert "tick" in window.statusBar().currentMessage()
    open_folder(window.studio, window.shell, tiny_checkpoint)
    assert window.commands["paint_all"].isChecked()
    assert window.studio.document.paint_over is PaintOver.EVERYTHING


def test_minimizing_the_window_does_not_put_the_list_of_edits_away(window):
    window.commands["history_list"].trigger()
    window.hide()
    assert window.commands["history_list"].isChecked()
    window.show()
    assert window.edits.isVisible()


def test_undo_never_touches_results(window, hand, finish):
    session = window.studio.runs
    hand(window, (16, 16))
    window.commands["generate"].trigger()
    finish(window)
    result, kept, request = session.trajectory.result, window.history.model.rowCount(), session.request
    hand(window, (4, 4))
    for _ in range(3):
        window.commands["undo"].trigger()
    assert session.trajectory.result is result
    assert session.request == request
    assert window.history.model.rowCount() == kept
    assert session.is_outdated


def test_a_polygon_waits_while_another_tool_is_used_and_undo_takes_back_its_last_point(easel, run, hand):
    hand(easel, (16, 16))
    painted = values(easel)
    run("polygon")
    for pixel in ((4, 4), (24, 4), (24, 24)):
        hand(easel, pixel)
    run("brush")
    run("polygon")
    tool = easel.canvas.tool
    assert len(tool.points) == 3
    for left in (2, 1, 0):
        run("undo")
        assert len(tool.points) == left
    np.testing.assert_array_equal(values(easel), painted)
    run("undo")
    assert not np.array_equal(values(easel), painted)


@pytest.mark.parametrize("under_way", ["a gesture", "a move", "a polygon"])
def test_generate_generates_whatever_is_under_way(window, hand, qtbot, under_way):
    document, session = window.studio.document, window.studio.runs
    document.paint_value = 4
    hand(window, (12, 12), (20, 20))
    window.activateWindow()
    if under_way == "a gesture":
        window.commands["grow"].trigger()
        focus = window.gestures.box
    else:
        window.commands["transform" if under_way == "a move" else "polygon"].trigger()
        focus = window.canvas
        focus.setFocus()
        hand(window, (4, 4)) if under_way == "a polygon" else qtbot.keyClick(focus, Qt.Key.Key_Right)
    with qtbot.waitSignal(session.run_finished, timeout=30_000):
        qtbot.keyClick(focus, Qt.Key.Key_Return, CONTROL)
