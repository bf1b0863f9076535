"""Two clicks on a scale give a picture its size, where its file does not."""

import numpy as np
import pytest
from dicom_files import filled, header, write
from PIL import Image
from PySide6.QtCore import QLocale, QPoint, Qt
from scan_volumes import make_volume

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.scale import MOST_WIDTH, width_by_scale
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.scans.scan_panel import ScanPanel

COLUMNS = 50


@pytest.fixture
def panel(studio, qtbot):
    panel = ScanPanel(studio)
    panel.resize(320, 500)
    yield panel
    panel.deleteLater()


@pytest.fixture
def unmeasured(studio, panel, settle, run, qtbot):
    """A panel with a picture of unknown size, and the scale begun."""
    with qtbot.waitSignal(studio.scans.changed):
        studio.scans.open(make_volume((1, 40, COLUMNS), is_measured=False), "key")
    settle(studio)
    run("scan_scale")
    panel.show()
    return panel


def at(panel, row, column):
    return panel.view.sight.point(row, column).toPoint()


def click(panel, qtbot, row, column):
    qtbot.mouseMove(panel.view, at(panel, row, column))
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=at(panel, row, column))


def test_two_clicks_and_a_distance_give_the_width(unmeasured, studio, qtbot):
    panel, scale = unmeasured, studio.scale
    assert panel.scale.isVisible()
    assert not panel.scale.apply.isEnabled()
    assert studio.document.pixel_spacing is None
    click(panel, qtbot, 10, 10)
    assert "other end" in panel.scale.outcome.text()
    click(panel, qtbot, 30, 10)
    panel.scale.field.setValue(40)
    (top, left), (bottom, right) = scale.ends
    expected = 40 * COLUMNS / np.hypot(bottom - top, right - left)
    assert panel.scale.outcome.text() == f"The picture is {expected:.1f} mm wide."
    assert studio.document.pixel_spacing is None  # until it is applied
    qtbot.mouseClick(panel.scale.apply, Qt.MouseButton.LeftButton)
    assert not panel.scale.isVisible()
    assert studio.scans.scan.width(Plane.ACQUIRED) == pytest.approx(expected)
    step = studio.scans.frame.step
    assert studio.document.pixel_spacing == pytest.approx(np.sqrt(step[0] * step[1]) * expected / COLUMNS)


def test_the_width_is_remembered_for_the_file(unmeasured, studio, settle, qtbot):
    studio.scale.put(10, 10)
    studio.scale.put(10, 35)
    studio.scale.set_millimetres(50)
    studio.scale.apply()
    studio.scans.close()
    studio.scans.open(make_volume((1, 40, COLUMNS), is_measured=False), "other")
    settle(studio)
    assert not studio.scans.scan.is_measured
    studio.scans.open(make_volume((1, 40, COLUMNS), is_measured=False), "key")
    qtbot.waitUntil(lambda: studio.scans.scan.key == "key")
    settle(studio)
    assert studio.scans.scan.width(Plane.ACQUIRED) == pytest.approx(100)
    assert studio.document.pixel_spacing is not None
    assert COMMANDS["scan_scale"].enabled(studio) == ""  # a wrong one can be mended


def test_an_end_can_be_dragged_and_moved_by_keys(unmeasured, studio, qtbot):
    panel = unmeasured
    click(panel, qtbot, 10, 10)
    click(panel, qtbot, 30, 10)
    frame = studio.scans.frame
    qtbot.mousePress(panel.view, Qt.MouseButton.LeftButton, pos=at(panel, 10, 10))
    qtbot.mouseMove(panel.view, at(panel, 20, 40))
    qtbot.mouseRelease(panel.view, Qt.MouseButton.LeftButton, pos=at(panel, 20, 40))
    assert studio.scale.ends[0] == pytest.approx((20, 40), abs=0.5)
    before = studio.scale.ends[1]
    qtbot.keyClick(panel.view, Qt.Key.Key_Right)
    assert studio.scale.ends[1] == pytest.approx((before[0], before[1] + 1))
    assert studio.scans.frame == frame


