"""Every tool, by the hand of somebody who presses, drags and releases anywhere."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from edits import EditWatcher
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from scipy import ndimage

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.paint import PaintOver
from segpaint.core.requests.checkpoint import Checkpoint, Description, read_checkpoint
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.canvas.tool import TOOLS, Pointer
from segpaint.studio.base.tool_settings import ToolSettings
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.studio import Studio

SIZE = 24
VALUES = st.sampled_from([0, 1, 2, 4, FREE])
MASKS = arrays(np.uint8, (SIZE, SIZE), elements=VALUES)
IMAGES = arrays(np.uint8, (SIZE, SIZE))
LOCKED = st.sets(st.sampled_from([1, 2, 4]))
# Also outside the mask, for a hand does not stop at its edge.
PLACES = st.tuples(st.floats(-9, SIZE + 9), st.floats(-9, SIZE + 9))
INSIDE = st.tuples(st.floats(0, SIZE, exclude_max=True), st.floats(0, SIZE, exclude_max=True))
STROKES = st.lists(st.lists(PLACES, min_size=1, max_size=4), min_size=1, max_size=3)
OVER = st.tuples(st.sampled_from(list(PaintOver)), st.sets(VALUES))
SETTINGS = st.fixed_dictionaries(
    {
        "size": st.integers(1, 15),
        "on_screen": st.booleans(),
        "square": st.booleans(),
        "pressure": st.booleans(),
        "fills_loops": st.booleans(),
        "sphere": st.booleans(),
        "contiguous": st.booleans(),
        "takes_range": st.booleans(),
        "lowest": st.integers(0, 255),
        "highest": st.integers(0, 255),
        "tolerance": st.integers(0, 255),
    }
)


@pytest.fixture(scope="module")
def studio(dressed, tiny_checkpoint, tmp_path_factory):
    """A studio whose model is never loaded."""
    studio = Studio(read_checkpoint(tiny_checkpoint), tmp_path_factory.mktemp("work"), "cpu")
    yield studio
    studio.close()


@pytest.fixture(scope="module")
def canvas(studio):
    canvas = Canvas(studio)
    yield canvas
    shiboken6.delete(canvas)


@pytest.fixture(scope="module")
def paint_on(studio, canvas, table):
    """Have a document of these values on the canvas; and a reference, if there is to be one."""

    def open_(values, image=None, **settings):
        description = Description(name="Any", modality="MR", size=len(values), labels=table.labels)
        document = Document(Checkpoint(Path("nowhere"), description), values)
        if image is not None:
            document.set_reference(Reference("real", image, values, ()))
        studio.view.tools.change(**{**asdict(ToolSettings()), **settings})
        studio.opened.switch(document)
        studio.view.viewpoint.zoom = 8.0
        return canvas

    return open_


def take(canvas, key):
    canvas.tool.studio.view.tools.take(key)
    return canvas.tool


def stroke(tool, places, *, released=True, **how):
    pointers = [Pointer(row, column, **how) for row, column in places]
    tool.press(pointers[0])
    for pointer in pointers[1:]:
        tool.drag(pointer)
    if released:
        tool.release(pointers[-1])


def strike(tool, key):
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    if tool.wants(event):
        tool.key(event)


@pytest.mark.parametrize("key", TOOLS)
@given(data=st.data())
def test_whatever_a_tool_does_is_sound_and_can_be_taken_back(key, data, paint_on):
    image = data.draw(st.none() | IMAGES)
    canvas = paint_on(data.draw(MASKS), image, **data.draw(SETTINGS))
    document = canvas.document
    locked = data.draw(LOCKED)
    for label in locked:
        document.set_label(label, locked=True)
    document.set_paint_over(*data.draw(OVER))
    document.paint_value = data.draw(VALUES)
    erases, pressure = data.draw(st.booleans()), data.draw(st.floats(0, 1))
    for places in data.draw(STROKES):
        watcher = EditWatcher(document)
        tool = take(canvas, key)
        constrained, released = data.draw(st.booleans()), data.draw(st.booleans())
        stroke(
            tool, places, released=released, erases=erases, pressure=pressure, constrained=constrained
        )  # fmt: skip
        strike(tool, data.draw(st.sampled_from([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Left])))
        take(canvas, "eraser" if key == "brush" else "brush")
        watcher.check(locked)


@pytest.mark.parametrize("key", [key for key in TOOLS if key not in {"eraser", "push", "transform"}])
@given(
    values=MASKS, image=IMAGES, over=OVER, value=VALUES, erases=st.booleans(),
    places=st.lists(PLACES, min_size=3, max_size=5),
)  # fmt: skip
def test_what_may_not_be_covered_or_erased_stays(key, values, image, over, value, erases, places, paint_on):
    canvas = paint_on(values, image)
    document = canvas.document
    document.set_paint_over(*over)
    document.paint_value = value
    tool = take(canvas, key)
    if key == "polygon":
        for place in places:
            stroke(tool, [place])
        if erases:
            stroke(tool, places[:1], erases=True)
        strike(tool, Qt.Key.Key_Return)
    else:
        stroke(tool, places, erases=erases)
    changed = values[document.mask.values != values]
    may_change = over[0].erasable(over[1], value) if erases else over[0].values(over[1])
    assert set(changed.tolist()) <= set(may_change)


@given(values=MASKS, image=IMAGES, place=INSIDE, tolerance=st.integers(0, 80))
def test_threshold_and_wand_paint_only_what_looks_like_the_pixel_pressed_on(
    values, image, place, tolerance, paint_on
):
    for key in ("threshold", "wand"):
        canvas = paint_on(values, image, tolerance=tolerance, size=11)
        canvas.document.paint_value = 4
        stroke(take(canvas, key), [place])
        touched = canvas.document.mask.values != values
        if touched.any():
            pressed = int(image[int(place[0]), int(place[1])])
            assert (np.abs(image[touched].astype(int) - pressed) <= tolerance).all()


def disk():
    rows, columns = np.mgrid[:SIZE, :SIZE]
    return (np.hypot(rows - 12, columns - 11) < 6).astype(np.uint8) * 4


@example(places=[(5.5, 9.0), (33.0, 0.0), (11.5, 11.5), (11.5, 0.0)], size=1)
@given(places=st.lists(PLACES, min_size=2, max_size=6), size=st.integers(1, 20))
def test_push_keeps_a_label_in_one_piece(places, size, paint_on):
    canvas = paint_on(disk(), size=size)
    stroke(take(canvas, "push"), places)
    assert ndimage.label(canvas.document.mask.values == 4)[1] == 1


def test_a_rectangle_covers_what_was_framed(paint_on):
    canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8))
    canvas.document.paint_value = 2
    stroke(take(canvas, "rectangle"), [(3, 4), (9, 15)])
    expected = np.zeros((SIZE, SIZE), np.uint8)
    expected[3:9, 4:15] = 2
    np.testing.assert_array_equal(canvas.document.mask.values, expected)
    stroke(take(canvas, "ellipse"), [(3, 4), (9, 15)], erases=True)
    assert canvas.document.mask.values[6, 9] == 1  # a heart lies inside a body
    assert canvas.document.mask.values[3, 4] == 2


def test_shift_keeps_a_frame_square(paint_on):
    canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8))
    stroke(take(canvas, "rectangle"), [(3, 4), (5, 12)], constrained=True)
    assert (canvas.document.mask.values == 1).sum() == 64


def test_escape_gives_a_frame_up(paint_on):
    canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8))
    tool = take(canvas, "lasso")
    tool.press(Pointer(3, 3))
    tool.drag(Pointer(12, 3))
    tool.drag(Pointer(12, 14))
    strike(tool, Qt.Key.Key_Escape)
    tool.release(Pointer(12, 14))
    assert not canvas.document.mask.values.any()
    stroke(tool, [(3, 3), (12, 3), (12, 14)])
    assert canvas.document.mask.values[10, 5] == 1


def test_a_polygon_is_built_moved_taken_back_and_closed(paint_on):
    canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8))
    tool = take(canvas, "polygon")
    for place in ((2, 2), (2, 12), (20, 20)):
        stroke(tool, [place])
    strike(tool, Qt.Key.Key_Backspace)
    assert tool.points == ((2, 2), (2, 12))
    stroke(tool, [(2, 12), (2, 18)])  # the second point, dragged
    stroke(tool, [(18, 18)])
    stroke(tool, [(18, 2)])
    assert tool.points == ((2, 2), (2, 18), (18, 18), (18, 2))
    strike(tool, Qt.Key.Key_Return)
    assert (canvas.document.mask.values == 1).sum() == 256
    assert tool.points == ()
    stroke(tool, [(5, 5)])
    strike(tool, Qt.Key.Key_Escape)
    assert tool.points == ()


def test_a_label_is_moved_turned_and_scaled_as_one_edit(paint_on):
    canvas = paint_on(disk())
    document = canvas.document
    document.paint_value = 4
    tool = take(canvas, "transform")
    before = document.mask.snapshot()
    stroke(tool, [(12, 11), (15, 13)])
    np.testing.assert_array_equal(document.mask.values, np.roll(before, (3, 2), (0, 1)))
    strike(tool, Qt.Key.Key_Left)
    strike(tool, Qt.Key.Key_Left)
    np.testing.assert_array_equal(document.mask.values, np.roll(before, 3, 0))
    stroke(tool, [(14.6, 11.1), (11.6, 11.1)])
    np.testing.assert_array_equal(document.mask.values, before)  # back where it was, and nothing left behind
    strike(tool, Qt.Key.Key_Up)
    strike(tool, Qt.Key.Key_Return)
    assert document.strokes.stack.count() == 1
    assert document.strokes.stack.undoText() == "Move bone by +0.0, -1.0 px"
    document.strokes.undo()
    np.testing.assert_array_equal(document.mask.values, before)


def test_a_corner_scales_and_the_knob_turns(paint_on):
    values = np.zeros((64, 64), np.uint8)
    values[24:40, 20:44] = 4
    canvas = paint_on(values)
    canvas.document.paint_value = 4
    tool = take(canvas, "transform")
    stroke(tool, [(40, 44), (36, 38)])
    assert tool.placement.scale == pytest.approx(0.5, abs=0.01)
    assert (canvas.document.mask.values == 4).sum() == pytest.approx(96, abs=6)
    strike(tool, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(canvas.document.mask.values, values)
    knob = (24 - 26 / 8, 32)
    stroke(tool, [knob, (32, 32 + 10)])
    assert tool.placement.degrees == pytest.approx(-90)
    turned = canvas.document.mask.values == 4
    assert turned.any(axis=0).sum() == 16
    assert turned.any(axis=1).sum() == 24
    take(canvas, "brush")
    assert canvas.document.strokes.stack.undoText() == "Turn bone by -90°"


def test_choosing_another_label_applies_what_was_moved(paint_on):
    canvas = paint_on(disk())
    document = canvas.document
    document.paint_value = 4
    tool = take(canvas, "transform")
    stroke(tool, [(12, 11), (14, 11)])
    moved = document.mask.snapshot()
    document.paint_value = 1
    assert not document.strokes.is_under_way
    np.testing.assert_array_equal(document.mask.values, moved)
    document.strokes.undo()
    np.testing.assert_array_equal(document.mask.values, disk())


def test_pick_takes_up_any_value(paint_on):
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[4:8] = 2
    values[8:12] = FREE
    canvas = paint_on(values)
    tool = take(canvas, "pick")
    for row, value in ((5, 2), (9, FREE), (20, 0)):
        stroke(tool, [(row, 3)])
        assert canvas.document.paint_value == value


def test_a_pen_pressed_lightly_paints_thinly(paint_on):
    for pressure, width in ((0.3, 3), (1.0, 9)):
        canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8), size=9, pressure=True)
        stroke(take(canvas, "brush"), [(12, 12)], pressure=pressure)
        assert canvas.document.mask.values.any(axis=0).sum() == width


def test_without_a_reference_the_wand_says_what_is_missing(paint_on, qtbot):
    canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8))
    for key in ("wand", "threshold"):
        tool = take(canvas, key)
        with qtbot.waitSignal(canvas.told) as told:
            stroke(tool, [(5, 5), (9, 9)])
        assert "no reference" in told.args[0]
    assert not canvas.document.mask.values.any()


@pytest.mark.parametrize("size", [1, 4, 9])
@pytest.mark.parametrize("square", [True, False])
def test_the_cursor_outlines_what_is_touched(paint_on, size, square):
    canvas = paint_on(np.zeros((SIZE, SIZE), np.uint8), size=size, square=square)
    tool = take(canvas, "brush")
    place = Pointer(10.3, 12.8)
    outlined = tool.footprint(place).boundingRect()
    stroke(tool, [place.point])
    rows, columns = np.nonzero(canvas.document.mask.values)
    assert (outlined.top(), outlined.left()) == (rows.min(), columns.min())
    assert outlined.bottomRight() == QPointF(columns.max() + 1, rows.max() + 1)
