"""What comes while a hand paints waits for the time between two movements, and not for long."""

import numpy as np
import pytest

from segpaint.studio.runs.gap import Gap


@pytest.fixture
def strokes(studio):
    return studio.document.strokes


@pytest.fixture
def gap(studio):
    gap = Gap(studio.opened)
    gap.times = 0

    def count():
        gap.times += 1

    gap.found.connect(count)
    return gap


def move(strokes, value):
    strokes.reshape(np.full(strokes.mask.shape, value, np.uint8))


def test_without_a_stroke_it_is_found_at_once(gap):
    gap.seek()
    gap.seek()
    assert gap.times == 2


def test_in_a_stroke_it_is_found_after_the_next_movement(gap, strokes, qtbot):
    strokes.begin()
    gap.seek()
    gap.seek()
    assert gap.times == 0
    with qtbot.waitSignal(gap.found):
        move(strokes, 1)
        move(strokes, 2)
        assert gap.times == 0  # not within the movement
    move(strokes, 3)
    qtbot.wait(80)
    assert gap.times == 1


def test_a_hand_that_keeps_still_holds_nothing_up(gap, strokes, qtbot):
    strokes.begin()
    with qtbot.waitSignal(gap.found):
        gap.seek()
        assert gap.times == 0
    strokes.end()
    gap.seek()
    assert gap.times == 2
