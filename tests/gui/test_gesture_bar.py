"""Anatomy gestures in the window: seen while they are being set, kept or given up."""

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
from segpaint.io.masks import encode_mask
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
    document.begin_stroke(gesture.name)
    for amount in data.draw(st.lists(st.floats(0, max(gesture.largest, 1)), min_size=1, max_size=3)):
        document.reshape(gesture.run(Anatomy(values, table, label, document.locked), amount, way))
    if data.draw(st.booleans()):
        document.cancel_stroke()
        np.testing.assert_array_equal(document.mask.values, values)
    document.end_stroke()
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


@pytest.fixture
def ring(window):
    """A window with a thick bone ring in its mask, and bone chosen."""
    rows, columns = np.mgrid[:32, :32]
    distance = np.hypot(rows - 15.5, columns - 15.5)
    document = window.session.document
    document.replace_mask(np.where((distance < 9) & (distance > 5), 4, 0).astype(np.uint8), "Open")
    document.paint_value = 4
    return window


def values(window):
    return window.session.document.mask.snapshot()


def test_what_is_set_is_seen_at_once_and_kept_as_one_edit(ring, qtbot):
    document, before = ring.session.document, values(ring)
    ring.commands["thicken"].trigger()
    bar = ring.gestures
    assert bar.isVisible()
    assert (values(ring) == 4).sum() > (before == 4).sum()
    assert not document.undo_stack.canRedo()
    count = document.undo_stack.count()
    bar.way.setCurrentText("inward")
    bar.way.activated.emit(bar.way.currentIndex())
    bar.box.setValue(5.0)
    qtbot.waitUntil(lambda: values(ring)[15, 13] == 4)
    assert values(ring)[15, 29] == 0
    assert bar.outcome.text().startswith("bone: ")
    assert bar.outcome.text().endswith(" %")
    thick = values(ring)
    qtbot.keyClick(bar.box, Qt.Key.Key_Return)
    assert not bar.isVisible()
    assert document.undo_stack.count() == count + 1
    assert document.undo_stack.undoText() == "Thicken bone by 5 px, inward"
    document.undo()
    np.testing.assert_array_equal(values(ring), before)
    document.redo()
    np.testing.assert_array_equal(values(ring), thick)


