"""A polygon that is begun stays to be seen while another tool is used, and the status line reports it."""

import pytest
from PySide6.QtCore import Qt


@pytest.fixture
def said(easel):
    """What the canvas reports."""
    sentences = []
    easel.canvas.told.connect(sentences.append)
    return sentences


@pytest.fixture
def begun(easel, run, hand):
    """A canvas on which two corners are set, with its look before and after."""
    easel.canvas.put_pointer_away()
    blank = easel.canvas.grab().toImage()
    run("polygon")
    for place in ((6, 6), (24, 12)):
        hand(easel, place)
    return blank


def look(easel):
    easel.canvas.put_pointer_away()
    return easel.canvas.grab().toImage()


def test_it_is_seen_and_reported_when_another_tool_is_taken(easel, run, hand, begun, said):
    run("brush")
    assert look(easel) != begun
    assert said[-1].startswith("The polygon of 2 points waits: Polygon goes on with it")
    assert said[-1].endswith(easel.canvas.tool.usage)
    run("polygon")
    hand(easel, (10, 24))
    assert len(easel.canvas.tool.points) == 3


def test_escape_drops_it_and_nothing_is_left_to_be_seen_or_reported(easel, run, qtbot, begun, said):
    run("brush")
    run("polygon")
    qtbot.keyClick(easel.canvas, Qt.Key.Key_Escape)
    run("brush")
    assert said[-1] == easel.canvas.tool.usage
    assert look(easel) == begun


def test_it_is_not_seen_over_the_mask_of_another_model(easel, run, begun, other_checkpoint):
    from segpaint.core.requests.checkpoint import read_checkpoint

    studio, first = easel.studio, easel.studio.document
    run("brush")
    waiting = look(easel)
    studio.open_checkpoint(read_checkpoint(other_checkpoint))
    other = look(easel)
    run("polygon")
    assert easel.canvas.tool.points == ()
    run("brush")
    assert look(easel) == other
    studio.opened.switch(first)
    assert look(easel) == begun != waiting  # another was begun meanwhile
