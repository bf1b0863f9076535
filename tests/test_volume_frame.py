"""What a model sees of a slice lies where the frame lies, and a change goes back there alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.frame import Frame

SHAPE = 60, 80
frames = st.builds(
    Frame,
    st.tuples(st.floats(-10, 70), st.floats(-10, 90)),
    st.integers(4, 40),
    st.tuples(st.floats(0.3, 4), st.floats(0.3, 4)),
)
rng = np.random.default_rng(5)


def slope(shape=SHAPE):
    """A slice whose values are its places: linear interpolation leaves them exact."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return (3 * rows + 5 * columns).astype(np.float32)


def test_a_frame_of_the_slices_own_pixels_is_a_piece_of_it():
    plane = rng.integers(0, 1000, SHAPE).astype(np.int16)
    frame = Frame((29.5, 39.5), 20, (1, 1))
    np.testing.assert_array_equal(frame.cut(plane, -1000), plane[20:40, 30:50])
    np.testing.assert_array_equal(frame.cut_mask(plane.astype(np.uint8)), plane[20:40, 30:50].astype(np.uint8))


@pytest.mark.parametrize("step", [0.5, 0.8, 1.0])
def test_pixels_of_the_model_are_where_the_frame_has_them(step):
    frame = Frame((30, 40), 16, (step, step))
    seen = frame.cut(slope(), 0)
    middle = 3 * 30 + 5 * 40
    along = (np.arange(16) - 7.5) * step
    np.testing.assert_allclose(seen, middle + 3 * along[:, None] + 5 * along[None, :], rtol=1e-5)


def test_beside_the_slice_is_the_value_beyond():
    frame = Frame((0, 0), 10, (1, 1))
    seen = frame.cut(np.full(SHAPE, 7.0), -1000)
    assert seen[-1, -1] == 7
    assert seen[0, 0] == -1000
    assert frame.cut_mask(np.full(SHAPE, 3, np.uint8))[0, 0] == 0


def test_values_that_are_no_numbers_become_the_value_beyond():
    plane = np.full(SHAPE, 7.0)
    plane[30, 40] = np.nan
    assert Frame((30, 40), 5, (1, 1)).cut(plane, -1)[2, 2] == -1


@given(frames.filter(lambda frame: max(frame.step) <= 0.99) | st.just(Frame((0.0, 0.0), 4, (1.0, 1.0))))
def test_a_mask_comes_back_from_finer_pixels(frame):
    mask = np.random.default_rng(1).integers(0, 5, SHAPE).astype(np.uint8)
    back = frame.put_mask(frame.cut_mask(mask), SHAPE, around=mask)
    np.testing.assert_array_equal(back, mask)


def test_colours_are_cut_and_put_back_together():
    plane = rng.integers(0, 255, (*SHAPE, 3)).astype(np.uint8)
    frame = Frame((29.5, 39.5), 20, (1, 1))
    np.testing.assert_array_equal(frame.cut(plane, 0), plane[20:40, 30:50])
    change = np.zeros((20, 20, 3), np.float32)
    change[5, 6] = 1, -1, 2
    edited = plane.astype(np.int16) + frame.spread(change, SHAPE)
    assert (edited[25, 36] - plane[25, 36].astype(int)).tolist() == [1, -1, 2]


def test_a_frame_knows_how_far_it_is_from_the_models_own_pixels():
    frame = Frame.fitting((512, 512), (0.7, 0.7), 128, 1.4)
    assert frame.step == pytest.approx((2, 2))
    assert frame.enlargement((0.7, 0.7), 1.4) == pytest.approx(1)
    assert frame.is_usual((0.7, 0.7), 1.4)
    assert not frame.scaled(1.3).is_usual((0.7, 0.7), 1.4)
    assert frame.box == pytest.approx((255.5 - 128, 255.5 + 128, 255.5 - 128, 255.5 + 128))
    assert frame.moved(3, -4).centre == (258.5, 251.5)


def test_pixels_that_are_not_square_become_square():
    frame = Frame.fitting((60, 80), (2.0, 1.0), 20, 1.0)
    assert frame.step == (0.5, 1.0)


@pytest.mark.parametrize("step", [(0, 1), (-1, 1), (float("nan"), 1)])
def test_a_frame_without_size_is_refused(step):
    with pytest.raises(SegPaintError, match="above 0"):
        Frame((0, 0), 10, step)
