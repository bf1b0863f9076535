"""What is hidden is shown again once it changes, and the status line reports it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from segpaint.gui.files.references import open_image
from segpaint.gui.tools.tool_commands import TOOLS

DRAWN = ("brush", "rectangle", "ellipse", "lasso", "fill")


@pytest.fixture
def said(window):
    """What the status line shows."""
    return window.statusBar().currentMessage


def drawn(canvas):
    """Grab the canvas without the pointer's outline."""
    canvas.put_pointer_away()
    return canvas.grab().toImage()


@pytest.mark.parametrize("key", DRAWN)
def test_a_hidden_mask_is_shown_again_by_whatever_paints(easel, run, hand, key):
    assert key in TOOLS
    easel.studio.document.paint_value = 4
    run(key)
    run("overlay")
    blank = drawn(easel.canvas)
    hand(easel, (8, 8), (24, 10), (20, 24))
    assert easel.studio.document.mask.values.any()
    assert not easel.studio.view.overlay.is_hidden
    assert drawn(easel.canvas) != blank


def test_that_the_mask_is_shown_again_is_reported_with_its_key(window, hand, said, qtbot):
    window.commands["overlay"].trigger()
    hand(window, (8, 8), (20, 8))
    assert window.commands["overlay"].isChecked()
    qtbot.waitUntil(
        lambda: said() == "The mask is shown again, for it has changed; View > Show the mask (S) hides it."
    )


def test_a_gesture_and_undo_show_a_hidden_mask_and_report_it(window, hand, said, qtbot):
    window.studio.document.paint_value = 4
    hand(window, (10, 10), (20, 16))
    for command in ("grow", "undo"):
        window.commands["overlay"].trigger()
        window.commands[command].trigger()
        assert window.commands["overlay"].isChecked()
        qtbot.waitUntil(lambda: said().startswith("The mask is shown again"))
        window.gestures.apply_it()
        window.shell.say("")


def test_a_label_hidden_by_its_eye_is_shown_again_once_it_changes(window, hand, said, qtbot):
    document = window.studio.document
    for label in (2, 4):
        document.set_label(label, shown=False)
    document.paint_value = 4
    hand(window, (8, 8), (20, 8))
    name = document.name_of(4)
    assert document.label_state(4).shown
    assert not document.label_state(2).shown  # which did not change
    qtbot.waitUntil(lambda: said() == f"{name} is shown again, for it has changed; its eye hides it.")


def test_a_hidden_label_that_is_erased_is_shown(easel, hand):
    document = easel.studio.document
    document.paint_value = 4
    hand(easel, (8, 8), (20, 8))
    document.set_label(4, shown=False)
    hand(easel, (8, 8), (12, 8), button=Qt.MouseButton.RightButton)
    assert document.label_state(4).shown


def test_what_does_not_change_stays_hidden(easel, run, hand):
    document = easel.studio.document
    document.paint_value = 4
    document.set_label(4, locked=True)
    run("overlay")
    hand(easel, (8, 8), (20, 8))
    document.strokes.turn("another page")
    assert easel.studio.view.overlay.is_hidden


def test_a_fully_transparent_mask_is_shown_over_a_reference(loaded, shell, tiny_data, paint, qtbot):
    open_image(loaded, shell, tiny_data / "images" / "val" / "val_0.png")
    qtbot.waitUntil(lambda: loaded.document.reference is not None)
    overlay = loaded.view.overlay
    overlay.set_opacity(0)
    before = loaded.document.mask.snapshot()
    loaded.document.paint_value = 4
    paint((8, 8), (20, 8))
    assert not np.array_equal(before, loaded.document.mask.values)
    assert overlay.opacity > 0
