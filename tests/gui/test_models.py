import numpy as np
from PySide6.QtCore import Qt

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.gui.files.opening import open_folder
from segpaint.io.results import read_request


def test_a_model_without_labels_paints_runs_and_saves(
    open_window, maskless_checkpoint, hand, qtbot, finish, tmp_path, save
):
    window = open_window(maskless_checkpoint)
    window.activateWindow()
    qtbot.waitExposed(window)
    document = window.studio.document
    assert list(window.labels.rows) == [FREE, BACKGROUND]
    for key in (Qt.Key.Key_1, Qt.Key.Key_2):
        qtbot.keyClick(window, key)
    for command in ("previous_label", "next_label", "swap_label", "outlines"):
        window.commands[command].trigger()
    assert document.paint_value in (FREE, BACKGROUND)
    document.paint_value = FREE
    hand(window, (10, 10), (20, 20))
    assert (document.mask.values == FREE).any()
    window.commands["generate"].trigger()
    finish(window)
    hand(window, (4, 4))
    assert window.badge.isHidden()  # the image is what it would be with the new mask
    save(window, tmp_path / "image.png")
    assert read_request(tmp_path / "image.json").used == ()
    window.close()
    again = open_window(maskless_checkpoint)
    np.testing.assert_array_equal(again.studio.document.mask.values, document.mask.values)


def test_the_window_says_of_a_model_that_it_ignores_the_mask(open_window, maskless_checkpoint, tiny_checkpoint):
    window = open_window(maskless_checkpoint)
    assert window.labels.note.isVisible()
    assert "ignores the mask" in window.labels.note.text()
    assert not window.request.guidance.isEnabled()
    open_folder(window.studio, window.shell, tiny_checkpoint)
    assert not window.labels.note.isVisible()
    assert window.request.guidance.isEnabled()


def test_what_was_only_told_goes_when_a_run_is_finished_and_an_error_stays(window, finish):
    window.messages.tell("Something in passing.")
    window.studio.runs.generate()
    finish(window)
    assert window.messages.isHidden()
    window.messages.show_error(SegPaintError("The disk is full."))
    window.studio.runs.generate()
    finish(window)
    assert not window.messages.isHidden()
