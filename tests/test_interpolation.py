import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.masks.interpolation import interpolate

TABLE = LabelTable(
    (
        Label(index=1, name="body", color="#cc8844"),
        Label(index=2, name="heart", color="#dd3333", parent=1),
        Label(index=3, name="cavity", color="#dd33dd", parent=2),
        Label(index=4, name="bone", color="#eeeeaa"),
    )
)
MASKS = arrays(np.uint8, (12, 12), elements=st.sampled_from([0, 1, 2, 3, 4, FREE]))


def disk(radius, inner=-1.0, value=4, size=64):
    rows, columns = np.mgrid[:size, :size]
    distance = np.hypot(rows - size / 2, columns - size / 2)
    return np.where((distance <= radius) & (distance > inner), value, 0).astype(np.uint8)


@given(MASKS, MASKS)
def test_the_ends_are_the_masks_themselves(first, second):
    start, end = interpolate(first, second, TABLE, [0, 1])
    np.testing.assert_array_equal(start, first)
    np.testing.assert_array_equal(end, second)


@given(MASKS, MASKS, st.floats(0, 1))
def test_no_label_appears_that_neither_mask_holds(first, second, share):
    (between,) = interpolate(first, second, TABLE, [share])
    # The label around one that moves may show where it has left.
    around = {
        ancestor
        for value in (*first.flat, *second.flat)
        if value in TABLE
        for ancestor in TABLE.ancestors(value)
    }
    assert set(between.flat) <= {0, *first.flat, *second.flat, *around}


@given(MASKS, st.floats(0, 1))
def test_between_a_mask_and_itself_lies_that_mask(mask, share):
    (between,) = interpolate(mask, mask, TABLE, [share])
    np.testing.assert_array_equal(between, mask)


@given(st.floats(3, 28), st.floats(3, 28))
def test_the_area_between_concentric_disks_grows_steadily(small, large):
    small, large = sorted((small, large))
    areas = [
        np.count_nonzero(mask) for mask in interpolate(disk(small), disk(large), TABLE, np.linspace(0, 1, 9))
    ]
    assert areas == sorted(areas)


def test_half_way_between_two_disks_lies_the_disk_of_mean_radius():
    (between,) = interpolate(disk(10), disk(20), TABLE, [0.5])
    assert np.sqrt(np.count_nonzero(between) / np.pi) == pytest.approx(15, abs=0.5)


def test_a_wall_that_moves_by_more_than_its_thickness_stays_whole():
    first = disk(14, 10, 4) + disk(10, value=1)
    second = disk(26, 22, 4) + disk(22, value=1)
    (between,) = interpolate(first, second, TABLE, [0.5])
    assert np.sqrt(np.count_nonzero(between == 1) / np.pi) == pytest.approx(16, abs=0.7)
    assert np.sqrt(np.count_nonzero(between) / np.pi) == pytest.approx(20, abs=0.7)
    middle = between[32, 32:]
    assert (np.diff((middle > 0).astype(int)) != 0).sum() == 1  # no gap between the two


def test_a_label_that_one_mask_lacks_shrinks_to_nothing():
    areas = [np.count_nonzero(mask) for mask in interpolate(disk(20), disk(0) * 0, TABLE, np.linspace(0, 1, 6))]
    assert all(before > after for before, after in itertools.pairwise(areas))
    assert areas[-1] == 0


@given(MASKS, MASKS, st.floats(0, 1))
def test_a_label_stays_within_its_parent(first, second, share):
    """The parent's region is the same whether what lies inside it is told apart or not."""
    flat = LabelTable(label for label in TABLE if label.index in (1, 4))
    (between,) = interpolate(first, second, TABLE, [share])
    merged = [np.where(np.isin(mask, (2, 3)), 1, mask).astype(np.uint8) for mask in (first, second, between)]
    (outer,) = interpolate(merged[0], merged[1], flat, [share])
    np.testing.assert_array_equal(merged[2], outer)


def test_masks_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="shapes"):
        interpolate(disk(3, size=16), disk(3, size=32), TABLE, [0.5])