def test_ends_stay_on_the_picture(unmeasured, studio, qtbot):
    qtbot.mouseClick(unmeasured.view, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert studio.scale.ends == ((-0.5, -0.5),)


@pytest.mark.parametrize("part", ["view", "field"])
def test_escape_leaves_and_return_applies(unmeasured, studio, run, qtbot, part):
    panel = unmeasured
    widget = panel.view if part == "view" else panel.scale.field
    click(panel, qtbot, 10, 10)
    click(panel, qtbot, 30, 10)
    qtbot.keyClick(widget, Qt.Key.Key_Escape)
    assert not studio.scale.is_on
    assert not panel.scale.isVisible()
    assert not studio.scans.scan.is_measured
    run("scan_scale")
    assert studio.scale.ends == ()
    click(panel, qtbot, 10, 10)
    click(panel, qtbot, 30, 10)
    qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert studio.scans.scan.is_measured


def test_ends_on_one_pixel_and_widths_beyond_any_patient_are_sentences(unmeasured, studio, qtbot):
    panel, scale = unmeasured, studio.scale
    scale.put(10, 10)
    scale.put(10.2, 9.8)
    assert "same pixel" in panel.scale.outcome.text()
    assert not panel.scale.apply.isEnabled()
    scale.move(1, 10, 11)
    scale.set_millimetres(900)
    assert panel.scale.outcome.text().startswith("The picture would be 45,000 mm wide, unlike any patient")
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert scale.is_on
    assert not studio.scans.scan.is_measured
    scale.set_millimetres(5)
    assert panel.scale.apply.isEnabled()


def test_another_plane_or_scan_ends_it(studio, panel, settle, run, qtbot):
    with qtbot.waitSignal(studio.scans.changed):
        studio.scans.open(make_volume(is_measured=False), "key")
    settle(studio)
    run("scan_scale")
    studio.scans.step(1)
    settle(studio)
    assert studio.scale.is_on
    studio.scans.set_plane(Plane.CORONAL)
    assert not studio.scale.is_on
    settle(studio)
    run("scan_scale")
    studio.scans.close()
    assert not studio.scale.is_on


def test_the_file_that_gives_its_size_has_no_scale(studio, panel, settle, run, qtbot):
    with qtbot.waitSignal(studio.scans.changed):
        studio.scans.open(make_volume(), "key")
    settle(studio)
    assert "gives the size" in COMMANDS["scan_scale"].enabled(studio)
    studio.scale.begin()
    assert not studio.scale.is_on


def test_a_hidden_slice_is_shown_for_it(window, settle):
    studio = window.studio
    studio.scans.open(make_volume(is_measured=False), "key")
    settle(studio)
    window.commands["slice_panel"].trigger()
    assert not window.scan.isVisible()
    window.commands["scan_scale"].trigger()
    assert window.scan.isVisible()
    assert studio.scale.is_on


def test_distances_are_taken_with_the_shape_of_pixels():
    assert width_by_scale(((0, 0), (0, 10)), 20, (3.0, 1.0), 50) == pytest.approx(100)
    assert width_by_scale(((0, 0), (10, 0)), 60, (3.0, 1.0), 50) == pytest.approx(100)
    with pytest.raises(SegPaintError, match="same pixel"):
        width_by_scale(((3.2, 3.2), (2.8, 3.4)), 20, (1.0, 1.0), 50)
    with pytest.raises(SegPaintError, match="unlike any patient"):
        width_by_scale(((0, 0), (0, 50)), MOST_WIDTH + 1, (1.0, 1.0), 50)


@pytest.mark.parametrize("kind", ["png", "jpg", "dcm"])
def test_files_without_spacing_keep_the_shape_of_their_pixels(studio, shell, tmp_path, qtbot, settle, kind):
    shades = np.random.default_rng(1).integers(0, 256, (60, 90)).astype(np.uint8)
    path = tmp_path / f"slice.{kind}"
    if kind == "dcm":
        data = filled(header(modality="US", PixelAspectRatio=[2, 1]), shades)
        data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"  # secondary capture
        write(path, data)
    else:
        Image.fromarray(shades).save(path, dpi=(200, 100))
    open_scan(studio, shell, path)
    qtbot.waitUntil(lambda: studio.scans.slice is not None)
    settle(studio)
    scan = studio.scans.scan
    assert not scan.is_measured
    rows, columns = scan.spacing(Plane.ACQUIRED)
    assert rows / columns == pytest.approx(2, rel=1e-3)
    studio.scale.begin()
    studio.scale.put(0, 10)
    studio.scale.put(20, 10)
    studio.scale.set_millimetres(40)
    studio.scale.apply()
    assert scan.spacing(Plane.ACQUIRED) == pytest.approx((2, 1), rel=1e-3)


def test_the_distance_is_typed_right_after_the_second_click(unmeasured, studio, qtbot):
    panel, bar = unmeasured, unmeasured.scale
    told = []
    panel.told.connect(told.append)
    assert not bar.field.isEnabled()
    click(panel, qtbot, 10, 10)
    click(panel, qtbot, 30, 10)
    assert "mm wide" not in bar.outcome.text()  # nobody has given a distance yet
    assert bar.caption.text() == "Distance between the two clicks"
    assert panel.focusWidget() is bar.field
    assert bar.field.lineEdit().hasSelectedText()
    qtbot.keyClicks(panel.focusWidget(), "40")
    shown = bar.outcome.text()
    assert shown.endswith("mm wide.")
    qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Return)
    assert told == [shown]
    assert studio.scans.scan.width(Plane.ACQUIRED) == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("language", ["de_DE", "en_US", "ar_EG"])
@pytest.mark.parametrize("typed", ["12,5", "12.5"])
def test_comma_and_point_are_both_the_decimal_sign(unmeasured, studio, qtbot, language, typed):
    click(unmeasured, qtbot, 10, 10)
    click(unmeasured, qtbot, 30, 10)
    QLocale.setDefault(QLocale(language))
    try:
        qtbot.keyClicks(unmeasured.focusWidget(), typed)
    finally:
        QLocale.setDefault(QLocale.system())
    assert studio.scale.millimetres == 12.5


def test_digits_typed_over_the_slice_go_into_the_field(unmeasured, studio, qtbot):
    panel = unmeasured
    click(panel, qtbot, 10, 10)
    click(panel, qtbot, 30, 10)
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=at(panel, 30, 10))
    panel.view.setFocus()
    qtbot.keyClicks(panel.view, "4")
    qtbot.keyClicks(panel.focusWidget(), "2")
    assert studio.scale.millimetres == 42


def test_the_width_stays_in_the_status_line(window, settle, qtbot):
    studio = window.studio
    studio.scans.open(make_volume((1, 40, COLUMNS), is_measured=False), "key")
    settle(studio)
    window.commands["scan_scale"].trigger()
    studio.scale.put(10, 10)
    studio.scale.put(30, 10)
    studio.scale.set_millimetres(40)
    window.scan.scale.apply_it()
    with qtbot.waitSignal(studio.opened.reference_changed):
        studio.scans.set_frame(studio.scans.frame.moved(1, 0))  # the slice is read again
    assert window.statusBar().currentMessage() == "The picture is 100.0 mm wide."
