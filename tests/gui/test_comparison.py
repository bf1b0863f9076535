"""Comparing images."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QToolButton

from segpaint.core.pictures.compare import color_scale, difference_colors
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.files.references import open_image
from segpaint.gui.window.main_window import LEAST
from segpaint.studio.document.document import Document
from segpaint.studio.view.comparison import Mode


@pytest.fixture
def shown(panes):
    """What the image pane draws."""
    return lambda: panes.image.shown


@pytest.fixture
def two(loaded, run, finish, paint):
    """A pinned image and another one."""
    return make_two(loaded, finish, lambda: run("pin"), lambda: paint((10, 10), (20, 20)))


def make_two(owner, finish, pin, paint):
    runs = getattr(owner, "studio", owner).runs
    runs.generate()
    finish(owner)
    first = runs.trajectory.result.noisy
    pin()
    paint()
    runs.generate()
    finish(owner)
    return first, runs.trajectory.result.noisy


def test_a_swipe_follows_the_pointer(loaded, panes, run, two, shown):
    pinned, image = two
    run("swipe")
    panes.image.hovered.emit(QPointF(12.2, 5))
    np.testing.assert_array_equal(shown()[:, :12], image[:, :12])
    np.testing.assert_array_equal(shown()[:, 12:], pinned[:, 12:])
    assert "pinned" in panes.comparison.note.words.text()
    run("swipe")  # again: off
    np.testing.assert_array_equal(shown(), image)
    assert panes.comparison.note.isHidden()
    assert COMMANDS["compare_off"].is_on(loaded)


def test_blinking_shows_both(loaded, panes, run, two, shown, qtbot):
    pinned, image = two
    run("blink")
    np.testing.assert_array_equal(shown(), image)
    qtbot.waitUntil(lambda: np.array_equal(shown(), pinned), timeout=3000)
    qtbot.waitUntil(lambda: np.array_equal(shown(), image), timeout=3000)
    run("compare_off")


def test_the_difference_is_drawn_with_its_sign(loaded, panes, run, two, shown):
    pinned, image = two
    run("difference")
    np.testing.assert_array_equal(shown(), difference_colors(image, pinned))
    note = panes.comparison.note
    assert note.words.text() == "this image − pinned"
    assert not note.bar.isHidden()
    assert panes.image.rect().contains(note.geometry())
    run("swipe")
    assert note.bar.isHidden()


def test_the_colour_bar_has_the_colours_of_the_difference(loaded, panes, run, two):
    run("difference")
    drawn = panes.comparison.note.bar.grab().toImage()
    for column, sign in ((1, -1.0), (drawn.width() // 2, 0.0), (drawn.width() - 2, 1.0)):
        there = drawn.pixelColor(column, 5)
        expected = color_scale(np.array(sign))
        np.testing.assert_allclose([there.red(), there.green(), there.blue()], expected, atol=6)


@pytest.fixture
def two_in_window(window, finish, hand):
    """A window with a pinned image and another one."""
    return make_two(window, finish, window.commands["pin"].trigger, lambda: hand(window, (10, 10), (20, 20)))


def test_side_by_side_shares_zoom_and_place(window, two_in_window, qtbot):
    pinned, image = two_in_window
    side = window.side
    assert side.isHidden()
    window.resize(1280, 760)
    window.commands["side_by_side"].trigger()
    qtbot.waitUntil(lambda: abs(side.pane.width() - window.image.width()) <= 1)
    np.testing.assert_array_equal(side.pane.shown, pinned)
    np.testing.assert_array_equal(window.image.shown, image)
    assert side.title.text() == "Pinned"
    window.studio.view.viewpoint.zoom_at(QPointF(4, 4), 3.0)
    corners = [pane.position(QPointF(pane.width() / 2, 0)) for pane in (window.image, side.pane)]
    assert corners[0] == corners[1]
    window.commands["side_by_side"].trigger()
    assert side.isHidden()


def test_side_by_side_follows_what_there_is_to_compare_with(loaded, panes, run, finish, paint):
    run("side_by_side")
    assert panes.side.pane.shown is None
    assert not panes.side.pane.hint.isHidden()
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    runs.scrub(1)
    paint((24, 8))
    runs.branch_off()
    finish(loaded)
    assert panes.side.title.text() == "Branch A"
    parent = runs.branches.current.parent
    np.testing.assert_array_equal(panes.side.pane.shown, parent.trajectory.result.picture)


@pytest.mark.usefixtures("two_in_window")
def test_pinning_shows_and_is_taken_back(window):
    pin = window.commands["pin"]
    assert pin.isChecked()
    shown = [button for button in window.findChildren(QToolButton) if button.defaultAction() is pin]
    assert [button.isVisible() for button in shown] == [True]
    pin.trigger()
    assert window.studio.view.comparison.other is None
    assert [button.isVisible() for button in shown] == [False]
    pin.trigger()
    window.studio.open_document(Document(window.studio.document.checkpoint))
    assert not pin.isChecked()


def test_outside_the_edit_is_where_the_pinned_mask_is_the_same(loaded, panes, run, two, shown):
    pinned, image = two
    run("difference_outside")
    edited = loaded.runs.request.final.mask != loaded.view.comparison.other.mask
    assert edited.any()
    assert not shown()[edited].any()
    expected = difference_colors(image, pinned, ~edited)
    np.testing.assert_array_equal(shown(), expected)


def test_a_branch_is_compared_with_its_parent(loaded, panes, run, shown, finish, paint):
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    loaded.view.comparison.set_mode(Mode.SWIPE)
    runs.scrub(1)
    paint((24, 8))
    runs.branch_off()
    finish(loaded)
    assert loaded.view.comparison.other.name == "branch A"
    run("difference_outside")
    edited = runs.request.final.mask != runs.branches.current.parent.request.final.mask
    assert edited.any()
    assert not shown()[edited].any()


def test_a_reference_is_compared_with(loaded, panes, shell, run, finish, tiny_data, shown):
    open_image(loaded, shell, tiny_data / "images" / "val" / "val_0.png")
    loaded.runs.generate()
    finish(loaded, timeout=60_000)
    assert loaded.view.comparison.other.name == "reference"
    run("difference")
    assert not shown().any()  # nothing was edited


def test_nothing_to_compare_with_is_said(window, finish):
    window.commands["pin"].trigger()
    assert not window.commands["pin"].isChecked()
    window.commands["swipe"].trigger()
    window.studio.runs.generate()
    finish(window)
    assert "Nothing to compare with" in window.comparison.note.words.text()
    np.testing.assert_array_equal(window.image.shown, window.studio.runs.trajectory.result.noisy)


def test_a_pane_that_is_put_away_does_not_count_for_the_zoom(window):
    window.resize(900, 600)
    window.grab()  # lays out what is put away, too
    assert 32 * window.studio.view.viewpoint.zoom <= window.image.width()  # the whole image is in view


def test_a_comparison_that_waits_for_an_image_says_so(loaded, panes, run, finish):
    note = panes.comparison.note
    run("swipe")
    assert note.words.text() == "Compares as soon as there is an image"
    assert not note.isHidden()
    run("generate")
    finish(loaded)
    assert note.words.text().startswith("Nothing to compare with")
    run("compare_off")
    assert note.isHidden()
    loaded.open_document(Document(loaded.document.checkpoint))
    assert note.isHidden()


def test_three_panes_share_the_smallest_window(open_window):
    window = open_window(size=None)
    window.resize(LEAST)
    title = window.image_title.parentWidget()
    assert any(button.isVisible() for button in title.findChildren(QToolButton))  # the menu has the others
    window.commands["side_by_side"].trigger()
    panes = (window.canvas, window.image, window.side.pane)
    for pane in panes:
        pane.window().layout().activate()
    QApplication.sendPostedEvents()
    widths = [pane.width() for pane in panes]
    assert max(widths) - min(widths) <= 1
    edges = [(pane.mapTo(window, QPoint()).x(), pane.width()) for pane in panes]
    for (left, width), (right, _) in pairwise(edges):
        assert left + width <= right
    assert window.image_title.width() >= window.image_title.minimumSizeHint().width()
    window.commands["compare_off"].trigger()