@pytest.mark.parametrize("where", ["the bar", "the canvas", "the button"])
def test_giving_up_leaves_the_mask_as_it_was(ring, qtbot, where):
    before, count = values(ring), ring.session.document.undo_stack.count()
    ring.commands["shrink"].trigger()
    assert not np.array_equal(values(ring), before)
    if where == "the button":
        ring.gestures.cancel.click()
    else:
        qtbot.keyClick(ring.gestures.box if where == "the bar" else ring.canvas, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(values(ring), before)
    assert not ring.gestures.isVisible()
    assert ring.session.document.undo_stack.count() == count


def test_another_gesture_and_another_label_begin_from_the_mask_as_it_was(ring):
    before = values(ring)
    ring.commands["grow"].trigger()
    grown = values(ring)
    ring.gestures.gesture.setCurrentText("Shrink")
    ring.gestures.gesture.activated.emit(ring.gestures.gesture.currentIndex())
    shrunk = values(ring)
    assert (shrunk == 4).sum() < (before == 4).sum() < (grown == 4).sum()
    ring.session.document.paint_value = 2
    np.testing.assert_array_equal(values(ring), before)
    assert "no pixels" in ring.gestures.outcome.text()
    ring.session.document.paint_value = FREE
    assert "Choose a label" in ring.gestures.outcome.text()
    ring.session.document.paint_value = 4
    ring.session.document.set_label(4, locked=True)
    ring.commands["grow"].trigger()
    assert "locked" in ring.gestures.outcome.text()


def test_painting_keeps_what_is_set_and_undoing_gives_it_up(ring, hand, qtbot):
    document, before = ring.session.document, values(ring)
    ring.commands["grow"].trigger()
    grown = values(ring)
    document.paint_value = 4
    hand(ring, (2, 2))
    assert not ring.gestures.isVisible()
    qtbot.waitUntil(lambda: ring.statusBar().currentMessage().endswith("undone: Grow bone by 2 px"))
    assert document.undo_stack.text(document.undo_stack.count() - 2) == "Grow bone by 2 px"
    document.undo()
    np.testing.assert_array_equal(values(ring), grown)
    document.undo()
    np.testing.assert_array_equal(values(ring), before)
    ring.commands["grow"].trigger()
    ring.commands["undo"].trigger()
    np.testing.assert_array_equal(values(ring), before)
    assert not ring.gestures.isVisible()


@pytest.mark.parametrize("key", ["brush", "eraser", "transform"])  # the first is in use already
def test_taking_up_a_tool_applies_what_is_set_and_says_so(ring, key, qtbot):
    document, before = ring.session.document, values(ring)
    ring.commands["grow"].trigger()
    grown, count = values(ring), document.undo_stack.count()
    ring.commands[key].trigger()
    assert not ring.gestures.isVisible()
    assert not document.is_stroking
    assert document.undo_stack.count() == count + 1
    said = "Applied, and can be undone: Grow bone by 2 px"
    qtbot.waitUntil(lambda: ring.statusBar().currentMessage() == said)
    np.testing.assert_array_equal(values(ring), grown)
    ring.commands["undo"].trigger()
    np.testing.assert_array_equal(values(ring), before)


@pytest.mark.parametrize("end", ["cancelled", "undone", "without effect"])
def test_what_was_not_applied_is_not_said_to_be(ring, end, qtbot):
    ring.commands["grow"].trigger()
    if end == "cancelled":
        ring.gestures.cancelled.emit()
    elif end == "undone":
        ring.commands["undo"].trigger()
    else:
        ring.gestures.box.setValue(0)
        ring.commands["brush"].trigger()
    assert not ring.gestures.isVisible()
    qtbot.wait(20)
    assert "Applied" not in ring.statusBar().currentMessage()


def test_opening_another_mask_or_model_ends_a_gesture(ring, tiny_checkpoint):
    ring.commands["grow"].trigger()
    ring.commands["new"].trigger()
    assert not ring.gestures.isVisible()
    assert not values(ring).any()
    ring.commands["undo"].trigger()
    ring.commands["grow"].trigger()
    ring.checkpoints.folder_chosen.emit(tiny_checkpoint)
    assert not ring.gestures.isVisible()
    ring.commands["grow"].trigger()
    assert ring.gestures.isVisible()


def test_lengths_are_millimetres_or_pixels(open_window, tiny_checkpoint, tmp_path):
    import json
    import shutil

    folder = shutil.copytree(tiny_checkpoint, tmp_path / "spaced")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps(description | {"pixel_spacing": 2.0}))
    window = open_window(folder)
    document = window.session.document
    square = np.zeros((32, 32), np.uint8)
    square[10:20, 10:20] = 4
    document.replace_mask(square, "Open")
    document.paint_value = 4
    window.commands["grow"].trigger()
    assert window.gestures.unit.isVisible()
    assert window.gestures.box.value() == 4.0  # millimetres, of two pixels
    assert "400 → " in window.gestures.outcome.text()
    grown = values(window)
    window.gestures.applied.emit()
    assert document.undo_stack.undoText() == "Grow bone by 4 mm"
    document.undo()
    window.commands["grow"].trigger()
    window.gestures.unit.click()
    assert window.gestures.box.value() == 2.0
    np.testing.assert_array_equal(values(window), grown)
    window.close()
    again = open_window(folder)
    again.session.document.paint_value = 4
    again.commands["grow"].trigger()
    assert again.gestures.unit.text() == "px"


def test_one_island_goes_to_another_label(ring):
    document = ring.session.document
    two = np.zeros((32, 32), np.uint8)
    two[2:8, 2:8] = two[20:22, 20:22] = 4
    document.replace_mask(two, "Open")
    ring.commands["split_islands"].trigger()
    bar = ring.gestures
    assert not values(ring)[4, 4]  # the largest goes
    bar.way.setCurrentText("becomes body")
    bar.box.setValue(2)
    bar.applied.emit()
    assert document.undo_stack.undoText() == "Island 2 of bone becomes body"
    assert values(ring)[20, 20] == 1
    assert values(ring)[4, 4] == 4


