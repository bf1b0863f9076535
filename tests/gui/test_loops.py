"""Strokes that close a loop fill it, if that is set."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from segpaint.gui.canvas.tool import Pointer

RIGHT = Qt.MouseButton.RightButton
LOOP = ((8, 8), (22, 8), (22, 22), (8, 22), (8, 8))


@pytest.fixture
def fresh(easel):
    """An easel with a blank mask, on which loops are filled by a narrow brush."""
    document = easel.studio.document
    document.strokes.replace(np.zeros_like(document.mask.values), "Blank")
    easel.studio.view.tools.change(size=2, fills_loops=True)
    document.paint_value = 4
    return easel


def values(owner):
    return owner.studio.document.mask.snapshot()


def test_a_closed_stroke_is_filled_in_the_same_step_of_undo(fresh, hand):
    document = fresh.studio.document
    hand(fresh, *LOOP)
    assert (values(fresh)[8:22, 8:22] == 4).all()
    assert document.strokes.stack.undoText() == "Brush, bone"
    document.strokes.undo()
    assert not values(fresh).any()


def test_an_open_stroke_is_not_filled_nor_what_was_enclosed_by_earlier_ones(fresh, hand):
    hand(fresh, *LOOP[:4])
    hand(fresh, (8, 20), (8, 8))  # closes what the first one left open
    assert values(fresh)[15, 8] == 4
    assert values(fresh)[15, 15] == 0


def test_it_is_off_unless_it_is_set(fresh, hand):
    fresh.studio.view.tools.change(fills_loops=False)
    hand(fresh, *LOOP)
    assert values(fresh)[15, 15] == 0


def test_the_rule_holds_inside_too(fresh, hand):
    document = fresh.studio.document
    document.paint_value = 2
    fresh.studio.view.tools.change(size=6)
    hand(fresh, (15, 15))
    document.set_label(2, locked=True)
    document.paint_value = 4
    fresh.studio.view.tools.change(size=2)
    hand(fresh, *LOOP)
    assert values(fresh)[15, 15] == 2
    assert values(fresh)[15, 11] == 4


def test_an_eraser_that_closes_a_loop_erases_inside(fresh, hand):
    document = fresh.studio.document
    document.strokes.replace(np.full_like(document.mask.values, 2), "Fill")  # a heart, inside a body
    hand(fresh, *LOOP, button=RIGHT)
    assert (values(fresh)[10:20, 10:20] == 1).all()
    assert values(fresh)[2, 2] == 2
    document.strokes.undo()
    assert (values(fresh) == 2).all()


def test_the_threshold_brush_fills_nothing(fresh):
    fresh.studio.view.tools.take("threshold")
    assert "fills_loops" not in fresh.canvas.tool.offered(fresh.studio.view.tools.settings)


def test_what_is_about_to_close_is_veiled_until_it_has_closed(fresh, hand, qtbot):
    document = fresh.studio.document

    def look():
        return fresh.canvas.grab().toImage().pixelColor(fresh.canvas.rect().center()).lightness()

    tool, before = fresh.canvas.tool, look()
    tool.press(Pointer(8, 8))
    for column, row in LOOP[1:4]:
        tool.drag(Pointer(row, column))
    assert look() == before
    tool.drag(Pointer(12, 8))
    assert look() > before
    assert document.mask.values[15, 15] == 0
    tool.drag(Pointer(20, 8))  # away again
    assert look() == before
    tool.release(Pointer(20, 8))
    assert document.mask.values[15, 15] == 0
