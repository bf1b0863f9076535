import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.transform import Axis, mirror, shares_outside, transform

TABLE = LabelTable(
    (
        Label(index=1, name="body", color="#cc8844"),
        Label(index=2, name="heart", color="#dd3333", parent=1),
        Label(index=3, name="cavity", color="#dd33dd", parent=2),
    )
)
# A heart with its cavity somewhere in a body that fills the mask.
HEARTS = arrays(np.uint8, (12, 14), elements=st.sampled_from([1, 2, 3]))
SHIFTS = st.tuples(st.integers(-9, 9), st.integers(-9, 9))


def shifted(values, rows, columns):
    """What a move makes of an array, and which pixels had no source."""
    height, width = values.shape
    row, column = np.mgrid[:height, :width]
    row, column = row - rows, column - columns
    known = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return np.where(known, values[row.clip(0, height - 1), column.clip(0, width - 1)], 1)


@given(HEARTS, SHIFTS)
def test_a_label_moves_with_what_lies_inside_it(values, shift):
    moved = transform(Anatomy(values, TABLE, 2), move=shift)
    np.testing.assert_array_equal(moved, shifted(values, *shift))


@given(HEARTS, SHIFTS)
def test_moving_there_and_back_keeps_what_stayed_inside(values, shift):
    there = transform(Anatomy(values, TABLE, 2), move=shift)
    if not TABLE.shape_of(there, 2).any():
        return
    back = transform(Anatomy(there, TABLE, 2), move=(-shift[0], -shift[1]))
    stayed = shifted(np.full_like(values, 7), -shift[0], -shift[1]) == 7
    np.testing.assert_array_equal(back[stayed], values[stayed])


@given(HEARTS, st.sampled_from(Axis))
def test_mirroring_twice_is_the_identity(values, axis):
    once = mirror(Anatomy(values, TABLE, 2), axis)
    np.testing.assert_array_equal(mirror(Anatomy(once, TABLE, 2), axis), values)


@given(HEARTS)
def test_mirroring_about_the_image_reverses_the_columns(values):
    np.testing.assert_array_equal(mirror(Anatomy(values, TABLE, 2), Axis.IMAGE), values[:, ::-1])


def test_mirroring_about_itself_leaves_a_label_where_it_is():
    values = np.ones((8, 20), np.uint8)
    values[2:6, 2:7] = 2
    values[4, 2:4] = 3
    mirrored = mirror(Anatomy(values, TABLE, 2), Axis.LABEL)
    np.testing.assert_array_equal(TABLE.shape_of(mirrored, 2), TABLE.shape_of(values, 2))
    np.testing.assert_array_equal(np.argwhere(mirrored == 3), [(4, 5), (4, 6)])


def test_a_quarter_turn_is_counter_clockwise():
    values = np.ones((21, 21), np.uint8)
    values[10, 5:16] = values[5:16, 10] = 2
    values[10, 15] = 3  # at the right end of a cross
    turned = transform(Anatomy(values, TABLE, 2), degrees=90)
    np.testing.assert_array_equal(np.argwhere(turned == 3), [(5, 10)])
    np.testing.assert_array_equal(TABLE.shape_of(turned, 2), TABLE.shape_of(values, 2))


def test_scaling_keeps_the_centroid():
    values = np.ones((41, 41), np.uint8)
    values[16:25, 14:27] = 2
    scaled = transform(Anatomy(values, TABLE, 2), scale=2)
    region = scaled == 2
    assert abs(region.sum() / (values == 2).sum() - 4) < 0.2
    np.testing.assert_allclose(np.argwhere(region).mean(axis=0), (20, 20), atol=0.5)


def test_a_locked_label_inside_stays_behind_and_leaves_no_hole():
    values = np.ones((12, 24), np.uint8)
    values[2:10, 2:10] = 2
    values[4:6, 4:6] = 3
    moved = transform(Anatomy(values, TABLE, 2, [3]), move=(0, 12))
    np.testing.assert_array_equal(moved == 3, values == 3)
    assert (moved[2:10, 14:22] == 2).all()


def test_a_scale_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        transform(Anatomy(np.ones((3, 3), np.uint8), TABLE, 1), scale=0)


FLAT = LabelTable(
    (Label(index=1, name="cavity", color="#cc8844"), Label(index=2, name="wall", color="#dd3333"))
)


def ring():
    """A wall around a cavity that lies off its centre, in background."""
    rows, columns = np.mgrid[:30, :30]
    values = np.where(np.hypot(rows - 14, columns - 14) < 7, 2, 0)
    values[np.hypot(rows - 14, columns - 15) < 4] = 1
    return values.astype(np.uint8)


@given(st.tuples(st.integers(-6, 6), st.integers(-6, 6)))
def test_what_a_wall_encloses_goes_along_if_asked(shift):
    np.testing.assert_array_equal(
        transform(Anatomy(ring(), FLAT, 2), move=shift, with_enclosed=True), np.roll(ring(), shift, (0, 1))
    )
    assert (transform(Anatomy(ring(), FLAT, 2), move=(0, 6)) == 1).sum() != (ring() == 1).sum()
    np.testing.assert_array_equal(
        mirror(Anatomy(ring(), FLAT, 2), Axis.IMAGE, with_enclosed=True), ring()[:, ::-1]
    )


def test_what_lies_around_a_label_is_not_enclosed_by_it():
    values = np.ones((20, 20), np.uint8)
    values[5:12, 5:12] = 2
    values[7:10, 7:10] = 1  # body, seen through a heart
    moved = transform(Anatomy(values, TABLE, 2), move=(0, 5), with_enclosed=True)
    assert (moved == 2).sum() == (values == 2).sum()
    assert moved[8, 8] == 1


@given(
    arrays(np.uint8, (14, 14), elements=st.sampled_from([0, 1, 2, 3, 255])),
    SHIFTS, st.floats(-180, 180), st.floats(0.3, 2), st.sets(st.sampled_from([0, 1, 2, 3, 255])),
)  # fmt: skip
def test_locked_values_never_change_and_no_unknown_ones_appear(values, shift, degrees, scale, locked):
    anatomy = Anatomy(values, TABLE, 2, locked)
    placed = transform(anatomy, move=shift, degrees=degrees, scale=scale, with_enclosed=True)
    assert set(np.unique(placed)) <= {0, 1, 2, 3, 255}
    for value in locked:
        np.testing.assert_array_equal(placed == value, values == value)


@given(SHIFTS)
def test_the_share_that_leaves_the_mask_is_what_is_missing_afterwards(shift):
    anatomy = Anatomy(ring(), FLAT, 2)
    moved = transform(anatomy, move=shift, with_enclosed=True)
    shares = shares_outside(anatomy, move=shift, with_enclosed=True)
    for label in (1, 2):
        before = (ring() == label).sum()
        assert (moved == label).sum() == round(before * (1 - shares.get(label, 0)))


def test_turned_and_scaled_pixels_leave_the_mask_too():
    values = np.zeros((21, 21), np.uint8)
    values[0, :] = 2  # a line along the upper edge
    anatomy = Anatomy(values, FLAT, 2)
    assert shares_outside(anatomy) == {}
    assert shares_outside(anatomy, degrees=90) == {2: 10 / 21}
    assert shares_outside(anatomy, scale=3)[2] > 0.6
    assert shares_outside(anatomy, move=(-1, 0)) == {2: 1}