def test_a_label_in_one_piece_has_no_island_to_take(ring, qtbot):
    document, bar = ring.session.document, ring.gestures
    before, count = values(ring), document.undo_stack.count()
    ring.commands["split_islands"].trigger()
    assert bar.way.currentText() == "goes"
    np.testing.assert_array_equal(values(ring), before)
    assert bar.outcome.text() == "bone is in one piece, so there is no island to take."
    assert not bar.apply.isEnabled()
    bar.way.setCurrentText("becomes body")
    bar.way.activated.emit(bar.way.currentIndex())
    np.testing.assert_array_equal(values(ring), before)
    bar.applied.emit()
    assert document.undo_stack.count() == count
    speck = before.copy()
    speck[0, 0] = 4
    document.replace_mask(speck, "Open")
    ring.commands["split_islands"].trigger()
    assert bar.apply.isEnabled()


@pytest.mark.parametrize("key", [key for key in GESTURES if key != "interpolate"])  # which asks for a file
def test_only_what_changes_something_can_be_applied_and_escape_is_heard_all_the_same(ring, key, qtbot):
    document, bar = ring.session.document, ring.gestures
    document.replace_mask(np.zeros((32, 32), np.uint8), "Open")
    ring.activateWindow()
    ring.request.steps.setFocus()
    ring.commands[key].trigger()
    assert not bar.apply.isEnabled()
    qtbot.keyClick(ring.focusWidget(), Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_a_mask_turns_into_another(ring, tmp_path, table, monkeypatch, qtbot):
    target = np.zeros((32, 32), np.uint8)
    target[8:24, 8:24] = 4
    path = tmp_path / "square.png"
    path.write_bytes(encode_mask(target, table))
    monkeypatch.setattr(
        "segpaint.gui.anatomy.gesture_commands.QFileDialog.getOpenFileName", lambda *_args: (str(path), "")
    )
    before = values(ring)
    ring.commands["interpolate"].trigger()
    bar = ring.gestures
    qtbot.waitUntil(lambda: "pixels change" in bar.outcome.text())
    bar.box.setValue(100)
    qtbot.waitUntil(lambda: np.array_equal(values(ring), target))
    bar.box.setValue(0)
    qtbot.waitUntil(lambda: np.array_equal(values(ring), before))
    bar.box.setValue(40)
    bar.applied.emit()
    assert ring.session.document.undo_stack.undoText() == "Turn into square.png by 40 %"


@pytest.mark.parametrize("key", [key for key, gesture in GESTURES.items() if gesture.unit is Unit.LENGTH])
def test_the_list_of_edits_tells_what_was_set(ring, key):
    gesture, bar, document = GESTURES[key], ring.gestures, ring.session.document
    holey = values(ring).copy()
    holey[0, 0] = 4  # an island, and nothing about it is symmetric
    document.replace_mask(holey, "Open")
    ring.commands[key].trigger()
    if gesture.largest:
        bar.box.setValue(3.5)
    bar.applied.emit()
    name = document.undo_stack.undoText()
    assert "bone" in name
    assert ("3.5 px" in name) == bool(gesture.largest)
    assert bar.way.currentText() in name


def test_whoever_chooses_no_file_is_not_asked_again_by_the_slider(ring, monkeypatch, qtbot):
    asked = []
    monkeypatch.setattr(
        "segpaint.gui.anatomy.gesture_commands.QFileDialog.getOpenFileName",
        lambda *_args: asked.append(1) or ("", ""),
    )
    before = values(ring)
    ring.commands["interpolate"].trigger()
    assert asked == [1]
    with qtbot.waitSignal(ring.gestures.changed):
        ring.gestures.slider.setValue(80)
    qtbot.wait(20)
    assert asked == [1]
    assert ring.gestures.outcome.text() == "Choose the mask to turn into."
    np.testing.assert_array_equal(values(ring), before)
    ring.gestures.way.activated.emit(ring.gestures.way.currentIndex())
    assert asked == [1, 1]


def test_a_lock_set_while_a_gesture_is_open_holds(ring, qtbot):
    before = values(ring)
    ring.commands["grow"].trigger()
    ring.session.document.set_label(4, locked=True)
    ring.gestures.applied.emit()
    np.testing.assert_array_equal(values(ring), before)
    ring.commands["grow"].trigger()
    assert "locked" in ring.gestures.outcome.text()
    ring.session.document.set_label(4, locked=False)
    qtbot.waitUntil(lambda: (values(ring) == 4).sum() > (before == 4).sum())


def test_generating_while_a_gesture_is_open_shows_what_the_canvas_shows(ring, finish):
    ring.commands["grow"].trigger()
    grown = values(ring)
    ring.commands["generate"].trigger()
    finish(ring)
    np.testing.assert_array_equal(ring.session.request.mask, grown)


def test_a_file_of_another_size_is_refused_in_a_sentence(ring, tmp_path, monkeypatch, qtbot):
    path = tmp_path / "small.png"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(path)
    monkeypatch.setattr(
        "segpaint.gui.anatomy.gesture_commands.QFileDialog.getOpenFileName", lambda *_args: (str(path), "")
    )
    before = values(ring)
    ring.commands["interpolate"].trigger()
    qtbot.waitUntil(lambda: "8 x 8" in ring.messages.text.text())
    np.testing.assert_array_equal(values(ring), before)
    bar = ring.gestures
    assert bar.outcome.text() == "This is no mask to turn into."
    bar.slider.setValue(30)
    qtbot.wait(20)
    assert bar.outcome.text() == "This is no mask to turn into."
    ways = bar.way.count()
    # Mended, and chosen again, it can be.
    Image.fromarray(np.full((32, 32), 4, np.uint8)).save(path)
    bar.way.setCurrentText("a file…")
    bar.way.activated.emit(bar.way.currentIndex())
    qtbot.waitUntil(lambda: "pixels change" in bar.outcome.text())
    assert bar.way.count() == ways
    assert not np.array_equal(values(ring), before)


def test_another_label_changes_nothing_about_a_mask_that_turns_into_another(ring, tmp_path, monkeypatch, qtbot):
    path = tmp_path / "full.png"
    Image.fromarray(np.full((32, 32), 4, np.uint8)).save(path)
    asked = []
    monkeypatch.setattr(
        "segpaint.gui.anatomy.gesture_commands.QFileDialog.getOpenFileName",
        lambda *_args: asked.append(1) or (str(path), ""),
    )
    ring.commands["interpolate"].trigger()
    qtbot.waitUntil(lambda: "pixels change" in ring.gestures.outcome.text())
    turned = values(ring)
    ring.session.document.paint_value = 2
    assert asked == [1]
    assert ring.gestures.isVisible()
    assert ring.gestures.way.currentText() == "full.png"
    np.testing.assert_array_equal(values(ring), turned)


def test_the_amount_and_the_way_set_last_are_there_again(ring, qtbot):
    ring.commands["thicken"].trigger()
    bar = ring.gestures
    bar.way.setCurrentText("inward")
    bar.way.activated.emit(bar.way.currentIndex())
    bar.box.setValue(3.5)
    qtbot.keyClick(bar.box, Qt.Key.Key_Return)
    ring.commands["grow"].trigger()
    bar.cancelled.emit()
    ring.commands["thicken"].trigger()
    assert bar.way.currentText() == "inward"
    assert bar.amount == 3.5


def test_an_amount_that_was_typed_becomes_the_one_that_is_taken(ring, qtbot):
    ring.commands["grow"].trigger()
    bar = ring.gestures
    bar.box.selectAll()
    qtbot.keyClicks(bar.box, "3.3")
    assert bar.box.value() == 3.3  # nothing jumps while somebody types
    qtbot.keyClick(bar.box, Qt.Key.Key_Tab)
    assert bar.box.value() == bar.amount == 3.5
    bar.applied.emit()
    assert ring.session.document.undo_stack.undoText() == "Grow bone by 3.5 px"


def test_a_lock_in_the_way_is_named(ring):
    document = ring.session.document
    document.replace_mask(np.where(values(ring) == 4, 4, 1).astype(np.uint8), "Open")
    document.set_label(1, locked=True)
    ring.commands["grow"].trigger()
    assert ring.gestures.outcome.text() == "Nothing changes; locked: body."
