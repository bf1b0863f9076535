"""The ruler measures, and paints nothing."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from segpaint.core.masks.measures import distance_text
from segpaint.gui.canvas.tool import Pointer


@pytest.fixture
def ruler(easel):
    easel.studio.view.tools.take("ruler")
    return easel.canvas.tool


@pytest.fixture
def told(ruler):
    """What the ruler has shown in the status line."""
    sentences = []
    ruler.told.connect(sentences.append)
    return sentences


def drag(tool, *places, **state):
    tool.press(Pointer(*places[0], **state))
    for place in places[1:]:
        tool.drag(Pointer(*place, **state))
    tool.release(Pointer(*places[-1], **state))


@pytest.mark.parametrize(("spacing", "text"), [(None, "5.0 pixels"), (1.5, "7.5 mm (5.0 pixels)")])
def test_a_distance_is_written_with_its_unit(spacing, text):
    assert distance_text((1, 1), (4, 5), spacing) == text


def test_a_drag_measures_and_changes_no_mask(ruler, told, easel):
    document = easel.studio.document
    before, edits = document.mask.snapshot(), document.strokes.stack.index()
    drag(ruler, (4, 4), (6, 8), (7, 8))
    assert told[-1] == distance_text((4, 4), (7, 8), document.pixel_spacing)
    np.testing.assert_array_equal(document.mask.values, before)
    assert document.strokes.stack.index() == edits


def test_an_end_is_moved_and_the_other_stays(ruler, told, easel):
    drag(ruler, (4, 4), (4, 14))
    drag(ruler, (4, 14), (4, 24))
    assert told[-1] == distance_text((4, 4), (4, 24), easel.studio.document.pixel_spacing)


def test_shift_keeps_the_line_straight(ruler, told, easel):
    drag(ruler, (4, 4), (6, 14), constrained=True)
    line = ruler.footprint(Pointer(0, 0))
    assert line.elementAt(1).y == pytest.approx(4)
    assert line.elementAt(1).x == pytest.approx(4 + np.hypot(2, 10))


def test_the_line_lies_over_the_image_and_goes_with_the_tool(ruler, easel, qtbot):
    shown = []
    easel.canvas.cursor_changed.connect(shown.append)
    middle = easel.canvas.rect().center()
    qtbot.mousePress(easel.canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(easel.canvas.viewport(), middle * 1.2)
    assert shown[-1].elementCount() == 2
    qtbot.mouseRelease(easel.canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle * 1.2)
    easel.studio.view.tools.take("brush")
    assert ruler.footprint(Pointer(0, 0)).isEmpty()
