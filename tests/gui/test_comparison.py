"""Comparing images in the real window."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QToolButton

from segpaint.core.pictures.compare import color_scale, difference_colors
from segpaint.gui.looking.comparison import Mode
from segpaint.gui.window.controller import Controller


@pytest.fixture
def shown(window):
    """What the image pane draws."""
    return lambda: window.image.shown


@pytest.fixture
def two(window, finish, hand):
    """A window with a pinned image and another one."""
    window.session.generate()
    finish(window)
    first = window.session.trajectory.result.noisy
    window.commands["pin"].trigger()
    hand(window, (10, 10), (20, 20))
    window.session.generate()
    finish(window)
    return first, window.session.trajectory.result.noisy


def test_a_swipe_follows_the_pointer(window, two, shown):
    pinned, image = two
    window.commands["swipe"].trigger()
    window.image.hovered.emit(QPointF(12.2, 5))
    np.testing.assert_array_equal(shown()[:, :12], image[:, :12])
    np.testing.assert_array_equal(shown()[:, 12:], pinned[:, 12:])
    assert "pinned" in window.comparison.note.words.text()
    window.commands["swipe"].trigger()  # again: off
    np.testing.assert_array_equal(shown(), image)
    assert window.comparison.note.isHidden()
    assert window.commands["compare_off"].isChecked()


def test_blinking_shows_both(window, two, shown, qtbot):
    pinned, image = two
    window.commands["blink"].trigger()
    np.testing.assert_array_equal(shown(), image)
    qtbot.waitUntil(lambda: np.array_equal(shown(), pinned), timeout=3000)
    qtbot.waitUntil(lambda: np.array_equal(shown(), image), timeout=3000)
    window.commands["compare_off"].trigger()


def test_the_difference_is_drawn_with_its_sign(window, two, shown):
    pinned, image = two
    window.commands["difference"].trigger()
    np.testing.assert_array_equal(shown(), difference_colors(image, pinned))
    note = window.comparison.note
    assert note.words.text() == "this image − pinned"
    assert not note.bar.isHidden()
    assert window.image.rect().contains(note.geometry())
    window.commands["swipe"].trigger()
    assert note.bar.isHidden()


def test_the_colour_bar_has_the_colours_of_the_difference(window, two):
    window.commands["difference"].trigger()
    drawn = window.comparison.note.bar.grab().toImage()
    for column, sign in ((1, -1.0), (drawn.width() // 2, 0.0), (drawn.width() - 2, 1.0)):
        there = drawn.pixelColor(column, 5)
        expected = color_scale(np.array(sign))
        np.testing.assert_allclose([there.red(), there.green(), there.blue()], expected, atol=6)


def test_side_by_side_shares_zoom_and_place(window, two, qtbot):
    pinned, image = two
    side = window.side
    assert side.isHidden()
    window.resize(1280, 760)
    window.commands["side_by_side"].trigger()
    qtbot.waitUntil(lambda: abs(side.pane.width() - window.image.width()) <= 1)
    np.testing.assert_array_equal(side.pane.shown, pinned)
    np.testing.assert_array_equal(window.image.shown, image)
    assert side.title.text() == "Pinned"
    window.viewpoint.zoom_at(QPointF(4, 4), 3.0)
    corners = [pane.position(QPointF(pane.width() / 2, 0)) for pane in (window.image, side.pane)]
    assert corners[0] == corners[1]
    window.commands["side_by_side"].trigger()
    assert side.isHidden()


def test_side_by_side_follows_what_there_is_to_compare_with(window, finish, hand):
    window.commands["side_by_side"].trigger()
    assert window.side.pane.shown is None
    assert not window.side.pane.hint.isHidden()
    session = window.session
    session.generate()
    finish(window)
    session.scrub(1)
    hand(window, (24, 8))
    session.branch_off()
    finish(window)
    assert window.side.title.text() == "Branch A"
    parent = session.branches.current.parent
    np.testing.assert_array_equal(window.side.pane.shown, parent.trajectory.result.picture)


def test_pinning_shows_and_is_taken_back(window, two):
    pin = window.commands["pin"]
    assert pin.isChecked()
    shown = [button for button in window.findChildren(QToolButton) if button.defaultAction() is pin]
    assert [button.isVisible() for button in shown] == [True]
    pin.trigger()
    assert window.comparison.other is None
    assert [button.isVisible() for button in shown] == [False]
    pin.trigger()
    window.session.open_checkpoint(window.session.document.checkpoint)
    assert not pin.isChecked()


def test_outside_the_edit_is_where_the_pinned_mask_is_the_same(window, two, shown):
    pinned, image = two
    window.commands["difference_outside"].trigger()
    edited = window.session.request.final.mask != window.comparison.other.mask
    assert edited.any()
    assert not shown()[edited].any()
    expected = difference_colors(image, pinned, ~edited)
    np.testing.assert_array_equal(shown(), expected)


def test_a_branch_is_compared_with_its_parent(window, shown, finish, hand):
    session = window.session
    session.generate()
    finish(window)
    window.comparison.set_mode(Mode.SWIPE)
    session.scrub(1)
    hand(window, (24, 8))
    session.branch_off()
    finish(window)
    assert window.comparison.other.name == "branch A"
    window.commands["difference_outside"].trigger()
    edited = session.request.final.mask != session.branches.current.parent.request.final.mask
    assert edited.any()
    assert not shown()[edited].any()


def test_a_reference_is_compared_with(window, finish, tiny_data, shown):
    window.findChild(Controller).references.open_image(tiny_data / "images" / "val" / "val_0.png")
    window.session.generate()
    finish(window, timeout=60_000)
    assert window.comparison.other.name == "reference"
    window.commands["difference"].trigger()
    assert not shown().any()  # nothing was edited


def test_nothing_to_compare_with_is_said(window, finish, shown):
    window.commands["pin"].trigger()
    assert not window.commands["pin"].isChecked()
    window.commands["swipe"].trigger()
    window.session.generate()
    finish(window)
    assert "Nothing to compare with" in window.comparison.note.words.text()
    np.testing.assert_array_equal(shown(), window.session.trajectory.result.noisy)


def test_a_pane_that_is_put_away_does_not_count_for_the_zoom(window):
    window.resize(900, 600)
    window.grab()  # lays out what is put away, too
    assert 32 * window.viewpoint.zoom <= window.image.width()  # the whole image is in view


def test_a_comparison_that_waits_for_an_image_says_so(window, finish):
    note = window.comparison.note
    window.commands["swipe"].trigger()
    assert note.words.text() == "Compares as soon as there is an image"
    assert not note.isHidden()
    window.commands["generate"].trigger()
    finish(window)
    assert note.words.text().startswith("Nothing to compare with")
    window.commands["compare_off"].trigger()
    assert note.isHidden()
    window.session.open_checkpoint(window.session.document.checkpoint)
    assert note.isHidden()


def test_three_panes_share_the_smallest_window(open_window):
    window = open_window(size=None)
    window.resize(window.minimumSize())
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
