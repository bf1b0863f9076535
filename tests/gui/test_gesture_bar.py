"""Anatomy gestures: seen while they are being set, kept or given up."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from edits import EditWatcher
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from PySide6.QtCore import Qt

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.interpolation import Way
from segpaint.core.masks.operations import GESTURES, Unit
from segpaint.core.requests.checkpoint import Checkpoint, Description
from segpaint.gui.anatomy.gesture_bar import GestureBar
from segpaint.gui.files.opening import open_folder
from segpaint.io.image_files import encode_mask
from segpaint.studio.document.document import Document

VALUES = st.sampled_from([0, 1, 2, 4, FREE])
MASKS = arrays(np.uint8, (20, 22), elements=VALUES)
BLOBS = st.lists(
    st.tuples(st.integers(-2, 22), st.integers(-2, 24), st.integers(1, 8), VALUES), min_size=1, max_size=6
)
LOCKED = st.sets(st.sampled_from([1, 2, 4]))


def drawn(blobs):
    """Disks, the later above the earlier."""
    values = np.zeros((20, 22), np.uint8)
    rows, columns = np.mgrid[:20, :22]
    for row, column, radius, value in blobs:
        values[np.hypot(rows - row, columns - column) < radius] = value
    return values


def way_of(gesture, data, values, table):
    if gesture.unit is Unit.PERCENT:
        return Way(values, data.draw(MASKS), table)
    if gesture.unit is Unit.NUMBER:
        return data.draw(st.sampled_from([None, 1, 4, FREE]))
    return data.draw(st.sampled_from(list(gesture.ways.values()))) if gesture.ways else None


@pytest.mark.parametrize("key", GESTURES)
@given(data=st.data())
def test_every_gesture_is_sound_and_can_be_taken_back(key, data, table, dressed):
    gesture = GESTURES[key]
    values = data.draw(st.one_of(MASKS, BLOBS.map(drawn)))
    description = Description(name="Any", modality="MR", size=20, labels=table.labels)
    document = Document(Checkpoint(Path("nowhere"), description), values)
    locked = data.draw(LOCKED)
    for label in locked:
        document.set_label(label, locked=True)
    watcher = EditWatcher(document)
    way, label = way_of(gesture, data, values, table), data.draw(st.sampled_from([1, 2, 4]))
    document.strokes.begin(gesture.name)
    for amount in data.draw(st.lists(st.floats(0, max(gesture.largest, 1)), min_size=1, max_size=3)):
        document.strokes.reshape(gesture.run(Anatomy(values, table, label, document.locked), amount, way))
    if data.draw(st.booleans()):
        document.strokes.cancel()
        np.testing.assert_array_equal(document.mask.values, values)
    document.strokes.end()
    watcher.check(locked)


@pytest.mark.parametrize("key", [key for key, gesture in GESTURES.items() if gesture.is_local])
@given(blobs=BLOBS, data=st.data())
def test_looking_only_near_the_label_changes_nothing(key, blobs, data, table):
    gesture, values = GESTURES[key], drawn(blobs)
    way, amount = way_of(gesture, data, values, table), data.draw(st.floats(0, 6))
    locked, label = data.draw(LOCKED), data.draw(st.sampled_from([1, 2, 4]))
    near = gesture.run(Anatomy(values, table, label, locked), amount, way)
    everywhere = replace(gesture, is_local=False)
    np.testing.assert_array_equal(near, everywhere.run(Anatomy(values, table, label, locked), amount, way))


def with_ring(studio):
    """Put a thick bone ring into the mask of a studio, and choose bone."""
    rows, columns = np.mgrid[:32, :32]
    distance = np.hypot(rows - 15.5, columns - 15.5)
    document = studio.document
    document.strokes.replace(np.where((distance < 9) & (distance > 5), 4, 0).astype(np.uint8), "Open")
    document.paint_value = 4
    return studio


@pytest.fixture
def ring(studio):
    """A studio with a ring."""
    return with_ring(studio)


@pytest.fixture
def ring_window(window):
    """A window with one."""
    with_ring(window.studio)
    return window


@pytest.fixture
def bar(studio, shell, qtbot):
    """The bar of the studio, without a window."""
    bar = GestureBar(studio, shell)
    qtbot.addWidget(bar)
    return bar


def values(studio):
    return studio.document.mask.snapshot()


def choose(box, text):
    """Choose an entry of a box as a user does."""
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def test_what_is_set_is_seen_at_once_and_kept_as_one_edit(ring, bar, run, qtbot):
    document, before = ring.document, values(ring)
    run("thicken")
    assert bar.isVisible()
    assert (values(ring) == 4).sum() > (before == 4).sum()
    assert not document.strokes.stack.canRedo()
    count = document.strokes.stack.count()
    choose(bar.way, "inward")
    bar.box.setValue(5.0)
    qtbot.waitUntil(lambda: values(ring)[14, 14] == 4)
    assert values(ring)[15, 29] == 0
    assert bar.outcome.text().startswith("bone: ")
    assert bar.outcome.text().endswith(" %")
    thick = values(ring)
    qtbot.keyClick(bar.box, Qt.Key.Key_Return)
    assert not bar.isVisible()
    assert document.strokes.stack.count() == count + 1
    assert document.strokes.stack.undoText() == "Thicken bone by 5 px, inward"
    document.strokes.undo()
    np.testing.assert_array_equal(values(ring), before)
    document.strokes.redo()
    np.testing.assert_array_equal(values(ring), thick)


@pytest.mark.parametrize("where", ["the bar", "the canvas", "the button"])
def test_giving_up_leaves_the_mask_as_it_was(ring_window, qtbot, where):
    before, count = values(ring_window.studio), ring_window.studio.document.strokes.stack.count()
    ring_window.commands["shrink"].trigger()
    assert not np.array_equal(values(ring_window.studio), before)
    if where == "the button":
        ring_window.gestures.cancel.click()
    else:
        part = ring_window.gestures.box if where == "the bar" else ring_window.canvas
        qtbot.keyClick(part, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(values(ring_window.studio), before)
    assert not ring_window.gestures.isVisible()
    assert ring_window.studio.document.strokes.stack.count() == count


def test_another_gesture_and_another_label_begin_from_the_mask_as_it_was(ring, bar, run):
    before = values(ring)
    run("grow")
    grown = values(ring)
    choose(bar.gesture, "Shrink")
    shrunk = values(ring)
    assert (shrunk == 4).sum() < (before == 4).sum() < (grown == 4).sum()
    ring.document.paint_value = 2
    np.testing.assert_array_equal(values(ring), before)
    assert "no pixels" in bar.outcome.text()
    ring.document.paint_value = FREE
    assert "Choose a label" in bar.outcome.text()
    ring.document.paint_value = 4
    ring.document.set_label(4, locked=True)
    run("grow")
    assert "locked" in bar.outcome.text()


def test_painting_keeps_what_is_set_and_undoing_gives_it_up(ring_window, hand, qtbot):
    document, before = ring_window.studio.document, values(ring_window.studio)
    ring_window.commands["grow"].trigger()
    grown = values(ring_window.studio)
    document.paint_value = 4
    hand(ring_window, (2, 2))
    assert not ring_window.gestures.isVisible()
    qtbot.waitUntil(lambda: ring_window.statusBar().currentMessage().endswith("undone: Grow bone by 3 px"))
    assert document.strokes.stack.text(document.strokes.stack.count() - 2) == "Grow bone by 3 px"
    document.strokes.undo()
    np.testing.assert_array_equal(values(ring_window.studio), grown)
    document.strokes.undo()
    np.testing.assert_array_equal(values(ring_window.studio), before)
    ring_window.commands["grow"].trigger()
    ring_window.commands["undo"].trigger()
    np.testing.assert_array_equal(values(ring_window.studio), before)
    assert not ring_window.gestures.isVisible()


@pytest.mark.parametrize("key", ["brush", "eraser", "transform"])  # the first is in use already
def test_taking_up_a_tool_applies_what_is_set_and_says_so(ring_window, key, qtbot):
    document, before = ring_window.studio.document, values(ring_window.studio)
    ring_window.commands["grow"].trigger()
    grown, count = values(ring_window.studio), document.strokes.stack.count()
    ring_window.commands[key].trigger()
    assert not ring_window.gestures.isVisible()
    assert not document.strokes.is_under_way
    assert document.strokes.stack.count() == count + 1
    said = "Applied, and can be undone: Grow bone by 3 px"
    qtbot.waitUntil(lambda: ring_window.statusBar().currentMessage() == said)
    np.testing.assert_array_equal(values(ring_window.studio), grown)
    ring_window.commands["undo"].trigger()
    np.testing.assert_array_equal(values(ring_window.studio), before)


@pytest.mark.parametrize("end", ["cancelled", "undone", "without effect"])
def test_what_was_not_applied_is_not_said_to_be(ring_window, end, qtbot):
    ring_window.commands["grow"].trigger()
    if end == "cancelled":
        ring_window.gestures.cancel.click()
    elif end == "undone":
        ring_window.commands["undo"].trigger()
    else:
        ring_window.gestures.box.setValue(0)
        ring_window.commands["brush"].trigger()
    assert not ring_window.gestures.isVisible()
    qtbot.wait(20)
    assert "Applied" not in ring_window.statusBar().currentMessage()


def test_opening_another_mask_or_model_ends_a_gesture(ring, bar, shell, run, tiny_checkpoint):
    run("grow")
    run("new")
    assert not bar.isVisible()
    assert not values(ring).any()
    run("undo")
    run("grow")
    open_folder(ring, shell, tiny_checkpoint)
    assert not bar.isVisible()
    run("grow")
    assert bar.isVisible()


def test_lengths_are_millimetres_or_pixels(open_studio, shell, tiny_checkpoint, tmp_path, qtbot):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "spaced")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps(description | {"pixel_spacing": 2.0}))
    studio = open_studio(folder)
    bar = GestureBar(studio, shell)
    qtbot.addWidget(bar)
    document = studio.document
    square = np.zeros((32, 32), np.uint8)
    square[10:20, 10:20] = 4
    document.strokes.replace(square, "Open")
    document.paint_value = 4
    studio.anatomy.begin("grow")
    assert bar.unit.isVisible()
    assert bar.box.value() == 6.0  # millimetres, of three pixels
    assert "400 → " in bar.outcome.text()
    grown = values(studio)
    studio.anatomy.apply()
    assert document.strokes.stack.undoText() == "Grow bone by 6 mm"
    document.strokes.undo()
    studio.anatomy.begin("grow")
    bar.unit.click()
    assert bar.box.value() == 3.0
    np.testing.assert_array_equal(values(studio), grown)
    studio = open_studio(folder)
    again = GestureBar(studio, shell)
    qtbot.addWidget(again)
    studio.document.paint_value = 4
    studio.anatomy.begin("grow")
    assert again.unit.text() == "px"


def test_one_island_goes_to_another_label(ring, bar, run):
    document = ring.document
    two = np.zeros((32, 32), np.uint8)
    two[2:8, 2:8] = two[20:22, 20:22] = 4
    document.strokes.replace(two, "Open")
    run("split_islands")
    assert not values(ring)[4, 4]  # the largest goes
    choose(bar.way, "becomes body")
    bar.box.setValue(2)
    ring.anatomy.apply()
    assert document.strokes.stack.undoText() == "Island 2 of bone becomes body"
    assert values(ring)[20, 20] == 1
    assert values(ring)[4, 4] == 4


def test_a_label_in_one_piece_has_no_island_to_take(ring, bar, run, qtbot):
    document = ring.document
    before, count = values(ring), document.strokes.stack.count()
    run("split_islands")
    assert bar.way.currentText() == "goes"
    np.testing.assert_array_equal(values(ring), before)
    assert bar.outcome.text() == "bone is in one piece, so there is no island to take."
    assert not bar.apply.isEnabled()
    choose(bar.way, "becomes body")
    np.testing.assert_array_equal(values(ring), before)
    ring.anatomy.apply()
    assert document.strokes.stack.count() == count
    speck = before.copy()
    speck[0, 0] = 4
    document.strokes.replace(speck, "Open")
    run("split_islands")
    assert bar.apply.isEnabled()


@pytest.mark.parametrize("key", [key for key in GESTURES if key != "interpolate"])  # which asks for a file
def test_only_what_changes_something_can_be_applied_and_escape_is_heard_all_the_same(ring_window, key, qtbot):
    document, bar = ring_window.studio.document, ring_window.gestures
    document.strokes.replace(np.zeros((32, 32), np.uint8), "Open")
    ring_window.activateWindow()
    ring_window.request.steps.setFocus()
    ring_window.commands[key].trigger()
    assert not bar.apply.isEnabled()
    qtbot.keyClick(ring_window.focusWidget(), Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_a_mask_turns_into_another(ring, bar, shell, run, tmp_path, table, qtbot):
    target = np.zeros((32, 32), np.uint8)
    target[8:24, 8:24] = 4
    path = tmp_path / "square.png"
    path.write_bytes(encode_mask(target, table))
    shell.answers = [path]
    before = values(ring)
    run("interpolate")
    qtbot.waitUntil(lambda: "pixels change" in bar.outcome.text())
    bar.box.setValue(100)
    qtbot.waitUntil(lambda: np.array_equal(values(ring), target))
    bar.box.setValue(0)
    qtbot.waitUntil(lambda: np.array_equal(values(ring), before))
    bar.box.setValue(40)
    ring.anatomy.apply()
    assert ring.document.strokes.stack.undoText() == "Turn into square.png by 40 %"


@pytest.mark.parametrize("key", [key for key, gesture in GESTURES.items() if gesture.unit is Unit.LENGTH])
def test_the_list_of_edits_tells_what_was_set(ring, bar, run, key):
    gesture, document = GESTURES[key], ring.document
    holey = values(ring).copy()
    holey[0, 0] = 4  # an island, and nothing about it is symmetric
    document.strokes.replace(holey, "Open")
    run(key)
    if gesture.largest:
        bar.box.setValue(3.5)
    ring.anatomy.apply()
    name = document.strokes.stack.undoText()
    assert "bone" in name
    assert ("3.5 px" in name) == bool(gesture.largest)
    assert bar.way.currentText() in name


def test_whoever_chooses_no_file_is_not_asked_again_by_the_slider(ring, bar, shell, run, qtbot):
    before = values(ring)
    run("interpolate")
    assert len(shell.asked) == 1
    with qtbot.waitSignal(ring.anatomy.changed):
        bar.slider.setValue(80)
    qtbot.wait(20)
    assert len(shell.asked) == 1
    assert bar.outcome.text() == "Choose the mask to turn into."
    np.testing.assert_array_equal(values(ring), before)
    bar.way.activated.emit(bar.way.currentIndex())
    assert len(shell.asked) == 2


def test_a_lock_set_while_a_gesture_is_open_holds(ring, bar, run, qtbot):
    before = values(ring)
    run("grow")
    ring.document.set_label(4, locked=True)
    ring.anatomy.apply()
    np.testing.assert_array_equal(values(ring), before)
    run("grow")
    assert "locked" in bar.outcome.text()
    ring.document.set_label(4, locked=False)
    qtbot.waitUntil(lambda: (values(ring) == 4).sum() > (before == 4).sum())


def test_generating_while_a_gesture_is_open_shows_what_the_canvas_shows(ring, bar, run, finish):
    ring.start()
    run("grow")
    grown = values(ring)
    run("generate")
    finish(ring)
    np.testing.assert_array_equal(ring.runs.request.mask, grown)


def test_a_file_of_another_size_is_refused_in_a_sentence(ring, bar, shell, run, tmp_path, qtbot):
    path = tmp_path / "small.png"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(path)
    shell.answers = [path, path]
    before = values(ring)
    run("interpolate")
    qtbot.waitUntil(lambda: bool(shell.warned))
    assert "8 x 8" in shell.warned[-1]
    np.testing.assert_array_equal(values(ring), before)
    assert bar.outcome.text() == "This is no mask to turn into."
    bar.slider.setValue(30)
    qtbot.wait(20)
    assert bar.outcome.text() == "This is no mask to turn into."
    ways = bar.way.count()
    # Mended, and chosen again, it can be.
    Image.fromarray(np.full((32, 32), 4, np.uint8)).save(path)
    choose(bar.way, "a file…")
    qtbot.waitUntil(lambda: "pixels change" in bar.outcome.text())
    assert bar.way.count() == ways
    assert not np.array_equal(values(ring), before)


def test_another_label_changes_nothing_about_a_mask_that_turns_into_another(
    ring, bar, shell, run, tmp_path, qtbot
):
    path = tmp_path / "full.png"
    Image.fromarray(np.full((32, 32), 4, np.uint8)).save(path)
    shell.answers = [path]
    run("interpolate")
    qtbot.waitUntil(lambda: "pixels change" in bar.outcome.text())
    turned = values(ring)
    ring.document.paint_value = 2
    assert len(shell.asked) == 1
    assert bar.isVisible()
    assert bar.way.currentText() == "full.png"
    np.testing.assert_array_equal(values(ring), turned)


def test_return_keeps_a_gesture_open_that_changes_nothing(ring, bar, run, qtbot):
    before, count = values(ring), ring.document.strokes.stack.count()
    run("grow")
    bar.box.setValue(0.0)
    qtbot.keyClick(bar.box, Qt.Key.Key_Return)
    assert bar.isVisible()
    assert not bar.apply.isEnabled()
    np.testing.assert_array_equal(values(ring), before)
    bar.box.setValue(2.0)
    qtbot.keyClick(bar.box, Qt.Key.Key_Return)
    assert not bar.isVisible()
    assert ring.document.strokes.stack.count() == count + 1


def test_the_amount_and_the_way_set_last_are_there_again(ring, bar, run, qtbot):
    run("thicken")
    choose(bar.way, "inward")
    bar.box.setValue(3.5)
    qtbot.keyClick(bar.box, Qt.Key.Key_Return)
    run("grow")
    ring.anatomy.cancel()
    run("thicken")
    assert bar.way.currentText() == "inward"
    assert ring.anatomy.amount == 3.5


def test_a_length_that_was_typed_is_the_one_that_is_taken(ring_window, qtbot):
    ring_window.commands["grow"].trigger()
    bar, studio = ring_window.gestures, ring_window.studio
    bar.box.selectAll()
    qtbot.keyClicks(bar.box, "3.3")
    assert bar.box.value() == 3.3  # nothing jumps while somebody types
    qtbot.keyClick(bar.box, Qt.Key.Key_Tab)
    assert bar.box.value() == studio.anatomy.amount == 3.3
    studio.anatomy.apply()
    assert studio.document.strokes.stack.undoText() == "Grow bone by 3.3 px"


def test_millimetres_need_not_be_whole_pixels(open_studio, shell, model, qtbot):
    description = json.loads((model / "segpaint.json").read_text())
    (model / "segpaint.json").write_text(json.dumps(description | {"pixel_spacing": 1.4}))
    studio = open_studio(model)
    bar = GestureBar(studio, shell)
    qtbot.addWidget(bar)
    square = np.zeros((32, 32), np.uint8)
    square[10:20, 10:20] = 4
    studio.document.strokes.replace(square, "Open")
    studio.document.paint_value = 4
    studio.anatomy.begin("grow")
    bar.box.setValue(3.2)  # 2.29 pixels, so that a pixel two further and one across (2.24) is near enough
    bar.apply_it()
    grown = values(studio) == 4
    corner = grown[17:23, 17:23]  # the last pixel of the square is in its third row and column
    assert corner.tolist() == [
        [True] * 5 + [False], [True] * 5 + [False], [True] * 5 + [False], [True] * 5 + [False],
        [True] * 4 + [False] * 2, [False] * 6,
    ]  # fmt: skip
    assert studio.document.strokes.stack.undoText() == "Grow bone by 3.2 mm"


def test_a_lock_in_the_way_is_named(ring, bar, run):
    document = ring.document
    document.strokes.replace(np.where(values(ring) == 4, 4, 1).astype(np.uint8), "Open")
    document.set_label(1, locked=True)
    run("grow")
    assert bar.outcome.text() == "Nothing changes; locked: body."


def test_a_slider_that_is_still_held_when_the_gesture_ends_does_nothing(ring, bar, run):
    run("grow")
    ring.anatomy.apply()
    before = values(ring)
    bar.slider.setValue(bar.slider.value() + 1)
    bar.box.setValue(bar.box.value() + 1)
    np.testing.assert_array_equal(values(ring), before)


@pytest.mark.parametrize("way", ["inward", "outward"])
def test_a_label_without_an_inside_is_said_to_have_none(ring, bar, run, way):
    square = np.zeros((32, 32), np.uint8)
    square[10:20, 10:20] = 4
    ring.document.strokes.replace(square, "Open")
    run("thicken")
    choose(bar.way, way)
    assert bar.outcome.text() == "bone has no inside, since it lies around nothing; thicken it both ways."
    assert not bar.apply.isEnabled()
    choose(bar.way, "both ways")
    assert bar.apply.isEnabled()
