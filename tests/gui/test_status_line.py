"""What the status line says, and that it says it no longer than it is true."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from segpaint.gui.files.opening import open_file, open_folder
from segpaint.gui.files.projects import close_project, save_project
from segpaint.gui.files.references import open_image
from segpaint.gui.history.undo_report import UndoReport, undone
from segpaint.gui.making.explore_commands import show_seeds
from segpaint.studio.document.document import Reference


@pytest.fixture
def said(window):
    """What stands there."""
    return window.statusBar().currentMessage


@pytest.fixture
def heart(window, hand):
    """A document with a dab of heart in the middle, and heart chosen."""
    document = window.studio.document
    document.paint_value = 2
    hand(window, (16, 16))
    return document


@pytest.fixture
def painted(studio, paint):
    """The same document without a window."""
    studio.document.paint_value = 2
    paint((16, 16))
    return studio.document


@pytest.fixture
def said_last(studio, painted, shell):
    """What the handlers have last said, and the report of what is undone."""
    report = UndoReport(studio, shell)
    yield lambda: shell.said[-1]
    report.deleteLater()


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
    open_image(window.studio, window.shell, slice_path)
    assert said() == ""


def paint_a_dab(window):
    strokes = window.studio.document.strokes
    strokes.replace(np.ones_like(strokes.mask.values), "Fill")


@pytest.mark.parametrize(
    "change",
    [
        lambda window: window.commands["generate"].trigger(),
        lambda window: window.commands["undo"].trigger(),
        lambda window: window.labels.rows[2].switches["used"].click(),
        lambda window: window.request.dice.click(),
        paint_a_dab,
    ],
    ids=["generate", "undo", "label", "seed", "edit"],
)
def test_that_an_image_is_taken_up_is_said_until_another_one_is_asked_for(window, said, qtbot, change):
    grid = show_seeds(window.studio, window.shell, 2)
    cell = grid.cells[1]
    qtbot.waitUntil(lambda: cell.pixels is not None, timeout=30_000)
    qtbot.mouseClick(cell, Qt.MouseButton.LeftButton)
    assert said().startswith("Taken up")
    window.commands["outlines"].trigger()  # changes nothing that is asked for
    assert said().startswith("Taken up")
    change(window)
    qtbot.waitUntil(lambda: "Taken up" not in said())
    grid.close()


def test_that_there_is_no_image_is_said_until_there_is_one(window, said, finish):
    window.commands["keep"].trigger()
    assert "no finished image" in said()
    window.commands["generate"].trigger()
    finish(window)
    assert said() == ""


def test_what_was_said_of_one_model_is_not_said_of_another(window, hand, said, tiny_checkpoint):
    window.commands["wand"].trigger()
    hand(window, (16, 16))
    assert "no reference" in said()
    open_folder(window.studio, window.shell, tiny_checkpoint)
    assert said() == ""


def test_what_was_undone_under_one_model_is_not_said_under_another(window, heart, said, other_checkpoint):
    window.commands["undo"].trigger()
    assert said() == "Undone: Brush, heart"
    open_folder(window.studio, window.shell, other_checkpoint)
    assert said() == ""


def test_that_a_project_is_closed_or_saved_is_said_until_it_is_not(window, heart, said, qtbot, tmp_path):
    path = tmp_path / "case.segpaint"
    save_project(window.studio, window.shell, path, copies_reference=False)
    qtbot.waitUntil(lambda: said().startswith("Saved case.segpaint"))
    close_project(window.studio, window.shell)
    assert said().startswith("case.segpaint is closed")
    open_file(window.studio, window.shell, path)
    qtbot.waitUntil(lambda: window.studio.projects.path == path)
    assert "closed" not in said()


def test_a_gesture_puts_hint_and_ring_of_the_tool_away_until_the_pointer_moves(window, heart, said, qtbot):
    viewport = window.canvas.viewport()
    centre, ring = viewport.rect().center(), window.canvas.cursor_outline
    window.commands["eraser"].trigger()
    qtbot.mouseMove(viewport, centre)
    assert said() == window.canvas.tool.usage
    assert not ring.path().isEmpty()
    window.commands["grow"].trigger()
    assert said() == ""
    assert ring.path().isEmpty()
    qtbot.mouseMove(viewport, centre + QPoint(5, 0))  # a press there would erase
    assert not ring.path().isEmpty()


def test_pasting_undoing_and_redoing_are_said(painted, run, paint, said_last):
    run("copy_mask")
    assert said_last() == "Copied the mask"
    run("undo")
    assert said_last() == "Undone: Brush"
    run("redo")
    assert said_last() == "Redone: Brush"
    paint((4, 4))
    assert said_last() == ""
    run("paste_mask")
    assert said_last() == "Pasted the mask"
    run("undo")
    assert said_last() == "Undone: Paste"


def test_whoever_undoes_the_opening_of_a_reference_is_told_whose_mask_it_is_not(
    studio, shell, painted, run, paint, said_last, slice_path
):
    before = painted.mask.snapshot()
    open_image(studio, shell, slice_path)
    paint((4, 4))
    run("undo")
    assert said_last() == "Undone: Brush"
    run("undo")
    np.testing.assert_array_equal(painted.mask.values, before)
    assert painted.reference is not None
    left = "The mask is no longer that of the reference."
    assert said_last() == f"Undone: Open reference val_0.png. {left}"
    run("redo")
    assert said_last() == "Redone: Open reference val_0.png"
    painted.strokes.stack.setIndex(0)  # by the list of edits
    assert said_last() == f"Undone: 2 edits. {left}"
    painted.strokes.stack.setIndex(1)
    assert said_last() == ""


def test_only_a_reference_that_is_still_open_is_spoken_of():
    blank = np.zeros((4, 4), np.uint8)
    reference = Reference("heart.png", blank, blank, ())
    assert undone(["Open heart.png"], reference) == "Undone: Open heart.png"  # a mask of that name
    assert undone([reference.edit], None) == "Undone: Open reference heart.png"


def test_a_window_that_is_closed_hears_no_more_of_its_edits(window, heart, said):
    window.close()
    before = said()
    heart.strokes.stack.setIndex(0)
    assert said() == before
