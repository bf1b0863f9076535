import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from segpaint.core.masks.push import push

SIZE = 40
POINTS = st.tuples(st.floats(-4, SIZE + 4), st.floats(-4, SIZE + 4))


def heart():
    """A ring around a disk, with another disk against it."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(rows - 18, columns - 16)
    values = np.where(np.hypot(rows - 22, columns - 30) < 7, 3, 0)
    values[distance < 11] = 2
    values[distance < 7] = 1
    return values.astype(np.uint8)


@given(st.lists(POINTS, min_size=2, max_size=5), st.floats(2, 20), st.sets(st.integers(0, 3), max_size=2))
def test_each_label_stays_in_one_piece(path, radius, locked):
    pushed = push(heart(), path, radius, locked)
    for value in (0, 1, 2, 3):
        assert ndimage.label(pushed == value)[1] == 1
    for value in locked:
        np.testing.assert_array_equal(pushed == value, heart() == value)


def test_the_border_under_the_hand_follows_it():
    before = heart()
    after = push(before, [(18.5, 5.5), (18.5, 1.5)], 10)
    assert np.flatnonzero(before[18] == 2)[0] == 6
    assert np.flatnonzero(after[18] == 2)[0] == 2


def test_nothing_moves_beyond_the_rim():
    changed = push(heart(), [(18.5, 5.5), (18.5, 1.5)], 6) != heart()
    rows, columns = np.nonzero(changed)
    assert len(rows)
    assert (np.hypot(rows - 18, columns - np.clip(columns, 1, 5)) <= 7).all()


def test_a_slow_hand_does_as_much_as_a_fast_one():
    fast = push(heart(), [(18.5, 5.5), (18.5, 2.5)], 12)
    slow = push(heart(), [(18.5, column) for column in np.arange(5.5, 2.4, -0.25)], 12)
    assert (fast != heart()).sum() > 20
    assert (slow != fast).sum() <= 6


@pytest.mark.parametrize("path", [[], [(5, 5)], [(5, 5), (5, 5)]], ids=["none", "a press", "a rest"])
def test_a_hand_that_stays_moves_nothing(path):
    np.testing.assert_array_equal(push(heart(), path, 8), heart())


def test_a_speck_is_not_lost():
    values = np.zeros((20, 20), np.uint8)
    values[10, 10] = 1
    assert (push(values, [(10, 4), (10, 18)], 5) == 1).any()


def test_a_radius_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        push(heart(), [(1, 1), (2, 2)], 0)
