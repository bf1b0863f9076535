"""The size of the brush in pixels of the image or of the screen, and the switches that show it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QToolButton
from shells import NotingShell

from segpaint.gui.canvas.keyboard_hand import KeyboardHand
from segpaint.gui.stage.stage_keeper import StageKeeper
from segpaint.studio.base.tool_settings import LARGEST_BRUSH, ToolSettings


@given(size=st.integers(1, LARGEST_BRUSH), zoom=st.floats(0.05, 64), on_screen=st.booleans())
def test_the_diameter_is_sound_and_stays_when_the_unit_is_changed(size, zoom, on_screen):
    settings = ToolSettings(size=size, on_screen=on_screen)
    other = settings.switched(zoom)
    assert other.on_screen is not on_screen
    assert {1 <= each.diameter(zoom) <= LARGEST_BRUSH for each in (settings, other)} == {True}
    if settings.diameter(zoom) > 1 and 1 < size * zoom < LARGEST_BRUSH and 1 < size / zoom < LARGEST_BRUSH:
        assert abs(settings.diameter(zoom) - other.diameter(zoom)) <= max(1, 1 / zoom)


@pytest.fixture
def fresh(easel):
    """An easel with a blank mask at a zoom of 10, and a brush of 40 pixels of the screen."""
    document = easel.studio.document
    document.strokes.replace(np.zeros_like(document.mask.values), "Blank")
    document.paint_value = 4
    easel.studio.view.tools.change(size=40, on_screen=True)
    zoom_to(easel, 10)
    return easel


def zoom_to(easel, zoom):
    view = easel.studio.view.viewpoint
    view.zoom_at(view.centre, zoom / view.zoom)


def width(easel):
    painted = (easel.studio.document.mask.values == 4).any(axis=0)
    easel.studio.document.strokes.undo()
    return int(painted.sum())


def test_a_brush_in_screen_pixels_paints_finer_where_one_zooms_in(fresh, hand):
    for zoom, expected in ((10, 4), (20, 2), (40, 1)):
        zoom_to(fresh, zoom)
        hand(fresh, (16, 16))
        assert width(fresh) == expected
    fresh.studio.view.tools.change(on_screen=False, size=3)
    for zoom in (10, 20, 40):
        zoom_to(fresh, zoom)
        hand(fresh, (16, 16))
        assert width(fresh) == 3


def test_its_outline_follows_the_zoom_while_the_pointer_rests(fresh, qtbot):
    outlined = []
    fresh.canvas.cursor_changed.connect(lambda path: outlined.append(path.boundingRect().width()))
    qtbot.mouseMove(fresh.canvas.viewport(), fresh.canvas.viewport().rect().center())
    assert outlined[-1] == 4
    zoom_to(fresh, 20)
    assert outlined[-1] == 2


def test_the_push_goes_by_it(fresh):
    fresh.studio.view.tools.change(size=160)
    fresh.studio.view.tools.take("push")
    tool = fresh.canvas.tool
    assert tool.size == 16
    zoom_to(fresh, 20)
    assert tool.size == 8


def test_the_keyboard_hand_paints_with_it(fresh, qtbot):
    KeyboardHand(fresh.canvas)
    zoom_to(fresh, 20)
    fresh.canvas.setFocus()
    qtbot.keyClick(fresh.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(fresh.canvas, Qt.Key.Key_Return)
    assert width(fresh) == 2


def test_keys_change_the_size_in_its_unit_and_the_unit_changes_no_brush(fresh, run):
    tools = fresh.studio.view.tools
    assert tools.diameter == 4
    for _ in range(2):
        run("larger")
    assert tools.settings.size == 48
    assert tools.diameter == 5
    tools.set_on_screen(False)
    assert (tools.settings.size, tools.diameter) == (5, 5)
    tools.set_on_screen(True)
    assert (tools.settings.size, tools.diameter) == (50, 5)


def test_on_the_stage_it_goes_by_the_zoom_there(fresh, qtbot):
    keeper = StageKeeper(fresh.studio, NotingShell(), fresh.canvas, fresh.canvas)
    fresh.studio.view.stage.set_on(True)
    stage = keeper.stage
    stage.resize(32 * 5 + 48, 32 * 5 + 48)  # five pixels of the screen for each of the mask
    place = QPointF(stage.rect().center())
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress, place, place, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(stage, press)
    qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert width(fresh) == 8
    QApplication.sendEvent(stage, QEvent(QEvent.Type.Leave))
    assert fresh.studio.view.tools.diameter == 4
    fresh.studio.view.stage.set_on(False)


def shown(bar):
    return [
        b.defaultAction() for b in bar.switches.findChildren(QToolButton) if b.isVisible() and b.defaultAction()
    ]


def test_the_field_shows_the_unit_and_switches_without_room_are_in_a_menu(window):
    bar, tools = window.options_bar, window.studio.view.tools
    tools.set_size(9)
    assert bar.size_box.text() == "9 px"
    on_screen = next(action for action in shown(bar) if "screen" in action.toolTip())
    on_screen.trigger()
    assert tools.settings.on_screen
    assert bar.size_box.text().endswith(" screen px")
    assert "pixels of the screen" in bar.size_box.toolTip()
    every = {action.toolTip() for action in shown(bar)} | {
        a.toolTip() for a in bar.switches.more.menu().actions()
    }
    bar.resize(1000, bar.height())
    assert {action.toolTip() for action in shown(bar)} == every
    assert not bar.switches.more.isVisible()
    bar.resize(bar.minimumSizeHint())
    within = bar.switches.more.menu().actions()
    assert bar.switches.more.isVisible()
    assert {action.toolTip() for action in [*shown(bar), *within]} == every
    next(action for action in within if "loop" in action.text()).trigger()
    assert tools.settings.fills_loops


def test_it_is_remembered(open_window):
    first = open_window()
    first.studio.view.tools.change(on_screen=True, size=31, fills_loops=True)
    first.close()
    again = open_window().studio.view.tools.settings
    assert (again.on_screen, again.size, again.fills_loops) == (True, 31, True)
