"""What comes while a hand paints waits for the time between two movements, and not for long."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from segpaint.studio.document.edited_mask import EditedMask
from segpaint.studio.runs.gap import Gap


@pytest.fixture
def painted(qapp):
    return EditedMask(np.zeros((16, 16), np.uint8))


@pytest.fixture
def gap(qapp):
    parent = QObject()
    gap = Gap(parent)
    gap.times = 0

    def count():
        gap.times += 1

    gap.found.connect(count)
    yield gap
    parent.deleteLater()


def move(painted, value):
    painted.reshape(np.full((16, 16), value, np.uint8))


def test_without_a_stroke_it_is_found_at_once(gap, painted):
    gap.seek(None)
    gap.seek(painted)
    assert gap.times == 2


def test_in_a_stroke_it_is_found_after_the_next_movement(gap, painted, qtbot):
    painted.begin_stroke()
    gap.seek(painted)
    gap.seek(painted)
    assert gap.times == 0
    with qtbot.waitSignal(gap.found):
        move(painted, 1)
        move(painted, 2)
        assert gap.times == 0  # not within the movement
    move(painted, 3)
    qtbot.wait(80)
    assert gap.times == 1


def test_a_hand_that_keeps_still_holds_nothing_up(gap, painted, qtbot):
    painted.begin_stroke()
    with qtbot.waitSignal(gap.found):
        gap.seek(painted)
        assert gap.times == 0
    painted.end_stroke()
    gap.seek(painted)
    assert gap.times == 2
