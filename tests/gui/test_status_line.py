"""What the status line says, and that it says it no longer than it is true."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from segpaint.gui.history.edit_commands import undone
from segpaint.gui.window.controller import Controller
from segpaint.studio.document.document import Reference


@pytest.fixture
def said(window):
    """What stands there."""
    return window.statusBar().currentMessage


@pytest.fixture
def heart(window, hand):
    """A document with a dab of heart in the middle, and heart chosen."""
    document = window.session.document
    document.paint_value = 2
    hand(window, (16, 16))
    return document


@pytest.fixture
def slice_path(tiny_data):
    return tiny_data / "images" / "val" / "val_0.png"


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_how_far_a_label_is_moved_is_said_until_it_is_placed(window, heart, said, qtbot, key):
    window.commands["transform"].trigger()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    assert said().startswith("moved +1.0, +0.0 px")
    qtbot.keyClick(window.canvas, key)
    assert said() == ""


def test_that_there_is_no_reference_is_said_until_there_is_one(window, hand, said, slice_path):
    window.commands["wand"].trigger()
    hand(window, (16, 16))
    assert "no reference" in said()
    window.findChild(Controller).references.open_image(slice_path)
    assert said() == ""


def test_what_was_said_of_one_model_is_not_said_of_another(window, hand, said, tiny_checkpoint):
    window.commands["wand"].trigger()
    hand(window, (16, 16))
    assert "no reference" in said()
    window.checkpoints.folder_chosen.emit(tiny_checkpoint)
    assert said() == ""


def test_a_gesture_puts_hint_and_ring_of_the_tool_away_until_the_pointer_moves(window, heart, said, qtbot):
    viewport = window.canvas.viewport()
    centre, ring = viewport.rect().center(), window.canvas.cursor_outline
    window.commands["eraser"].trigger()
    qtbot.mouseMove(viewport, centre)
    assert said() == window.canvas.tool.hint
    assert not ring.path().isEmpty()
    window.commands["grow"].trigger()
    assert said() == ""
    assert ring.path().isEmpty()
    qtbot.mouseMove(viewport, centre + QPoint(5, 0))  # a press there would erase
    assert not ring.path().isEmpty()


def test_pasting_undoing_and_redoing_are_said(window, heart, hand, said):
    window.commands["copy_mask"].trigger()
    assert said() == "Copied the mask"
    window.commands["undo"].trigger()
    assert said() == "Undone: Brush, heart"
    window.commands["redo"].trigger()
    assert said() == "Redone: Brush, heart"
    hand(window, (4, 4))
    assert said() == ""
    window.commands["paste_mask"].trigger()
    assert said() == "Pasted the mask"
    window.commands["undo"].trigger()
    assert said() == "Undone: Paste"


def test_whoever_undoes_the_opening_of_a_reference_is_told_whose_mask_it_is_not(
    window, heart, hand, said, slice_path
):
    before = heart.mask.snapshot()
    window.findChild(Controller).references.open_image(slice_path)
    hand(window, (4, 4))
    window.commands["undo"].trigger()
    assert said() == "Undone: Brush, heart"
    window.commands["undo"].trigger()
    np.testing.assert_array_equal(heart.mask.values, before)
    assert heart.reference is not None
    left = "The mask is no longer that of the reference."
    assert said() == f"Undone: Open reference val_0.png. {left}"
    window.commands["redo"].trigger()
    assert said() == "Redone: Open reference val_0.png"
    heart.undo_stack.setIndex(0)  # by the list of edits
    assert said() == f"Undone: 2 edits. {left}"
    heart.undo_stack.setIndex(1)
    assert said() == ""


def test_only_a_reference_that_is_still_open_is_spoken_of():
    blank = np.zeros((4, 4), np.uint8)
    reference = Reference("heart.png", blank, blank, ())
    assert undone(["Open heart.png"], reference) == "Undone: Open heart.png"  # a mask of that name
    assert undone([reference.edit], None) == "Undone: Open reference heart.png"


def test_a_window_that_is_closed_hears_no_more_of_its_edits(window, heart, said):
    window.close()
    before = said()
    heart.undo_stack.setIndex(0)
    assert said() == before
