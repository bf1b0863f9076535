"""The window by keyboard alone."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from segpaint.gui.files.opening import open_folder
from segpaint.gui.tools.tool_strip import ToolStrip

SHIFT = Qt.KeyboardModifier.ShiftModifier
RIGHT, DOWN, LEFT, UP = Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up
RETURN = Qt.Key.Key_Return


@pytest.fixture
def press(window, qtbot):
    """Type keys on the canvas."""
    window.activateWindow()
    window.canvas.setFocus()
    window.studio.document.paint_value = 4
    window.studio.view.tools.set_size(1)

    def type_(*keys, modifier=Qt.KeyboardModifier.NoModifier):
        for key in keys:
            qtbot.keyClick(window.canvas, key, modifier)

    return type_


def painted(window):
    return {(int(column), int(row)) for row, column in np.argwhere(window.studio.document.mask.values == 4)}


def test_return_paints_where_the_arrows_have_led(window, press):
    press(RIGHT, RIGHT, DOWN)
    assert window.where.text().startswith("18, 17 ")
    assert not window.canvas.cursor_outline.path().isEmpty()
    press(RETURN)
    assert painted(window) == {(18, 17)}
    press(LEFT, UP, modifier=SHIFT)
    press(RETURN)
    assert painted(window) == {(18, 17), (8, 7)}
    press(*[LEFT] * 20)
    press(RETURN)
    assert (0, 7) in painted(window)
    window.commands["undo"].trigger()
    assert painted(window) == {(18, 17), (8, 7)}


def test_return_held_paints_a_stroke_that_is_undone_as_one(window, press, qtbot):
    qtbot.keyPress(window.canvas, RETURN)
    press(RIGHT, RIGHT, DOWN)
    qtbot.keyRelease(window.canvas, RETURN)
    assert painted(window) == {(16, 16), (17, 16), (18, 16), (18, 17)}
    assert not window.studio.document.strokes.is_under_way
    press(DOWN)
    assert len(painted(window)) == 4
    window.commands["undo"].trigger()
    assert painted(window) == set()


def test_a_stroke_ends_when_the_focus_goes(window, press, qtbot):
    qtbot.keyPress(window.canvas, RETURN)
    assert window.studio.document.strokes.is_under_way
    window.image.setFocus()
    assert not window.studio.document.strokes.is_under_way
    assert painted(window) == {(16, 16)}


def test_it_goes_on_from_where_the_mouse_was(window, press, hand, qtbot):
    hand(window, (4, 9), (5, 9))
    press(RIGHT, RETURN)
    assert painted(window) == {(4, 9), (5, 9), (6, 9)}


def test_a_polygon_is_drawn_and_closed_by_return(window, press):
    window.commands["polygon"].trigger()
    press(RETURN, *[RIGHT] * 8, RETURN, *[DOWN] * 8, RETURN)
    assert len(window.canvas.tool.points) == 3
    assert painted(window) == set()
    press(RETURN)
    assert window.canvas.tool.points == ()
    assert (22, 18) in painted(window)


def test_arrows_that_a_tool_wants_are_the_tools(window, press):
    press(RETURN)
    window.commands["transform"].trigger()
    press(RIGHT, RIGHT, RETURN)
    assert painted(window) == {(18, 16)}


@pytest.mark.parametrize("key", ["eraser", "fill", "rectangle", "pick"])
def test_other_tools_follow_it_too(window, press, qtbot, key):
    press(RETURN)
    window.commands[key].trigger()
    if key == "pick":
        window.studio.document.paint_value = 1
    qtbot.keyPress(window.canvas, RETURN)
    if key == "rectangle":
        press(RIGHT, RIGHT, DOWN, DOWN)
    qtbot.keyRelease(window.canvas, RETURN)
    counts = {"eraser": 0, "fill": 1, "rectangle": 4, "pick": 1}
    assert len(painted(window)) >= counts[key]
    assert key != "eraser" or not painted(window)
    assert window.studio.document.paint_value == 4


def test_the_view_follows_the_pointer(window, press):
    for _ in range(4):
        window.commands["zoom_in"].trigger()
    place = QPointF(31.5, 16.5)
    shown = window.canvas.rect()

    def visible():
        offset = (place - window.studio.view.viewpoint.centre) * window.studio.view.viewpoint.zoom
        return shown.contains((offset + QPointF(shown.center())).toPoint())

    assert not visible()
    press(*[RIGHT] * 15)
    assert visible()
    zoom = window.studio.view.viewpoint.zoom
    window.commands["zoom_out"].trigger()
    assert window.studio.view.viewpoint.zoom < zoom


def test_f6_goes_round_the_regions_and_a_ring_shows_where(window, qtbot):
    window.activateWindow()
    window.canvas.setFocus()
    ring = window.regions.rings[1]
    visited = []
    for _ in range(7):
        window.commands["next_region"].trigger()
        visited.append(window.focusWidget())
        assert ring.isVisible() == (window.focusWidget() is window.image)
    regions = (window.image, window.findChild(ToolStrip), window.checkpoints, window.labels, window.request,
               window.transport, window.canvas)  # fmt: skip
    assert all(region is one or region.isAncestorOf(one) for region, one in zip(regions, visited, strict=True))
    assert visited[3] is window.labels.rows[window.studio.document.paint_value]
    window.commands["previous_region"].trigger()
    assert window.focusWidget() is visited[5]
    window.image.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not ring.isVisible()


def test_tab_reaches_everything_region_by_region(window, other_checkpoint, qtbot):
    open_folder(window.studio, window.shell, other_checkpoint)  # with other labels
    qtbot.waitUntil(lambda: all(row.isVisible() for row in window.labels.rows.values()))
    window.activateWindow()
    window.canvas.setFocus()
    seen = [window.canvas]
    while (window.focusNextChild() and window.focusWidget() is not window.canvas) and len(seen) < 200:
        seen.append(window.focusWidget())
    regions = (window.canvas, window.image, window.findChild(ToolStrip), window.options_bar, window.checkpoints,
               window.labels, window.request, window.transport)  # fmt: skip
    places = [
        next((place for place, region in enumerate(regions) if region is one or region.isAncestorOf(one)), None)
        for one in seen
    ]
    known = [place for place in places if place is not None]
    assert known == sorted(known)
    assert set(known) == set(range(len(regions)))
    assert window.labels.rows[window.studio.document.paint_value] in seen  # arrow keys lead on from there


def test_every_menu_has_a_key_and_every_command_a_menu_or_a_key(window):
    for action in window.menuBar().actions():
        assert "&" in action.text()
    listed = set()

    def walk(menu):
        for action in menu.actions():
            listed.add(action)
            if action.menu() is not None:
                walk(action.menu())

    for action in window.menuBar().actions():
        walk(action.menu())
    assert all(action in listed or action.shortcuts() for action in window.commands.values())
