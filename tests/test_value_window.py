"""Between the values of a volume and shades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.presets import Preset
from segpaint.core.volumes.volume import ArrayVoxels, Stored, Volume
from segpaint.core.volumes.windows import ValueWindow, presets_of, training_window, window_of

RAMP = np.linspace(-1000, 1000, 64, dtype=np.float32).reshape(8, 8)


def volume(values, **more):
    geometry = Geometry.of((1, 8, 8), (0, 0, 0), (1, 1, 1), np.eye(3))
    return Volume(ArrayVoxels(values[None, None]), geometry, "a scan", Stored("int16"), **more)


@given(st.floats(-2000, 2000), st.floats(1, 4000), st.floats(1, 4000))
def test_a_window_spreads_its_values_from_black_to_white(lowest, width, beside):
    window = ValueWindow(lowest, lowest + width)
    values = np.array([[lowest - beside, lowest, window.level, window.highest, lowest + width + beside]])
    shades = window.shades(values)[0]
    assert shades[[0, 1, 3, 4]].tolist() == [0, 0, 255, 255]
    assert shades[2] in (127, 128)


def test_a_change_of_shades_is_one_of_values():
    before, after = np.full((2, 2), 10, np.uint8), np.full((2, 2), 61, np.uint8)
    assert np.allclose(ValueWindow(-100, 400).change(before, after), 51 / 255 * 500)
    colors = np.zeros((2, 2, 3), np.uint8)
    assert (ValueWindow(-100, 400).change(colors, colors + 7) == 7).all()


def test_the_window_of_the_file_comes_before_the_usual_ones():
    own = Preset("of the file", 300, 70)
    scan = volume(RAMP, modality="CT", presets=(own,))
    assert presets_of(scan)[0] == own
    assert window_of(scan, RAMP) == ValueWindow(-80, 220)
    assert window_of(volume(RAMP, modality="CT"), RAMP) == ValueWindow(-160, 240)


def test_values_of_no_known_meaning_are_stretched_and_eight_bits_are_not():
    found = window_of(volume(RAMP, modality="MR"), RAMP)
    assert (found.lowest, found.highest) == pytest.approx(np.percentile(RAMP, (0.5, 99.7)))
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert window_of(volume(picture), picture) == ValueWindow(0, 255)
    assert (window_of(volume(picture), picture).shades(picture) == picture).all()
    assert training_window(None, picture) == ValueWindow(0, 255)
    assert training_window((-324, 426), RAMP) == ValueWindow(-324, 426)


@pytest.mark.parametrize("values", [np.zeros((2, 2)), np.full((2, 2), np.nan), np.array([[np.inf, 3.0]])])
def test_values_without_a_range_still_have_a_window(values):
    window = ValueWindow.around(values)
    assert window.shades(values).shape == values.shape
    assert window.width > 0


def test_an_empty_window_is_refused():
    with pytest.raises(SegPaintError, match="upper end must be the larger one"):
        ValueWindow(3, 3)
