"""A gesture on a large mask is made beside the window: the newest, and of those before what is begun."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from segpaint.core.masks.mask import Box
from segpaint.core.masks.operations import GESTURES
from segpaint.gui.anatomy.gesture_bar import GestureBar
from segpaint.gui.canvas import tiled_items
from segpaint.gui.canvas.tiled_items import TILE, LabelOutlines
from segpaint.studio.document import gesture_maker

BODY, BONE = 1, 4


class Maker:
    """A gesture that notes what it is asked for, and waits until it may go on."""

    def __init__(self, key):
        self.asked = []
        self.begun, self.may_end = threading.Semaphore(0), threading.Semaphore(0)
        self.gesture = replace(GESTURES[key], change=partial_change(self, GESTURES[key].change))


def partial_change(maker, change):
    def noted(anatomy, amount, way):
        is_beside = threading.current_thread() is not threading.main_thread()
        maker.asked.append((amount, is_beside))
        maker.begun.release()
        if is_beside:
            assert maker.may_end.acquire(timeout=30)
        return change(anatomy, amount, way)

    return noted


@pytest.fixture
def grown(studio, monkeypatch):
    """What growing is asked for, in a studio with a square of bone in a mask that counts as large."""
    monkeypatch.setattr(gesture_maker, "AT_ONCE", 0)
    maker = Maker("grow")
    monkeypatch.setitem(GESTURES, "grow", maker.gesture)
    square = np.zeros((32, 32), np.uint8)
    square[12:20, 12:20] = BONE
    studio.document.strokes.replace(square, "Open")
    studio.document.paint_value = BONE
    yield maker
    for _ in range(9):
        maker.may_end.release()


@pytest.fixture
def bar(studio, shell, qtbot):
    """The bar of the studio."""
    bar = GestureBar(studio, shell)
    qtbot.addWidget(bar)
    return bar


def width(studio):
    """Pixels of bone in the middle row."""
    return int((studio.document.mask.values[16] == BONE).sum())


def test_of_many_amounts_the_first_and_the_last_are_made(grown, studio, bar, qtbot):
    studio.anatomy.begin("grow")
    assert grown.begun.acquire(timeout=30)
    assert width(studio) == 8
    for amount in (4, 5, 6):
        with qtbot.waitSignal(bar.box.valueChanged):
            bar.box.setValue(amount)
        qtbot.wait(5)
    assert grown.asked == [(3, True)]
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 14)  # something moves on the way
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 20)
    assert grown.asked == [(3, True), (6, True)]
    assert "→" in bar.outcome.text()
    bar.apply.click()  # what is shown is as set, and not made again
    assert grown.asked == [(3, True), (6, True)]
    assert studio.document.strokes.stack.undoText() == "Grow bone by 6 px"


def test_what_is_applied_before_it_is_made_is_kept_as_set(grown, studio, bar, qtbot):
    strokes, count = studio.document.strokes, studio.document.strokes.stack.count()
    studio.anatomy.begin("grow")
    assert bar.apply.isEnabled()
    bar.box.setValue(5)
    bar.apply.click()
    assert strokes.is_under_way
    assert strokes.stack.count() == count
    for _ in range(2):
        grown.may_end.release()
    qtbot.waitUntil(lambda: not strokes.is_under_way)
    assert width(studio) == 18
    assert strokes.stack.count() == count + 1
    assert strokes.stack.undoText() == "Grow bone by 5 px"
    strokes.undo()
    assert width(studio) == 8


def test_one_that_changes_nothing_stays_when_it_is_applied(grown, studio, bar, qtbot):
    studio.document.set_label(BONE, locked=True)
    studio.anatomy.begin("grow")
    bar.apply.click()
    grown.may_end.release()
    qtbot.waitUntil(lambda: not bar.apply.isEnabled())
    assert studio.anatomy.is_under_way
    assert "locked" in bar.outcome.text()


def test_nothing_comes_of_one_that_is_cancelled(grown, studio, bar, qtbot):
    studio.anatomy.begin("grow")
    assert grown.begun.acquire(timeout=30)
    bar.cancel.click()
    grown.may_end.release()
    studio.background.flush("shapes")
    qtbot.wait(20)
    assert width(studio) == 8
    studio.anatomy.begin("grow")  # and the next one is made anew
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 14)
    assert len(grown.asked) == 2


@pytest.mark.parametrize("applied", [False, True])
def test_a_stroke_leaves_no_amount_that_was_not_set(grown, studio, bar, shell, qtbot, applied):
    strokes, count = studio.document.strokes, studio.document.strokes.stack.count()
    studio.anatomy.begin("grow")
    assert grown.begun.acquire(timeout=30)
    bar.box.setValue(6)
    qtbot.wait(5)
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 14)  # an amount on the way
    assert grown.begun.acquire(timeout=30)
    if applied:
        bar.apply.click()
    strokes.begin("Brush")
    assert width(studio) == 8
    assert strokes.stack.count() == count
    assert "not worked out yet" in shell.warned[-1]
    strokes.end()
    grown.may_end.release()
    studio.background.flush("shapes")
    qtbot.wait(20)
    assert width(studio) == 8  # nor comes one later
    assert not bar.isVisible()
    studio.anatomy.begin("grow")
    assert studio.anatomy.amount == 6
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 20)
    strokes.begin("Brush")  # of the amount that is set, and shown
    assert width(studio) == 20
    assert strokes.stack.undoText() == "Grow bone by 6 px"


def test_an_amount_that_was_set_just_before_a_stroke_is_kept_or_left(grown, studio, bar, qtbot, monkeypatch):
    strokes = studio.document.strokes
    studio.anatomy.begin("grow")
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 14)
    bar.box.setValue(6)  # and nothing is asked for yet
    strokes.begin("Brush")
    assert width(studio) == 8
    strokes.end()
    monkeypatch.setattr(gesture_maker, "AT_ONCE", 32 * 32)
    studio.anatomy.begin("grow")
    bar.box.setValue(5)
    strokes.begin("Brush")
    assert width(studio) == 18
    assert strokes.stack.undoText() == "Grow bone by 5 px"


def test_undoing_what_is_not_made_yet_undoes_nothing_else(grown, studio, bar, qtbot):
    strokes = studio.document.strokes
    studio.anatomy.begin("grow")
    assert grown.begun.acquire(timeout=30)
    strokes.undo()
    assert not strokes.is_under_way
    assert width(studio) == 8
    strokes.undo()
    assert width(studio) == 0


def test_a_failure_is_reported_and_the_next_amount_is_made(grown, studio, bar, qtbot, monkeypatch):
    change, failed = grown.gesture.change, []

    def broken(anatomy, amount, way):
        if amount == 3:
            raise MemoryError
        return change(anatomy, amount, way)

    monkeypatch.setitem(GESTURES, "grow", replace(grown.gesture, change=broken))
    studio.background.failed.connect(failed.append)
    studio.anatomy.begin("grow")
    qtbot.waitUntil(lambda: len(failed) == 1)
    bar.box.setValue(4)
    grown.may_end.release()
    qtbot.waitUntil(lambda: width(studio) == 16)


def test_a_small_mask_is_changed_at_once(grown, studio, monkeypatch):
    monkeypatch.setattr(gesture_maker, "AT_ONCE", 32 * 32)
    studio.anatomy.begin("grow")
    assert width(studio) == 14
    assert grown.asked == [(3, False)]


def test_outlines_are_traced_anew_only_where_a_stroke_is_undone(dressed, monkeypatch):
    traced = set()
    trace = tiled_items.inner_outline

    def noted(padded, top, left, inset):
        traced.add((top // TILE, left // TILE))
        return trace(padded, top, left, inset)

    monkeypatch.setattr(tiled_items, "inner_outline", noted)
    outlines = LabelOutlines()
    before = np.indices((512, 512)).sum(axis=0) // 8 % 5
    outlines.show_values(before.astype(np.uint8))
    assert len(traced) == 64
    traced.clear()
    box = Box(70, 100, 130, 200)
    after = before.astype(np.uint8)
    after[box.slices] = 9
    outlines.show_values(after, box)
    assert traced == {(1, 2), (1, 3)}
