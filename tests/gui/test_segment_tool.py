"""A click takes the label that the segmenter finds at a place."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QPainterPath
from scan_volumes import make_volume

from segpaint import open_checkpoint
from segpaint.core.errors import SegPaintError
from segpaint.core.masks.paint import PaintOver
from segpaint.core.runs import messages
from segpaint.gui.canvas.canvas import Canvas
from segpaint.studio.document.document import Reference
from segpaint.studio.runs.found_labels import FoundLabels

RIGHT, SHIFT = Qt.MouseButton.RightButton, Qt.KeyboardModifier.ShiftModifier


class Answers(QObject):
    """The answers of a worker."""

    answered = Signal(object)


class Worker:
    """Stands in for the worker's thread: notes what it is asked, and answers when it is told to."""

    def __init__(self):
        self.answers, self.asked = Answers(), []

    def ask(self, message):
        self.asked.append(message.image)

    def answer(self, mask):
        self.answers.answered.emit(messages.Segmented(self.asked[-1], mask))


@pytest.fixture
def loaded(open_studio, judged_checkpoint, qtbot):
    """A studio whose loaded model has a segmenter, with a blank mask."""
    studio = open_studio(judged_checkpoint)
    document = studio.document
    document.strokes.replace(np.zeros_like(document.mask.values), "Blank")
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    return studio


@pytest.fixture
def worker(loaded):
    """What the studio's segmenter is asked."""
    worker = Worker()
    loaded.found = FoundLabels(loaded.opened, loaded.runs, worker)
    return worker


@pytest.fixture
def show(loaded, qtbot):
    """Show a canvas on which the tool is in use, and note what it shows in the status line."""
    canvases = []

    def open_():
        canvas = Canvas(loaded)
        canvases.append(canvas)
        canvas.studio, canvas.canvas, canvas.said = loaded, canvas, []
        canvas.told.connect(canvas.said.append)
        canvas.resize(450, 450)
        loaded.view.tools.take("segment")
        with qtbot.waitExposed(canvas):
            canvas.show()
        return canvas

    yield open_
    for canvas in canvases:
        canvas.deleteLater()


def refer(studio, seed=0):
    """Make an image the reference, and leave the mask as it is."""
    image = np.random.default_rng(seed).integers(0, 256, studio.document.mask.shape).astype(np.uint8)
    studio.document.set_reference(Reference("real", image, np.zeros_like(image), ()))
    return image


@pytest.fixture
def found():
    """A body with two hearts in it, of which one touches its border."""
    mask = np.zeros((32, 32), np.uint8)
    mask[4:28, 4:28] = 1
    mask[8:14, 8:14] = mask[18:24, 18:28] = 2
    return mask


@pytest.fixture
def known(loaded, worker, show, found):
    """A canvas over a reference of which it is known what is found in it."""
    refer(loaded)
    canvas = show()
    worker.answer(found)
    return canvas


def values(owner):
    return owner.studio.document.mask.snapshot()


def test_a_click_takes_the_region_around_it_and_no_other(known, hand, found):
    hand(known, (10, 10))
    expected = np.zeros_like(found)
    expected[8:14, 8:14] = 2
    np.testing.assert_array_equal(values(known), expected)
    strokes = known.studio.document.strokes
    assert strokes.stack.undoText() == "Segment by click, heart"
    assert "heart" in known.said[-1]
    strokes.undo()
    assert not values(known).any()


@pytest.mark.parametrize("how", [{"button": RIGHT}, {"modifier": SHIFT}])
def test_shift_or_the_right_button_erases_that_label_alone(known, hand, found, how):
    document = known.studio.document
    painted = np.full_like(found, 1)
    painted[8:12, 8:14] = 2
    painted[12:14, 8:14] = 4
    document.strokes.replace(painted, "Paint")
    hand(known, (10, 10), **how)
    np.testing.assert_array_equal(values(known), np.where(painted == 2, 1, painted))  # a heart lies in a body
    hand(known, (10, 10), **how)
    assert "no heart here" in known.said[-1]


def test_locks_and_what_may_be_covered_hold(known, hand, found):
    document = known.studio.document
    document.strokes.replace(np.where(np.arange(32) < 11, 4, 0).astype(np.uint8) + 0 * found, "Paint")
    document.set_paint_over(PaintOver.BACKGROUND)
    hand(known, (12, 12))
    assert (values(known)[8:14, 11:14] == 2).all()
    assert (values(known)[8:14, 8:11] == 4).all()
    document.set_paint_over(PaintOver.EVERYTHING)
    document.set_label(2, locked=True)
    before = values(known)
    hand(known, (20, 20))
    np.testing.assert_array_equal(values(known), before)
    assert known.said[-1] == "heart is locked; unlock it in the list to change it."
    document.set_label(2, locked=False)
    known.studio.view.coverage.set_over(PaintOver.BACKGROUND)
    document.strokes.replace(np.full_like(found, 4), "Fill")
    hand(known, (20, 20))
    assert known.said[-1] == "Strokes cover background only. Nothing changes here."


def test_where_nothing_is_found_nothing_is_taken(known, hand):
    count = known.studio.document.strokes.stack.count()
    hand(known, (1, 1))
    assert known.said[-1] == "The segmenter finds no label at this place."
    assert known.studio.document.strokes.stack.count() == count


def test_the_segmenter_is_asked_once_for_each_image(known, worker, hand, loaded):
    assert len(worker.asked) == 1
    hand(known, (10, 10))
    hand(known, (20, 20))
    assert len(worker.asked) == 1
    first = loaded.document.reference
    refer(loaded, seed=1)
    assert len(worker.asked) == 2
    worker.answer(np.zeros((32, 32), np.uint8))
    loaded.document.set_reference(first)
    assert loaded.found.mask is not None
    assert len(worker.asked) == 2


