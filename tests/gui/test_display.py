"""How things are shown: window and level, opacity, and the mask in comparisons."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from segpaint.core.pictures.compare import difference_colors, in_color
from segpaint.core.pictures.intensities import IntensityWindow
from segpaint.gui.files.references import open_image
from segpaint.studio.view.comparison import Against, Mode

RIGHT = Qt.MouseButton.RightButton
NARROW = IntensityWindow.between(60, 140)


@pytest.fixture
def slices(tiny_data):
    return sorted((tiny_data / "images" / "val").glob("*.png"))


@pytest.fixture
def opened(window, slices):
    open_image(window.studio, window.shell, slices[0])
    return window


@pytest.fixture
def image(opened):
    """Of the reference."""
    return opened.studio.document.reference.image


def drag(pane, right, down):
    start = QPoint(60, 60)
    QTest.mousePress(pane.viewport(), RIGHT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(pane.viewport(), start + QPoint(right, down))
    QTest.mouseRelease(pane.viewport(), RIGHT, Qt.KeyboardModifier.NoModifier, start + QPoint(right, down))


# ---- window and level


def test_a_right_drag_sets_width_and_level(opened, image):
    mask = opened.studio.document.mask.snapshot()
    drag(opened.image, -100, 20)
    set_by_hand = opened.studio.view.windowing.window
    assert (set_by_hand.width, set_by_hand.level) == (155, 147.5)
    np.testing.assert_array_equal(opened.image.shown, set_by_hand.applied(image))
    assert opened.windowing_badge.text() == "W 155   L 148"
    assert not opened.windowing_badge.isHidden()
    drag(opened.image, 10, -20)
    assert (opened.studio.view.windowing.window.width, opened.studio.view.windowing.window.level) == (
        165,
        127.5,
    )
    np.testing.assert_array_equal(opened.studio.document.mask.values, mask)  # nothing was erased


def test_a_double_click_and_a_command_reset(opened, image):
    reset = opened.commands["window_reset"]
    assert not reset.isEnabled()
    opened.studio.view.windowing.window = NARROW
    QTest.mouseDClick(opened.image.viewport(), RIGHT, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert opened.studio.view.windowing.window.is_whole
    opened.studio.view.windowing.window = NARROW
    reset.trigger()
    np.testing.assert_array_equal(opened.image.shown, image)
    assert opened.windowing_badge.isHidden()


def test_the_reference_under_the_mask_is_shown_through_the_window(opened, image):
    opened.commands["overlay"].setChecked(False)
    opened.studio.view.windowing.window = NARROW
    place = (2, 2)
    drawn = opened.canvas.grab().toImage()
    view = opened.studio.view.viewpoint
    point = QPointF(place[1] + 0.5, place[0] + 0.5) - view.centre
    x = opened.canvas.width() / 2 + point.x() * view.zoom
    y = opened.canvas.height() / 2 + point.y() * view.zoom
    assert drawn.pixelColor(round(x), round(y)).red() == NARROW.applied(image)[place]
    np.testing.assert_array_equal(opened.canvas.shown, NARROW.applied(image))


def test_nothing_that_is_made_or_kept_knows_of_the_window(opened, finish, settings, tmp_path, save):
    settings(edit_steps=4, margin=None)
    whole = opened.studio.document.request("float32").model_dump_json()
    opened.studio.view.windowing.window = NARROW
    assert opened.studio.document.request("float32").model_dump_json() == whole
    opened.studio.runs.generate()
    finish(opened)
    result = opened.studio.runs.trajectory.result.noisy
    np.testing.assert_array_equal(opened.image.shown, NARROW.applied(result))
    save(opened, tmp_path / "saved.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "saved.png")), result)


def test_another_reference_is_shown_as_it_is(opened, slices):
    opened.studio.view.windowing.window = NARROW
    opened.reference.take.click()  # only its mask is another
    assert opened.studio.view.windowing.window == NARROW
    open_image(opened.studio, opened.shell, slices[1])
    assert opened.studio.view.windowing.window.is_whole


# ---- the panel


def test_the_handles_of_the_histogram_are_moved_by_keys(opened):
    opened.commands["histogram"].setChecked(True)
    histogram = opened.display.histogram
    assert histogram.isVisible()
    for _ in range(20):
        QTest.keyClick(histogram.lowest, Qt.Key.Key_Right)
    QTest.keyClick(histogram.highest, Qt.Key.Key_PageDown)
    window = opened.studio.view.windowing.window
    assert (window.lowest, window.highest) == (20, 245)
    assert (opened.display.width_box.value(), opened.display.level_box.value()) == (225, round(window.level))
    QTest.keyClick(histogram.lowest, Qt.Key.Key_End)  # pushes the other before it
    assert opened.studio.view.windowing.window.width == 1
    assert histogram.lowest.value() == 254


def test_handles_and_what_lies_between_them_are_dragged(opened):
    opened.commands["histogram"].setChecked(True)
    opened.grab()
    histogram, left = opened.display.histogram, Qt.MouseButton.LeftButton
    before = histogram.lowest.pos()
    QTest.mousePress(histogram.lowest, left, pos=QPoint(5, 20))
    QTest.mouseMove(histogram.lowest, QPoint(65, 20))
    QTest.mouseRelease(histogram.lowest, left, pos=QPoint(65, 20))
    lowest = opened.studio.view.windowing.window.lowest
    assert lowest == pytest.approx(histogram.intensity_at(65 + before.x()), abs=1)
    assert histogram.lowest.pos().x() > before.x()
    width = opened.studio.view.windowing.window.width
    QTest.mousePress(histogram, left, pos=QPoint(150, 10))
    QTest.mouseMove(histogram, QPoint(130, 10))
    QTest.mouseRelease(histogram, left, pos=QPoint(130, 10))
    assert opened.studio.view.windowing.window.width == width
    assert opened.studio.view.windowing.window.lowest < lowest


def test_the_numbers_can_be_typed(opened):
    opened.display.width_box.setValue(80)
    opened.display.level_box.setValue(100)
    assert (opened.studio.view.windowing.window.lowest, opened.studio.view.windowing.window.highest) == (
        60,
        140,
    )


def test_without_a_reference_there_is_the_histogram_of_the_image(window, finish):
    assert window.display.isHidden()
    window.commands["histogram"].setChecked(True)
    assert window.display.isHidden()
    window.studio.runs.generate()
    finish(window)
    assert window.display.histogram.isVisible()
    assert not window.display.opacity.isVisible()


def test_the_histogram_of_the_image_before_stays_until_a_run_has_a_picture(window, finish, settings):
    settings(steps=2)
    window.commands["histogram"].setChecked(True)
    window.commands["generate"].trigger()
    finish(window)
    window.commands["generate"].trigger()
    assert window.studio.runs.trajectory.current is None
    window.commands["outlines"].trigger()
    assert window.display.histogram.isVisible()


def test_opacity_and_outlines_have_a_place_while_there_is_a_reference(opened):
    display, overlay = opened.display, opened.studio.view.overlay
    assert display.opacity.isVisible()
    display.opacity.setValue(80)
    assert overlay.opacity == 0.8
    opened.commands["overlay_less"].trigger()
    assert display.opacity.value() == 70
    opened.commands["labels_outline"].trigger()
    assert overlay.is_outlined
    opened.reference.remove.click()
    assert display.isHidden()


def test_the_histogram_is_there_again_after_a_restart(open_window, slices):
    first = open_window()
    first.commands["histogram"].trigger()
    first.close()
    assert open_window().commands["histogram"].isChecked()


# ---- comparing with each other: result, reference, mask


@pytest.fixture
def with_reference(loaded, shell, slices):
    """A studio with a reference."""
    open_image(loaded, shell, slices[0])
    return loaded


@pytest.fixture
def edited(with_reference, paint, finish, settings):
    """A studio with a reference, a mask that was edited, and the image made from both."""
    settings(edit_steps=6, margin=2.0)
    with_reference.document.paint_value = 4
    paint((26, 6))
    with_reference.runs.generate()
    finish(with_reference)
    return with_reference


def painted(studio):
    """The mask over the reference, as the canvas shows it."""
    document, overlay = studio.document, studio.view.overlay
    colors = overlay.colors(document).astype(float)[document.mask.values]
    ground = in_color(studio.view.windowing.window.applied(document.reference.image))
    return colors[..., :3] * colors[..., 3:] / 255 + ground * (1 - colors[..., 3:] / 255)


def pictures(studio):
    """What is compared, by what it is called, as it is shown."""
    document, window_set = studio.document, studio.view.windowing.window
    frame = studio.runs.trajectory.current
    shown = {Against.REFERENCE: document.reference.image} | ({} if frame is None else {None: frame.picture})
    return {key: in_color(window_set.applied(image)) for key, image in shown.items()} | {
        Against.MASK: painted(studio)
    }


@pytest.fixture
def check(panes, studio, run, qtbot):
    """Compare in every way; `this` is what the image pane shows by itself."""

    def check_(against, this):
        expected = pictures(studio)
        first, second = expected[this], expected[against]
        run(against.value)
        run("swipe")
        panes.image.hovered.emit(QPointF(12, 5))
        swiped = in_color(panes.image.shown)
        np.testing.assert_array_equal(swiped[:, :12], first[:, :12])
        np.testing.assert_allclose(swiped[:, 12:], second[:, 12:], atol=0.51)
        run("blink")
        np.testing.assert_array_equal(in_color(panes.image.shown), first)
        qtbot.waitUntil(lambda: np.allclose(in_color(panes.image.shown), second, atol=0.51))
        run("side_by_side")
        np.testing.assert_array_equal(in_color(panes.image.shown), first)
        np.testing.assert_allclose(in_color(panes.side.pane.shown), second, atol=0.51)
        run("compare_off")

    return check_


@pytest.mark.parametrize("chosen", [IntensityWindow(), NARROW])
def test_result_reference_and_mask_are_compared_with_each_other(edited, check, chosen):
    edited.view.windowing.window = chosen
    check(Against.REFERENCE, None)
    check(Against.MASK, None)


def test_a_reference_is_compared_with_its_mask_before_anything_is_made(with_reference, panes, run, check):
    check(Against.MASK, Against.REFERENCE)
    run("compare_auto")
    run("swipe")
    assert panes.comparison.note.words.text() == "reference  |  mask"
    run("compare_reference")
    assert "no reference beside" in panes.comparison.note.words.text()


def test_the_mask_in_a_comparison_follows_hand_and_overlay(with_reference, panes, run, paint, qtbot):
    run("compare_mask")
    run("side_by_side")
    pane = panes.side.pane

    def follows():
        np.testing.assert_allclose(pane.shown, painted(with_reference), atol=0.51)

    follows()
    before = pane.shown.copy()
    with_reference.document.paint_value = 2
    paint((3, 3), (20, 3))
    qtbot.waitUntil(follows)
    assert not np.array_equal(pane.shown, before)
    for change in (
        lambda: with_reference.view.overlay.set_opacity(0.9),
        lambda: with_reference.document.set_label(1, shown=False),
        lambda: setattr(with_reference.view.windowing, "window", NARROW),
    ):
        before = pane.shown.copy()
        change()
        qtbot.waitUntil(follows)
        assert not np.array_equal(pane.shown, before)


def test_a_difference_is_one_of_intensities_not_of_what_is_shown(edited, panes, run):
    run("compare_reference")
    run("difference")
    edited.view.windowing.window = NARROW
    result = edited.runs.trajectory.result.noisy
    np.testing.assert_array_equal(panes.image.shown, difference_colors(result, edited.document.reference.image))
    assert panes.windowing_badge.isHidden()  # for that window plays no part here
    run("difference")
    assert not panes.windowing_badge.isHidden()


@pytest.mark.parametrize("mode", [Mode.DIFFERENCE, Mode.OUTSIDE])
def test_a_mask_has_no_difference_from_an_image(edited, panes, run, mode):
    run("compare_mask")
    run(mode.value)
    assert "no difference" in panes.comparison.note.words.text()
    np.testing.assert_array_equal(panes.image.shown, edited.runs.trajectory.result.noisy)
    assert panes.image.rect().contains(panes.comparison.note.geometry())


def test_what_is_not_there_is_said(edited, panes, run):
    for against, word in ((Against.PINNED, "pinned"), (Against.PARENT, "no other branch")):
        run(against.value)
        run("swipe")
        assert word in panes.comparison.note.words.text()
        run("side_by_side")
        assert word in panes.side.pane.hint.text()
        assert panes.side.pane.shown is None
    run("pin")
    run("compare_pinned")
    np.testing.assert_array_equal(panes.side.pane.shown, edited.runs.trajectory.result.picture)
