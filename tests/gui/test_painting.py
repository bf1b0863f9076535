import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.paint import brush
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.files.opening import open_mask
from segpaint.io.image_files import encode_mask


def values(window):
    return window.studio.document.mask.snapshot()


def test_a_stroke_paints_the_chosen_label_and_is_undone_as_one(window, hand):
    document = window.studio.document
    window.studio.view.tools.set_size(3)
    document.paint_value = 4
    before = values(window)
    hand(window, (5, 5), (25, 5), (25, 20))
    painted = values(window)
    assert painted[5, 15] == painted[15, 25] == 4
    window.commands["undo"].trigger()
    np.testing.assert_array_equal(values(window), before)
    assert not window.commands["undo"].isEnabled()
    window.commands["redo"].trigger()
    np.testing.assert_array_equal(values(window), painted)


@pytest.mark.parametrize(
    "how",
    [
        {"button": Qt.MouseButton.RightButton},
        {"modifier": Qt.KeyboardModifier.ControlModifier},
        {},
    ],
    ids=["right button", "control", "eraser"],
)
def test_erasing_gives_pixels_to_what_surrounds_the_label(window, hand, how):
    document = window.studio.document
    document.paint_value = 2
    hand(window, (16, 16))
    assert values(window)[16, 16] == 2
    if not how:
        window.commands["eraser"].trigger()
    hand(window, (16, 16), **how)
    assert values(window)[16, 16] == 1  # a heart lies inside a body
    hand(window, (16, 16), **how)
    assert values(window)[16, 16] == 0


def test_a_locked_label_is_not_painted_over(window, hand):
    document = window.studio.document
    document.paint_value = 2
    hand(window, (16, 16))
    window.labels.rows[2].switches["locked"].click()
    document.paint_value = 4
    hand(window, (2, 16), (30, 16))
    after = values(window)
    assert after[16, 16] == 2
    assert after[16, 2] == after[16, 30] == 4


def test_a_free_region_is_painted_like_a_label(window, hand):
    window.labels.rows[FREE].chosen.emit(FREE)
    hand(window, (10, 10))
    assert values(window)[10, 10] == FREE
    assert window.studio.document.request("float32").mask[10, 10] == FREE


def test_undo_in_the_middle_of_a_stroke_takes_back_that_stroke(studio, shell, drawn_mask):
    document = studio.document
    document.strokes.replace(drawn_mask, "open")
    document.strokes.begin()
    document.paint(brush((20, 20), (20, 25), 5, document.mask.shape))
    assert (document.mask.values != drawn_mask).any()
    COMMANDS["undo"].run(studio, shell)
    np.testing.assert_array_equal(document.mask.values, drawn_mask)
    document.paint(brush((20, 20), (20, 25), 5, document.mask.shape))  # the hand still moves
    np.testing.assert_array_equal(document.mask.values, drawn_mask)


def test_keys_choose_labels_and_sizes(window, qtbot):
    window.activateWindow()
    qtbot.waitExposed(window)
    document = window.studio.document
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert document.paint_value == 4
    window.commands["previous_label"].trigger()
    assert document.paint_value == 2
    window.commands["swap_label"].trigger()
    assert document.paint_value == 4
    size = window.studio.view.tools.settings.size
    window.commands["larger"].trigger()
    assert window.studio.view.tools.settings.size == size + 1 == window.options_bar.size_box.value()
    window.commands["smaller"].trigger()
    assert window.studio.view.tools.settings.size == size


@pytest.mark.parametrize(("command", "label"), [("next_label", 1), ("previous_label", FREE)])
def test_from_background_keys_lead_to_both_ends_of_the_list_and_back(studio, shell, command, label):
    document = studio.document
    document.paint_value = 0  # as the picker does
    COMMANDS[command].run(studio, shell)
    assert document.paint_value == label
    COMMANDS["swap_label"].run(studio, shell)
    assert document.paint_value == 0


def test_a_brush_larger_than_the_slider_keeps_its_size(window):
    window.options_bar.size_box.setValue(150)
    assert window.studio.view.tools.settings.size == 150
    window.options_bar.slider.setValue(20)
    assert window.studio.view.tools.settings.size == window.options_bar.size_box.value() == 20


