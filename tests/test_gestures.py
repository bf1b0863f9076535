import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import (
    Side,
    fill_holes,
    grow,
    islands,
    remove_islands,
    shrink,
    smooth,
    take_island,
    thicken,
)
from segpaint.core.masks.push import push
from segpaint.core.masks.transform import Axis, mirror, transform

TABLE = LabelTable(
    (
        Label(index=1, name="body", color="#cc8844"),
        Label(index=2, name="heart", color="#dd3333", parent=1),
        Label(index=3, name="cavity", color="#dd33dd", parent=2),
        Label(index=4, name="bone", color="#eeeeaa"),
    )
)
VALUES = (0, 1, 2, 3, 4, FREE)
# Noise, and blocks of 3 by 3 pixels, whose borders are straight enough for a gesture to do something.
MASKS = arrays(np.uint8, (12, 12), elements=st.sampled_from(VALUES)) | arrays(
    np.uint8, (4, 4), elements=st.sampled_from(VALUES)
).map(lambda coarse: coarse.repeat(3, axis=0).repeat(3, axis=1))
LABELS = st.sampled_from(TABLE.indices)
LOCKED = st.sets(st.sampled_from(VALUES), max_size=3)
PIXELS = st.floats(0, 5)
SHIFTS = st.tuples(st.floats(-8, 8), st.floats(-8, 8))
OF_ONE_LABEL = st.one_of(
    st.builds(lambda pixels: lambda anatomy: grow(anatomy, pixels), PIXELS),
    st.builds(lambda pixels: lambda anatomy: shrink(anatomy, pixels), PIXELS),
    st.builds(lambda pixels: lambda anatomy: smooth(anatomy, pixels), PIXELS),
    st.builds(
        lambda pixels, side: lambda anatomy: thicken(anatomy, pixels, side), PIXELS, st.sampled_from(Side)
    ),
    st.builds(lambda least: lambda anatomy: remove_islands(anatomy, least), st.none() | st.integers(1, 20)),
    st.just(fill_holes),
    st.builds(
        lambda move, degrees, scale: (
            lambda anatomy: transform(anatomy, move=move, degrees=degrees, scale=scale)
        ),
        SHIFTS,
        st.floats(-180, 180),
        st.floats(0.2, 3),
    ),
    st.builds(lambda axis: lambda anatomy: mirror(anatomy, axis), st.sampled_from(Axis)),
)
PUSHES = st.builds(
    lambda path, radius: lambda anatomy: push(anatomy.values, path, radius, anatomy.locked),
    st.lists(st.tuples(st.floats(-2, 14), st.floats(-2, 14)), max_size=4),
    st.floats(0.5, 8),
)


def bone(values, locked=()):
    return Anatomy(values, TABLE, 4, locked)


def heart(values, locked=()):
    return Anatomy(values, TABLE, 2, locked)


def disk(radius, value=4, size=48, centre=None, inner=-1.0):
    row, column = centre or (size / 2, size / 2)
    rows, columns = np.mgrid[:size, :size]
    distance = np.hypot(rows - row, columns - column)
    return np.where((distance <= radius) & (distance > inner), value, 0).astype(np.uint8)


def over(*layers):
    """Each layer on those before it."""
    mask = layers[0].copy()
    for layer in layers[1:]:
        mask[layer > 0] = layer[layer > 0]
    return mask


@given(MASKS, LABELS, LOCKED, OF_ONE_LABEL | PUSHES)
def test_any_gesture_keeps_the_promises(values, label, locked, gesture):
    before = values.copy()
    values.flags.writeable = False
    after = gesture(Anatomy(values, TABLE, label, locked))
    np.testing.assert_array_equal(values, before)
    assert after.shape == values.shape
    assert after.dtype == np.uint8
    assert not np.shares_memory(after, values)
    assert not TABLE.unknown(after)
    # Nothing else comes in than what was there, the label, and what lies around it where it has left.
    assert set(after.flat) <= {*values.flat, label, TABLE[label].parent or 0}
    for value in locked:
        np.testing.assert_array_equal(after == value, values == value)


@given(MASKS, LOCKED, OF_ONE_LABEL)
def test_what_is_vacated_joins_a_neighbour_and_is_never_a_hole(values, locked, gesture):
    after = gesture(bone(values, locked))
    for value in set(VALUES) - {4}:
        pieces, count = ndimage.label(after == value)
        for number in range(1, count + 1):
            # A piece that lies wholly where the label was would be a hole that it left.
            assert (values[pieces == number] != 4).any()


