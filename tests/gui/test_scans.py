"""Scans in the window: the panel with the slice, its frame, and what moves it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from scan_volumes import SHAPE, make_volume

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.presets import Preset
from segpaint.core.volumes.windows import ValueWindow
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.scans.marks import scale_length, scale_text
from segpaint.gui.scans.overview import Overview
from segpaint.gui.scans.scan_panel import ScanPanel


@pytest.fixture
def panel(studio, qtbot):
    """The panel of a studio, without a window."""
    panel = ScanPanel(studio)
    panel.resize(320, 500)
    yield panel
    panel.deleteLater()


@pytest.fixture
def open_scan(studio, panel, settle, qtbot):
    """Open a volume in the panel's studio."""

    def open_(volume=None, key="key"):
        with qtbot.waitSignal(studio.scans.changed):
            studio.scans.open(volume or make_volume(), key)
        settle(studio)

    return open_


def wheel(view, notches, modifier=Qt.KeyboardModifier.NoModifier):
    middle = QPointF(view.rect().center())
    event = QWheelEvent(
        middle, view.mapToGlobal(middle), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, modifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    view.wheelEvent(event)


def test_the_panel_is_there_only_with_a_scan(window, qtbot, settle):
    assert not window.scan.isVisible()
    window.studio.scans.open(make_volume(), "key")
    settle(window.studio)
    assert window.scan.isVisible()
    assert window.scan.title.text() == "a stack"
    qtbot.mouseClick(window.scan.leave, Qt.MouseButton.LeftButton)
    assert not window.scan.isVisible()


def test_three_panes_go_before_the_slice_in_a_small_window(open_window, settle, qtbot):
    window = open_window(size=(880, 560))
    studio = window.studio
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert window.scan.isVisible()
    window.commands["side_by_side"].trigger()
    qtbot.waitUntil(lambda: not window.scan.isVisible())  # one splitter asks the next for room
    assert "needs a wider window" in window.statusBar().currentMessage()
    window.commands["compare_off"].trigger()
    qtbot.waitUntil(window.scan.isVisible)
    window.commands["slice_panel"].trigger()
    assert not window.scan.isVisible()


def test_work_on_slices_is_reported_where_the_slice_is_hidden(window, settle):
    studio = window.studio
    studio.scans.open(make_volume(), "key")
    settle(studio)
    studio.document.strokes.replace(np.ones_like(studio.document.mask.values), "Draw")
    studio.slice_runs.start()
    assert window.scan.progress.words.text() == "Editing slice 4, 1 of 1"
    assert not window.statusBar().currentMessage()
    studio.slice_runs.cancel()
    window.commands["slice_panel"].trigger()
    studio.slice_runs.start()
    assert window.statusBar().currentMessage() == "Editing slice 4, 1 of 1."
    studio.slice_runs.cancel()


def test_the_wheel_goes_through_slices(panel, open_scan, studio, settle):
    open_scan()
    wheel(panel.view, -2)
    settle(studio)
    assert studio.scans.place.index == 5
    assert panel.bar.number.text() == "6 / 6"
    wheel(panel.view, 1)
    settle(studio)
    assert panel.bar.slices.value() == 4


def test_the_slider_goes_through_slices(panel, open_scan, studio, settle):
    open_scan()
    panel.bar.slices.setValue(0)
    settle(studio)
    assert studio.scans.place.index == 0


def test_a_cine_has_a_slider_for_its_times(panel, open_scan, studio, settle):
    open_scan()
    assert panel.bar.time_row.isHidden()
    open_scan(make_volume(times=3, moments=(0.0, 40.0, 80.0)), "cine")
    assert not panel.bar.time_row.isHidden()
    panel.bar.times.setValue(1)
    settle(studio)
    assert studio.scans.place.time == 1
    assert "40 ms" in panel.bar.moment.text()


def test_pixels_are_shown_in_true_proportions(panel, open_scan):
    open_scan(make_volume(spacing=(1.0, 3.0, 4.0)))
    sight = panel.view.sight
    assert sight.down == pytest.approx(3 * sight.across)
    whole = sight.rect(-0.5, SHAPE[1] - 0.5, -0.5, SHAPE[2] - 0.5)
    assert panel.view.rect().contains(whole.toAlignedRect())


def drag(qtbot, view, start, end, button=Qt.MouseButton.LeftButton):
    qtbot.mousePress(view, button, pos=start.toPoint())
    qtbot.mouseMove(view, end.toPoint())
    qtbot.mouseRelease(view, button, pos=end.toPoint())


def test_the_frame_is_dragged(panel, open_scan, studio, settle, qtbot):
    open_scan()
    panel.show()
    before, sight = studio.scans.frame, panel.view.sight
    middle = sight.point(*before.centre)
    drag(qtbot, panel.view, middle, middle + QPointF(3 * sight.across, -2 * sight.down))
    settle(studio)
    moved = studio.scans.frame
    assert moved.centre == pytest.approx((before.centre[0] - 2, before.centre[1] + 3), abs=0.6)
    assert moved.step == before.step
    studio.document.strokes.undo()
    assert studio.scans.frame == before


def test_the_frame_is_scaled_by_a_corner(panel, open_scan, studio, settle, qtbot):
    open_scan()
    panel.show()
    before, rect = studio.scans.frame, panel.view.sight.rect_of(studio.scans.frame)
    drag(qtbot, panel.view, rect.bottomRight(), rect.center() + (rect.bottomRight() - rect.center()) * 0.5)
    settle(studio)
    after = studio.scans.frame
    assert after.centre == before.centre
    assert after.step[0] == pytest.approx(before.step[0] / 2, rel=0.05)


@pytest.mark.parametrize("factor", [1.5, 4.0])
def test_a_frame_larger_than_the_picture_can_be_grabbed(panel, open_scan, studio, settle, qtbot, factor):
    open_scan()
    panel.show()
    studio.scans.set_frame(studio.scans.frame.scaled(factor).moved(7, 0))
    settle(studio)
    view, sight, frame = panel.view, panel.view.sight, studio.scans.frame
    whole = sight.rect(-0.5, SHAPE[1] - 0.5, -0.5, SHAPE[2] - 0.5)
    assert view.rect().contains(whole.united(sight.rect_of(frame)).toAlignedRect())
    corner = sight.rect_of(frame).topLeft()
    drag(qtbot, view, corner, corner + QPointF(30, 30))
    settle(studio)
    assert studio.scans.frame.step[0] < frame.step[0]


def test_arrows_move_the_frame_by_its_own_pixels(panel, open_scan, studio, settle, qtbot):
    open_scan()
    before = studio.scans.frame
    qtbot.keyClick(panel.view, Qt.Key.Key_Right)
    settle(studio)
    assert studio.scans.frame.centre[1] == pytest.approx(before.centre[1] + before.step[1])


def test_a_frame_of_an_unusual_size_is_marked(model, open_studio, settle, qtbot):
    path = model / "segpaint.json"
    path.write_text(path.read_text().replace('"pixel_spacing":null', '"pixel_spacing":1.0'))
    path.write_text(path.read_text().replace('"pixel_spacing": null', '"pixel_spacing": 1.0'))
    assert read_checkpoint(model).description.pixel_spacing == 1.0
    studio = open_studio(model)
    panel = ScanPanel(studio)
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert studio.scans.frame.step == pytest.approx((1.0, 1.0))
    assert not panel.view.is_unusual
    assert panel.view.frame_text() == ""
    studio.scans.set_frame(studio.scans.frame.scaled(2))
    settle(studio)
    assert panel.view.is_unusual
    assert panel.view.frame_text() == "2 mm a pixel, learned 1"
    COMMANDS["frame_size"].run(studio, None)
    settle(studio)
    assert not panel.view.is_unusual
    panel.deleteLater()


def test_the_right_button_drags_window_and_level(panel, open_scan, studio, qtbot):
    open_scan()
    panel.show()
    before, start = studio.scans.scan.window, QPointF(100, 100)
    drag(qtbot, panel.view, start, start + QPointF(60, 0), Qt.MouseButton.RightButton)
    assert studio.scans.scan.window.width > before.width
    assert studio.scans.scan.window.level == pytest.approx(before.level)
    assert panel.window_choice.currentText() == "Own"
    qtbot.mouseDClick(panel.view, Qt.MouseButton.RightButton)
    assert studio.scans.scan.window == before


def test_windows_are_those_of_the_file_and_of_its_modality(panel, open_scan, studio):
    open_scan(make_volume(modality="CT", presets=(Preset("Own words", 100, 50),)))
    names = [panel.window_choice.itemText(number) for number in range(panel.window_choice.count())]
    assert names[:3] == ["Own words", "Soft tissue", "Lung"]
    assert panel.window_choice.currentText() == "Own words"
    panel.window_choice.setCurrentIndex(2)
    panel.window_choice.activated.emit(2)
    assert studio.scans.scan.window == ValueWindow(-1350, 150)


def test_another_plane_is_chosen(panel, open_scan, studio, settle):
    open_scan()
    panel.plane.setCurrentIndex(panel.plane.findData(Plane.CORONAL))
    panel.plane.activated.emit(panel.plane.currentIndex())
    settle(studio)
    assert studio.scans.place.plane is Plane.CORONAL
    assert panel.bar.slices.maximum() == SHAPE[1] - 1


def test_values_under_the_pointer_are_shown_in_their_unit(panel, open_scan, studio, qtbot):
    open_scan(make_volume(modality="CT", unit="HU"))
    panel.show()
    assert panel.view.value_text().startswith("W ")
    qtbot.mouseMove(panel.view, panel.view.sight.point(20, 25).toPoint())
    assert panel.view.value_text() == "600 HU"


def test_painted_slices_are_known(panel, open_scan, studio, settle):
    open_scan()
    ones = np.ones_like(studio.document.mask.values)
    studio.document.strokes.replace(ones, "Draw")
    studio.scans.step(2)
    settle(studio)
    assert studio.slice_masks.painted == [3]
    studio.document.strokes.replace(ones, "Draw")
    assert studio.slice_masks.painted == [3, 5]


def test_the_overview_moves_to_a_slice(panel, open_scan, studio, settle, qtbot):
    open_scan()
    overview = panel.findChild(Overview)
    qtbot.waitUntil(lambda: not overview.isHidden())
    panel.show()
    # Of axial slices from the feet up, the last ones are at the top of a coronal picture.
    top = overview.height() * (0.5 - 0.5 * 24 / 50) + 2
    qtbot.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(overview.width() // 2, int(top)))
    settle(studio)
    assert studio.scans.place.index == 5


def test_zooming_keeps_what_is_under_the_pointer(panel, open_scan):
    open_scan()
    point = QPointF(panel.view.rect().center())
    before, scale = panel.view.sight.place(point), panel.view.sight.across
    wheel(panel.view, 3, Qt.KeyboardModifier.ControlModifier)
    assert panel.view.sight.across > scale
    assert panel.view.sight.place(point) == pytest.approx(before)
    panel.view.fit()
    assert panel.view.sight.across == scale


@pytest.mark.parametrize(
    ("most", "length", "text"), [(7, 5, "5 mm"), (26, 20, "2 cm"), (100, 100, "10 cm"), (0.3, 0.2, "0.2 mm")]
)
def test_the_scale_is_a_round_length(most, length, text):
    assert scale_length(most) == pytest.approx(length)
    assert scale_text(scale_length(most)) == text


@pytest.mark.parametrize("key", [key for key, row in COMMANDS.items() if row.menu.startswith("Scan")])
def test_commands_of_scans_need_one(key, studio):
    assert COMMANDS[key].enabled(studio)


def test_commands_move_through_slices(open_scan, studio, run, settle):
    open_scan()
    for key, index in (("slice_next", 4), ("slice_last", 5), ("slice_first", 0), ("slice_previous", 0)):
        run(key)
        settle(studio)
        assert studio.scans.place.index == index


def test_the_frame_goes_back_to_the_body(open_scan, studio, run, settle, qtbot):
    open_scan()
    before = studio.scans.frame
    studio.scans.set_frame(replace(before, centre=(0.0, 0.0)))
    settle(studio)
    run("frame_body")
    qtbot.waitUntil(lambda: studio.scans.frame == before)
    settle(studio)
    assert studio.scans.frame == before


def test_the_width_of_a_picture_is_asked_for(open_scan, studio, run, shell):
    open_scan(make_volume(is_measured=False))
    shell.answers = [120]
    run("scan_width")
    assert studio.scans.scan.spacing(Plane.ACQUIRED)[1] == pytest.approx(120 / SHAPE[2])
    shell.answers = [150]
    run("scan_width")  # which mends a wrong one
    assert studio.scans.scan.spacing(Plane.ACQUIRED)[1] == pytest.approx(150 / SHAPE[2])
    open_scan(key="other")
    assert COMMANDS["scan_width"].enabled(studio) == "The file gives the size of its pixels"


def test_a_single_picture_has_no_slices_to_choose(panel, open_scan, studio):
    open_scan(make_volume((1, 40, 50)))
    assert panel.bar.isHidden()
    assert panel.plane.isHidden()
    assert studio.document.reference.name == "a stack"
