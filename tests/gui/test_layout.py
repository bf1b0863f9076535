"""Where things stand in windows of different sizes: nothing overlaps, and what is wanted is seen."""

import itertools

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QScrollArea

from segpaint.core.labels.labels import BACKGROUND
from segpaint.gui.files.references import open_image
from segpaint.io.scene_lists import Scene
from segpaint.studio.view.viewpoint import Viewpoint

SMALLEST = (880, 560)


def place(widget):
    """Where a widget is seen in its window."""
    seen = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(widget.window(), seen.topLeft()), seen.size())


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "reference.png"
    Image.fromarray(np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))).save(path)
    return path


def test_nothing_overlaps_in_the_smallest_window(open_window, qtbot):
    window = open_window(size=SMALLEST)
    window.commands["history"].trigger()
    qtbot.waitUntil(lambda: window.history.height() > 40)
    qtbot.wait(50)
    parts = [place(part) for part in (window.checkpoints, window.labels, window.reference, window.request)]
    for upper, lower in itertools.pairwise(parts):
        assert not upper.isEmpty()
        assert upper.bottom() < lower.top() or lower.isEmpty()
    rows = [place(row).height() for row in window.labels.rows.values()]
    assert sum(height >= 30 for height in rows) >= 3


def test_few_labels_leave_room_for_the_whole_request(open_window, reference, qtbot):
    window = open_window(size=(1280, 760))
    open_image(window.studio, window.shell, reference)
    qtbot.waitUntil(lambda: window.studio.document.reference is not None)
    window.reference.purpose.setCurrentIndex(1)
    seed = window.request.seed
    qtbot.waitUntil(lambda: seed.visibleRegion().boundingRect().size() == seed.size())


def test_the_label_painted_with_is_seen_whatever_room_there_is(open_window, qtbot):
    window = open_window()
    window.studio.document.paint_value = BACKGROUND
    window.resize(*SMALLEST)
    window.commands["history"].trigger()
    row = window.labels.rows[BACKGROUND]
    qtbot.waitUntil(lambda: row.visibleRegion().boundingRect().size() == row.size())


def test_the_state_of_the_run_can_be_read_in_the_smallest_window(open_window, qtbot):
    window = open_window(size=SMALLEST)
    label = window.run_label
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    qtbot.waitUntil(lambda: label.text() == "Ready")
    assert label.contentsRect().width() >= label.fontMetrics().horizontalAdvance("Ready")


def lower_edge(window):
    """Return where the mask ends, in pixels from the window's upper edge."""
    view, canvas = window.studio.view.viewpoint, window.canvas
    below = view.zoom * (view.image_size.height() - view.centre.y())
    return canvas.mapTo(window, QPoint()).y() + canvas.height() / 2 + below


def test_a_fitted_mask_stays_clear_of_the_bar_of_a_gesture(open_window, drawn_mask, qtbot):
    window = open_window(size=SMALLEST)
    window.studio.document.strokes.replace(drawn_mask, "open")
    view = window.studio.view.viewpoint
    before = view.centre, view.zoom
    window.commands["thicken"].trigger()
    bar = window.gestures
    qtbot.waitUntil(lambda: lower_edge(window) <= bar.mapTo(window, QPoint()).y())
    assert view.centre != before[0]
    bar.cancel.click()
    qtbot.waitUntil(lambda: (view.centre, view.zoom) == before)


def test_a_fitted_mask_stays_clear_of_what_is_asked_after_the_stage(open_window, mask_file, qtbot):
    window = open_window(size=SMALLEST)
    view, stage, bar = window.studio.view.viewpoint, window.studio.view.stage, window.messages
    window.commands["history"].trigger()
    qtbot.waitUntil(lambda: window.history.isVisible())
    qtbot.wait(50)  # until all is laid out
    before = view.centre, view.zoom
    stage.scenes = (Scene(file=str(mask_file)),)
    stage.set_on(True)
    stage.set_on(False)
    assert bar.offer.text() == "Bring it back"
    qtbot.waitUntil(lambda: bar.mapTo(window, QPoint()).y() > window.height() / 2)  # laid out
    qtbot.waitUntil(lambda: lower_edge(window) <= bar.mapTo(window, QPoint()).y())
    bar.offer.click()
    qtbot.waitUntil(lambda: (view.centre, view.zoom) == before)
    window.shell.warn("Something to be heeded.")  # moves nothing under the hand
    qtbot.waitUntil(lambda: bar.isVisible() and bar.height() > 10)
    qtbot.wait(50)
    assert (view.centre, view.zoom) == before


def test_a_view_that_the_user_chose_is_left_alone():
    view = Viewpoint()
    view.set_image_size(32, 32)
    view.zoom_in()
    before = view.centre, view.zoom
    view.set_covered(200)
    assert (view.centre, view.zoom) == before


def test_what_a_mask_turns_into_can_be_read(open_window, reference, qtbot):
    window = open_window(size=SMALLEST)
    open_image(window.studio, window.shell, reference)
    qtbot.waitUntil(lambda: window.studio.document.reference is not None)
    window.commands["interpolate"].trigger()
    way = window.gestures.way
    text = way.fontMetrics().horizontalAdvance("the reference's mask")
    assert way.findText("the reference's mask") >= 0
    qtbot.waitUntil(lambda: way.width() >= text + 24)


@pytest.mark.parametrize("size", [(1024, 600), SMALLEST], ids=["1024x600", "smallest"])
@pytest.mark.parametrize("with_history", [False, True])
@pytest.mark.parametrize("section", ["histogram", "edit", "near", "reference", "search"])
def test_a_section_that_is_opened_is_seen(open_window, reference, qtbot, size, section, with_history):
    window = open_window(size=size)
    studio, panel = window.studio, window.reference
    qtbot.waitUntil(lambda: window.isVisible())
    if with_history:
        window.commands["history"].trigger()
    if section != "reference":
        open_image(studio, window.shell, reference)
        panel.purpose.setCurrentIndex(0)
        qtbot.wait(50)
    match section:
        case "histogram":
            window.commands["histogram"].trigger()
            opened = window.display.intensities
        case "edit":
            panel.purpose.setCurrentIndex(1)
            opened = panel.edit
        case "near":
            panel.purpose.setCurrentIndex(2)
            opened = panel.near
        case "reference":
            open_image(studio, window.shell, reference)
            opened = panel.shown
        case "search":
            for area in window.findChildren(QScrollArea):
                if area.isAncestorOf(window.request.seed):
                    area.ensureWidgetVisible(window.request.seed)
            qtbot.wait(50)
            window.commands["find_label"].trigger()
            opened = window.labels.search
    qtbot.waitUntil(lambda: opened.visibleRegion().boundingRect().size() == opened.size())


def test_the_column_stays_where_it_is_if_a_section_opens_by_itself(open_window, finish, qtbot):
    window = open_window(size=SMALLEST)
    window.commands["history"].trigger()
    window.commands["histogram"].trigger()  # there is nothing to show yet
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    qtbot.wait(50)
    before = place(window.reference)
    assert not before.isEmpty()
    window.commands["generate"].trigger()
    finish(window)
    qtbot.waitUntil(lambda: not window.display.intensities.isHidden())
    qtbot.wait(50)
    qtbot.waitUntil(lambda: place(window.reference) == before)
    window.commands["histogram"].trigger()
    window.commands["histogram"].trigger()
    qtbot.waitUntil(lambda: place(window.reference) != before)