@given(MASKS, st.sampled_from([2, 3]), OF_ONE_LABEL)
def test_what_a_nested_label_vacates_goes_to_what_adjoins_it_most(values, label, gesture):
    after = gesture(Anatomy(values, TABLE, label))
    vacated = np.isin(values, TABLE.family(label)) & ~np.isin(after, TABLE.family(label))
    shape = TABLE.shape_of(values, label)
    border = values[ndimage.binary_dilation(shape) & ~shape]
    adjoining = {index: (border == index).sum() for index in TABLE.ancestors(label)}
    most = [index for index, count in adjoining.items() if count == max(adjoining.values())]
    # Of equals, the innermost, which is listed first.
    assert (after[vacated] == most[0]).all()


def test_a_removed_jaw_leaves_soft_tissue_and_a_removed_part_of_the_skull_leaves_bone():
    """Labels lie inside other labels by nature, though hardly any pixel of those may be there."""
    for around in (1, 2):
        values = np.full((12, 12), around, np.uint8)
        values[4:8, 4:8] = 3
        values[4, 8] = 2
        removed = Anatomy(values, TABLE, 3).outlined(np.zeros(values.shape, bool))
        assert (removed[values == 3] == around).all()


@pytest.mark.parametrize("pixels", [1, 2.5, 4])
@pytest.mark.parametrize("radius", [8, 11.3])
def test_growing_then_shrinking_keeps_a_disk(radius, pixels):
    values = disk(radius)
    grown = grow(bone(values), pixels)
    back = shrink(bone(grown), pixels)
    assert abs(np.sqrt((grown == 4).sum() / np.pi) - radius - pixels) < 0.5
    assert (back[values == 4] == 4).all()
    assert (back != values).sum() <= 0.02 * (values == 4).sum()


def test_the_edge_of_the_mask_is_no_border():
    values = np.zeros((9, 9), np.uint8)
    values[:, :5] = 4
    shrunk = shrink(bone(values), 2)
    np.testing.assert_array_equal(shrunk[:, :3], 4)
    np.testing.assert_array_equal(shrunk[:, 3:], 0)
    everywhere = np.full((9, 9), 4, np.uint8)
    np.testing.assert_array_equal(shrink(bone(everywhere), 2), everywhere)


def test_shrinking_cuts_off_a_label_inside_unless_it_is_locked():
    values = over(disk(20, 1), disk(12, 2), disk(9, 3))
    shallow, deep = shrink(heart(values), 2), shrink(heart(values), 6)
    np.testing.assert_array_equal(shallow == 3, values == 3)
    assert (deep == 3).sum() < (values == 3).sum()
    assert set(deep[(values == 3) & (deep != 3)].flat) == {1}
    np.testing.assert_array_equal(shrink(heart(values, [3]), 6) == 3, values == 3)


def test_growing_leaves_labels_inside_alone_and_covers_those_outside():
    values = over(disk(20, 1), disk(8, 2), disk(4, 3), disk(4, 4, centre=(24, 36)))
    grown = grow(heart(values), 6)
    np.testing.assert_array_equal(grown == 3, values == 3)
    assert (grown == 4).sum() < (values == 4).sum()


@pytest.mark.parametrize("side", Side)
def test_a_wall_thickens_on_the_side_that_was_asked_for(side):
    values = over(disk(14, 4), disk(9, 1))
    added = thicken(bone(values), 2, side) != values
    rows, columns = np.nonzero(added)
    reach = np.hypot(rows - 24, columns - 24)
    assert (reach <= 9).any() == (side is not Side.OUTWARD)
    assert (reach > 14).any() == (side is not Side.INWARD)


@given(st.floats(0, 4))
def test_smoothing_keeps_the_area(pixels):
    values = over(disk(12), disk(3, centre=(24, 37)))
    area = (values == 4).sum()
    assert abs((smooth(bone(values), pixels) == 4).sum() - area) <= 0.03 * area


def test_smoothing_takes_a_spike_away():
    values = disk(12)
    values[24, 36:44] = 4
    assert not (smooth(bone(values), 2)[24, 40:44] == 4).any()


def test_islands_come_largest_first_and_small_ones_go():
    values = over(disk(8), disk(4, centre=(6, 6)), disk(2, centre=(6, 40)))
    pieces = islands(bone(values))
    sizes = np.bincount(pieces.ravel())[1:].tolist()
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 3
    np.testing.assert_array_equal(pieces > 0, values == 4)
    np.testing.assert_array_equal(remove_islands(bone(values)) == 4, pieces == 1)
    np.testing.assert_array_equal(remove_islands(bone(values), sizes[1]) == 4, (pieces == 1) | (pieces == 2))


