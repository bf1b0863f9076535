import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.pictures.intensities import IntensityWindow, histogram_heights

EVERY = np.arange(256, dtype=np.uint8)
windows = st.builds(IntensityWindow, st.floats(1, 510), st.floats(0, 255))


def test_the_whole_window_shows_intensities_as_they_are():
    assert IntensityWindow().is_whole
    np.testing.assert_array_equal(IntensityWindow().applied(EVERY), EVERY)
    assert (IntensityWindow().lowest, IntensityWindow().highest) == (0, 255)


def test_a_window_spreads_its_intensities_from_black_to_white():
    shown = IntensityWindow.between(100, 150).applied(EVERY)
    assert not shown[:101].any()
    assert (shown[150:] == 255).all()
    assert shown[125] == 128


@given(windows)
def test_what_is_brighter_is_shown_no_darker(window):
    shown = window.applied(EVERY).astype(int)
    assert (np.diff(shown) >= 0).all()


def test_colours_are_windowed_each_by_itself():
    picture = np.stack([EVERY, EVERY[::-1], EVERY], -1)[None]
    shown = IntensityWindow.between(50, 100).applied(picture)
    assert shown.shape == picture.shape
    np.testing.assert_array_equal(shown[0, :, 1], shown[0, ::-1, 0])


@given(windows, st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_a_window_stays_within_bounds(window, by, raised):
    changed = window.widened(by, raised)
    assert 1 <= changed.width <= 510
    assert 0 <= changed.level <= 255


@given(st.integers(0, 254), st.integers(1, 255))
def test_a_window_has_the_ends_that_it_is_given(lowest, width):
    highest = min(255, lowest + width)
    window = IntensityWindow.between(lowest, highest)
    assert (window.lowest, window.highest) == pytest.approx((lowest, highest))


def test_ends_that_meet_leave_a_grey_level_between_them():
    assert IntensityWindow.between(90, 90).width == 1


def test_the_surround_does_not_flatten_the_histogram():
    pixels = np.repeat(np.array([0, 120, 200], np.uint8), [100_000, 50, 200])
    heights = histogram_heights(pixels)
    assert heights.shape == (256,)
    assert heights.max() == 1
    assert heights[200] > heights[120] > 0.01
    assert heights[60] == 0
