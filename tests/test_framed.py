"""A change of what a model sees goes back into the slice, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.framed import Framed

SHAPE = 60, 80
frames = st.builds(
    Frame,
    st.tuples(st.floats(-10, 70), st.floats(-10, 90)),
    st.integers(4, 40),
    st.tuples(st.floats(0.3, 4), st.floats(0.3, 4)),
)
rng = np.random.default_rng(5)
FIXED = -200.0, 300.0


def scan():
    return rng.integers(-1000, 2000, SHAPE).astype(np.int16)


@given(frames)
def test_what_did_not_change_stays_bit_for_bit(frame):
    plane = rng.normal(0, 300, SHAPE).astype(np.float32)
    framed = Framed.of(plane, frame, 1)
    np.testing.assert_array_equal(framed.changed(framed.image), plane)


@given(frames, st.integers(0, 10**6))
def test_pixels_away_from_a_change_stay_bit_for_bit(frame, seed):
    chance, plane = np.random.default_rng(seed), scan()
    framed = Framed.of(plane, frame, 1, FIXED)
    image = framed.image.copy()
    row, column = chance.integers(0, frame.side, 2)
    image[row, column] ^= 128
    edited = framed.changed(image)
    rows, columns = np.nonzero(edited != plane)
    place = np.array(frame.centre) + (np.array([row, column]) - (frame.side - 1) / 2) * frame.step
    assert (np.abs(rows - place[0]) <= frame.step[0] + 1e-6).all()
    assert (np.abs(columns - place[1]) <= frame.step[1] + 1e-6).all()
    assert edited.dtype == plane.dtype


def test_a_change_keeps_the_fine_structure_of_the_slice():
    plane = rng.normal(50, 20, SHAPE).astype(np.float32)
    framed = Framed.of(plane, Frame((29.5, 39.5), 10, (4, 4)), 1, FIXED)
    edited = framed.changed(framed.image + np.uint8(51))
    np.testing.assert_allclose(edited[10:50, 20:60], plane[10:50, 20:60] + 100, rtol=1e-4)


def test_what_the_model_saw_as_white_gives_way_where_it_became_dark():
    plane = np.full(SHAPE, 1500, np.int16)  # bone, far beyond the window
    framed = Framed.of(plane, Frame((29.5, 39.5), 10, (1, 1)), 1, FIXED)
    image = framed.image.copy()
    image[4:6, 4:6] = 128
    edited = framed.changed(image)
    assert abs(int(edited[29, 39]) - 51) <= 1
    assert edited[10, 10] == 1500
    image[4:6, 4:6] = 254  # as good as white
    assert framed.changed(image)[29, 39] > 1300


def test_whole_numbers_stay_within_their_range():
    framed = Framed.of(np.full(SHAPE, 250, np.uint8), Frame((30, 40), 10, (1, 1)), 1)
    assert framed.changed(np.full((10, 10), 255, np.uint8)).max() == 255
    assert framed.changed(np.zeros((10, 10), np.uint8))[30, 40] == 0


@pytest.mark.parametrize(("bands", "channels"), [(1, 3), (3, 1), (3, 3)])
def test_grey_and_colour_meet(bands, channels):
    shape = SHAPE if bands == 1 else (*SHAPE, 3)
    plane = rng.integers(20, 200, shape).astype(np.uint8)
    framed = Framed.of(plane, Frame((29.5, 39.5), 20, (1, 1)), channels)
    assert framed.image.shape == ((20, 20) if channels == 1 else (20, 20, 3))
    edited = framed.changed(framed.image + np.uint8(9))
    np.testing.assert_array_equal(edited[20:40, 30:50], plane[20:40, 30:50] + 9)
    assert (edited[:20] == plane[:20]).all()


def test_values_that_are_no_numbers_are_seen_as_black_and_stay():
    plane = np.full(SHAPE, 100.0, np.float32)
    plane[:, :40] = np.nan
    framed = Framed.of(plane, Frame((29.5, 39.5), 20, (1, 1)), 1, (0, 200))
    assert framed.image[5, 15] == 128
    assert np.isnan(framed.changed(framed.image)[:, :40]).all()


def test_an_image_of_another_size_is_refused():
    framed = Framed.of(scan(), Frame((30, 40), 10, (1, 1)), 1)
    with pytest.raises(SegPaintError, match="changed image"):
        framed.changed(np.zeros((11, 11), np.uint8))


@given(frames, st.integers(0, 10**6))
def test_an_edit_of_the_mask_leaves_the_others_pixels_alone(frame, seed):
    chance = np.random.default_rng(seed)
    around = chance.integers(0, 4, SHAPE).astype(np.uint8)
    framed = Framed.of(scan(), frame, 1)
    before = frame.cut_mask(around)
    np.testing.assert_array_equal(framed.drawn(before, before, around), around)
    after = before.copy()
    after[: frame.side // 2] = 5
    drawn = framed.drawn(before, after, around)
    assert set(np.unique(drawn[drawn != around])) <= {5}
    reached = frame.put_mask(np.ones_like(before), SHAPE) == 1
    assert (drawn[~reached] == around[~reached]).all()