def test_the_wheel_zooms_both_panes_about_the_pointer(window):
    point = QPointF(120, 150)
    before = window.canvas.position(point)
    turn = QWheelEvent(
        point, window.canvas.mapToGlobal(point), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    zoom = window.studio.view.viewpoint.zoom
    QApplication.sendEvent(window.canvas.viewport(), turn)
    assert window.studio.view.viewpoint.zoom > zoom
    after = window.canvas.position(point)
    assert (after - before).manhattanLength() < 1e-6
    assert (window.image.position(point) - after).manhattanLength() * window.studio.view.viewpoint.zoom <= 1
    window.commands["fit"].trigger()
    assert window.studio.view.viewpoint.zoom == pytest.approx(zoom)


def test_space_held_pans_and_tapped_plays(window, qtbot):
    taps = []
    window.space.tapped.connect(lambda: taps.append(1))
    qtbot.keyPress(window, Qt.Key.Key_Space)
    viewport = window.canvas.viewport()
    before, mask = QPointF(window.studio.view.viewpoint.centre), values(window)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(viewport, QPoint(130, 100))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(130, 100))
    qtbot.keyRelease(window, Qt.Key.Key_Space)
    assert window.studio.view.viewpoint.centre.x() < before.x()
    np.testing.assert_array_equal(values(window), mask)
    assert not taps
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert taps


def test_the_canvas_shows_an_ablated_label_darker_and_a_hidden_one_not(window, hand):
    document = window.studio.document
    document.paint_value = 4
    hand(window, (16, 16))
    centre = window.canvas.rect().center()

    def brightness():
        return window.canvas.grab().toImage().pixelColor(centre).lightness()

    window.studio.view.viewpoint.zoom_at(QPointF(16.5, 16.5), 4)
    window.studio.view.viewpoint.centre = QPointF(18.5, 16.5)
    window.studio.view.viewpoint.changed.emit()
    full = brightness()
    document.set_label(4, used=False)
    ablated = brightness()
    document.set_label(4, shown=False)
    assert full > ablated > brightness()


def test_opening_a_mask_of_another_size_offers_to_resample(window, tmp_path, table, qtbot):
    big = np.zeros((64, 64), np.uint8)
    big[20:40, 20:40] = 4
    path = tmp_path / "big.png"
    path.write_bytes(encode_mask(big, table))
    before = values(window)
    open_mask(window.studio, window.shell, path)
    np.testing.assert_array_equal(values(window), before)
    assert "64 x 64" in window.messages.text.text()
    assert window.messages.other_offer.isHidden()
    window.messages.offer.click()
    np.testing.assert_array_equal(values(window), big[1::2, 1::2])
    window.commands["undo"].trigger()
    np.testing.assert_array_equal(values(window), before)


def test_a_photograph_is_refused_in_a_sentence(studio, shell, tmp_path):
    path = tmp_path / "photo.png"
    Image.effect_noise((32, 32), 90).convert("RGB").save(path)
    before = studio.document.mask.snapshot()
    open_mask(studio, shell, path)
    assert "photo.png has more than 64 colours or shades" in shell.offers[0][0]
    np.testing.assert_array_equal(studio.document.mask.values, before)


def test_keys_go_to_the_canvas_again_after_a_number_was_typed(window, qtbot):
    steps, document = window.request.steps, window.studio.document
    steps.setFocus()
    steps.selectAll()
    qtbot.keyClicks(steps, "15")
    qtbot.keyClick(steps, Qt.Key.Key_Return)
    assert document.settings.steps == 15
    assert window.focusWidget() is window.canvas
    steps.setFocus()
    inside = QPointF(50, 50)
    QApplication.sendEvent(window.canvas, QEnterEvent(inside, inside, inside))
    assert window.focusWidget() is window.canvas


def test_a_black_and_white_mask_is_opened_with_a_word_on_what_white_means(studio, shell, tmp_path):
    path = tmp_path / "binary.png"
    Image.fromarray(np.where(np.eye(32), 255, 0).astype(np.uint8)).save(path)
    open_mask(studio, shell, path)
    assert "255 stands for a free region" in shell.offers[0][0]