@given(values=MASKS, label=LABELS, number=st.integers(1, 5), target=st.sampled_from([None, 1, 2, FREE]))
def test_an_island_is_taken_only_where_there_are_several(values, label, number, target):
    pieces = islands(Anatomy(values, TABLE, label))
    taken = take_island(Anatomy(values, TABLE, label), number, target)
    if 2 <= pieces.max() >= number:
        assert not (taken[pieces == number] == label).any() or target == label
        np.testing.assert_array_equal((taken == label)[pieces != number], (values == label)[pieces != number])
    else:
        np.testing.assert_array_equal(taken, values)


@given(MASKS, LABELS)
def test_islands_are_the_pieces_of_a_shape(values, label):
    shape = np.isin(values, TABLE.family(label))
    pieces, (expected, count) = islands(Anatomy(values, TABLE, label)), ndimage.label(shape)
    assert pieces.max() == count
    # One number for each piece, and one piece for each number.
    assert len(set(zip(pieces.flat, expected.flat, strict=True))) == count + (not shape.all())


def test_thousands_of_specks_take_no_more_memory_than_one():
    checkered = (4 * (np.indices((128, 128)).sum(axis=0) % 2)).astype(np.uint8)
    tracemalloc.start()
    assert islands(bone(checkered)).max() == 128 * 64
    assert (remove_islands(bone(checkered)) == 4).sum() == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * checkered.nbytes


def test_gaps_fill_but_no_label_is_swallowed():
    gaps = disk(2, 1), disk(1, FREE, centre=(24, 15))
    values = over(disk(20, 1), disk(12, 2), disk(5, 3), *gaps, disk(1, 4, centre=(33, 24)))
    values[disk(1, centre=(24, 33)) > 0] = 0
    filled = fill_holes(heart(values))
    for label in (3, 4):  # one that lies inside it, and another's
        np.testing.assert_array_equal(filled == label, values == label)
    assert set(filled[disk(12) > 0].flat) == {2, 3, 4}


@given(
    arrays(np.uint8, (3, 3), elements=st.sampled_from((0, 4))).map(
        lambda coarse: np.kron(coarse, np.ones((5, 5)))
    ),
    st.floats(0.3, 4),
    st.tuples(st.integers(0, 20), st.integers(0, 40)),
)
def test_smoothing_looks_no_further_than_need_be(coarse, pixels, corner):
    values = np.zeros((48, 60), np.uint8)
    values[corner[0] : corner[0] + 15, corner[1] : corner[1] + 15] = coarse
    label = values == 4
    area = np.count_nonzero(label)
    smoothed = smooth(bone(values), pixels)
    if area:
        away = ndimage.distance_transform_edt
        blurred = ndimage.gaussian_filter(away(label) - away(~label), pixels, mode="nearest")
        level = np.sort(blurred, axis=None)[-area]
        sure = abs(blurred - level) > 1e-9
        np.testing.assert_array_equal(smoothed[sure] == 4, blurred[sure] > level)


@pytest.mark.parametrize("gesture", [grow, shrink, smooth])
def test_negative_pixels_are_refused(gesture):
    with pytest.raises(ValueError, match="begin at 0"):
        gesture(bone(disk(4)), -1)


def test_what_is_vacated_behind_a_locked_wall_does_not_leak_through_it():
    values = over(disk(20, FREE), disk(12, 1), disk(8, 4))
    shrunk = shrink(bone(values, [1]), 3)
    np.testing.assert_array_equal(shrunk, values)


@given(MASKS, LOCKED, st.floats(0, 5), st.tuples(*[st.integers(0, 30)] * 4))
def test_what_lies_far_off_changes_nothing_of_what_neighbours_get(values, locked, pixels, margins):
    """Of two neighbours as near as each other the same one gets the pixel, however large the mask is."""
    top, bottom, left, right = margins
    framed = np.pad(values, 1)  # nothing reaches beyond the edge, so that nothing is cut off there
    padded = np.pad(framed, ((top, bottom), (left, right)))
    rows, columns = framed.shape
    shrunk = shrink(bone(padded, locked), pixels)
    np.testing.assert_array_equal(
        shrunk[top : top + rows, left : left + columns], shrink(bone(framed, locked), pixels)
    )