def test_a_click_before_the_answer_is_taken_when_it_comes(loaded, worker, show, hand, found):
    refer(loaded)
    canvas = show()
    hand(canvas, (10, 10))
    assert "looks at" in canvas.said[-1]
    assert not values(canvas).any()
    worker.answer(found)
    assert (values(canvas)[8:14, 8:14] == 2).all()


def test_a_click_is_given_up_when_another_image_comes_first_or_the_segmenter_fails(
    loaded, worker, show, hand, found
):
    refer(loaded)
    canvas = show()
    hand(canvas, (10, 10))
    refer(loaded, seed=1)
    worker.answer(found)  # of the image before
    worker.answer(found)
    assert not values(canvas).any()
    refer(loaded, seed=2)
    hand(canvas, (10, 10))
    worker.answers.answered.emit(messages.Failed(SegPaintError("It failed.")))
    count = len(worker.asked)  # it does not ask again by itself
    assert not values(canvas).any()
    hand(canvas, (10, 10))
    assert len(worker.asked) == count + 1


def test_what_a_click_would_take_is_outlined_as_soon_as_it_is_known(loaded, worker, show, found, qtbot):
    refer(loaded)
    canvas, outlined = show(), []
    canvas.cursor_changed.connect(lambda path: outlined.append(path.boundingRect().getRect()))
    qtbot.mouseMove(canvas.viewport(), canvas.viewport().rect().center())
    assert outlined[-1][2:] == (0, 0)
    worker.answer(found)
    assert outlined[-1] == (4, 4, 24, 24)
    place = canvas.viewport().rect().center()
    place.setX(place.x() + round(4 * loaded.view.viewpoint.zoom))
    place.setY(place.y() + round(4 * loaded.view.viewpoint.zoom))
    qtbot.mouseMove(canvas.viewport(), place)
    assert outlined[-1] == (18, 18, 10, 6)


def test_without_an_image_it_states_what_is_missing(show, hand):
    canvas = show()
    hand(canvas, (10, 10))
    assert "no image" in canvas.said[-1]
    assert not values(canvas).any()


def test_without_a_segmenter_it_states_so(easel, run, hand):
    said = []
    easel.canvas.told.connect(said.append)
    run("segment")
    refer(easel.studio)
    hand(easel, (10, 10))
    assert said[-1] == "This model has no segmenter to find labels in an image."


def test_a_made_image_is_looked_at_where_there_is_no_reference(loaded, worker, show, hand, found, finish):
    document = loaded.document
    document.change_settings(replace(document.settings, steps=2))
    canvas = show()
    loaded.runs.generate()
    finish(loaded)
    assert worker.asked[-1] is loaded.runs.trajectory.result.noisy
    worker.answer(found)
    hand(canvas, (10, 10))
    assert values(canvas)[10, 10] == 2
    loaded.runs.scrub(0)
    hand(canvas, (20, 20))
    assert "finished images" in canvas.said[-1]


def test_an_image_of_another_mask_is_not_looked_at(loaded, worker, show, hand, found, finish):
    document = loaded.document
    document.change_settings(replace(document.settings, steps=1))
    canvas = show()
    loaded.runs.generate()
    finish(loaded)
    worker.answer(found)
    asked = len(worker.asked)
    document.strokes.replace(np.full_like(found, 4), "Open another heart")
    assert not loaded.found.shown_fits
    assert loaded.found.mask is None
    hand(canvas, (10, 10))
    assert "made of another mask" in canvas.said[-1]
    assert (values(canvas) == 4).all()
    document.strokes.undo()
    assert loaded.found.shown_fits
    hand(canvas, (10, 10))
    assert values(canvas)[10, 10] == 2  # it is remembered what was found
    assert loaded.found.shown_fits  # painted on, and still of this mask
    assert len(worker.asked) == asked


def test_no_finding_is_outlined_on_an_image_of_another_mask(open_window, finish, qtbot):
    window = open_window()
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    window.studio.view.tools.take("segment")
    path = QPainterPath()
    path.addRect(4, 4, 8, 8)
    drawn = []
    window.image.show_cursor = drawn.append
    window.canvas.cursor_changed.emit(path)
    assert not drawn[-1].isEmpty()
    window.studio.runs.generate()
    finish(window)
    window.studio.document.strokes.replace(window.studio.document.mask.values * 0 + 1, "Open")
    window.canvas.cursor_changed.emit(path)
    assert drawn[-1].isEmpty()
    window.studio.view.tools.take("brush")
    window.canvas.cursor_changed.emit(path)
    assert not drawn[-1].isEmpty()


def test_it_works_on_the_slices_of_a_scan_by_the_model_itself(
    loaded, show, hand, settle, judged_checkpoint, qtbot
):
    canvas, document = show(), loaded.document
    loaded.scans.open(make_volume(), "key")
    settle(loaded)
    loaded.scans.step(1)
    settle(loaded)
    page, blank = document.strokes.page, values(canvas)
    qtbot.waitUntil(lambda: loaded.found.mask is not None, timeout=10_000)
    mask = open_checkpoint(judged_checkpoint, "cpu").find_labels(document.reference.image)
    np.testing.assert_array_equal(loaded.found.mask, mask)
    row, column = (int(each) for each in np.argwhere(mask)[0])
    hand(canvas, (column, row))
    changed = values(canvas) != blank
    assert changed[row, column]
    assert set(values(canvas)[changed]) == {mask[row, column]}
    assert (mask[changed] == mask[row, column]).all()
    assert document.strokes.page == page
    document.strokes.undo()
    np.testing.assert_array_equal(values(canvas), blank)
