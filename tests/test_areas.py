import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from segpaint.core.labels.areas import Area, with_inside
from segpaint.core.labels.counting import count_values
from segpaint.core.masks.mask import Mask
from segpaint.core.masks.paint import brush, brush_rule
from segpaint.core.words import percentage

MASKS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_every_pixel_is_counted_once(values):
    values.flags.writeable = False
    counts = count_values(values)
    assert counts.sum() == values.size
    np.testing.assert_array_equal(counts, [np.count_nonzero(values == value) for value in range(256)])


@given(MASKS, st.integers(0, 255), st.integers(1, 9), st.floats(0, 40), st.floats(0, 40))
def test_a_dab_moves_pixels_from_one_count_to_another(values, value, size, row, column):
    mask = Mask(values)
    footprint = brush((row, column), (row, column), size, mask.shape)
    old = count_values(values)
    box = mask.paint(footprint, brush_rule(value))
    lost = np.bincount(values[box.slices][footprint.inside], minlength=256)
    gained = np.where(np.arange(256) == value, footprint.inside.sum(), 0)
    np.testing.assert_array_equal(count_values(mask.values), old - lost + gained)


def test_a_label_counts_alone_or_with_what_lies_inside_it(drawn_mask, table):
    counts = count_values(drawn_mask)
    whole = with_inside(counts, table)
    assert all(counts[[1, 2, 4]])
    assert whole[1] == counts[1] + counts[2]
    np.testing.assert_array_equal(np.delete(whole, 1), np.delete(counts, 1))


@pytest.mark.parametrize(
    ("pixels", "spacing", "short"),
    [
        (0, 1.4, "–"),
        (1, 1.4, "2 mm²"),
        (510, 1.4, "1,000 mm²"),
        (511, 1.4, "1,002 mm²"),
        (16384, 1.4, "32,113 mm²"),
        (0, None, "–"),
        (1, None, "0.01 %"),
        (672, None, "4.1 %"),
        (16384, None, "100 %"),
    ],
)
def test_one_figure_tells_most(pixels, spacing, short):
    assert Area(pixels, 128 * 128, spacing).short == short


@given(st.integers(0, 128 * 128), st.sampled_from([None, 0.3, 1.4, 20.0]))
def test_room_for_the_longest_is_room_for_all(pixels, spacing):
    area = Area(pixels, 128 * 128, spacing)
    assert len(area.short) <= len(area.longest)


def test_all_figures():
    assert Area(1026, 128 * 128, 1.4).parts == ("1,026 pixels", "2,011 mm²", "6.3 %")
    assert Area(0, 128 * 128, 1.4).parts == ("no pixels",)
    assert Area(1, 128 * 128).parts == ("1 pixel", "0.01 %")


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_a_smaller_percentage(one, other):
    low, high = sorted((one, other))
    assert float(percentage(low).split()[0]) <= float(percentage(high).split()[0])
    assert abs(float(percentage(low).split()[0]) - 100 * low) <= max(0.0051, 0.051 * 100 * low)
