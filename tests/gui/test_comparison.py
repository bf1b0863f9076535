"""Comparing images in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from segpaint.core.compare import difference_colors
from segpaint.gui.comparison import Mode
from segpaint.gui.controller import Controller


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
    assert "pinned" in window.comparison.note.text()
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
    assert "orange brighter" in window.comparison.note.text()


def test_a_branch_is_compared_with_its_parent(window, shown, finish, hand):
    session = window.session
    session.generate()
    finish(window)
    window.comparison.set_mode(Mode.SWIPE)
    session.scrub(1)
    hand(window, (24, 8))
    session.branch_off()
    finish(window)
    assert window.comparison.other[0] == "branch A"
    window.commands["difference_outside"].trigger()
    edited = session.request.final.mask != session.branches.current.parent.request.final.mask
    assert edited.any()
    assert not shown()[edited].any()


def test_a_reference_is_compared_with(window, finish, tiny_data, shown):
    window.findChild(Controller).references.open_image(tiny_data / "images" / "val" / "val_0.png")
    window.session.generate()
    finish(window, timeout=60_000)
    assert window.comparison.other[0] == "reference"
    window.commands["difference"].trigger()
    assert not shown().any()  # nothing was edited


def test_nothing_to_compare_with_is_said(window, finish, shown):
    window.commands["pin"].trigger()
    window.commands["swipe"].trigger()
    window.session.generate()
    finish(window)
    assert "Nothing to compare with" in window.comparison.note.text()
    np.testing.assert_array_equal(shown(), window.session.trajectory.result.noisy)
