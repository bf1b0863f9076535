import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.measure import label as connected_parts

from segpaint.core.masks.fill import fill, wand
from segpaint.core.masks.mask import Mask
from segpaint.core.masks.paint import brush_rule
from segpaint.core.masks.shapes import ellipse, framed, polygon, rectangle, square_brush

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=24)
# Also outside the mask, for a hand does not stop at its edge.
POINTS = st.tuples(st.floats(-12, 36), st.floats(-12, 36))
INSIDE = st.tuples(st.floats(3, 20), st.floats(3, 20))
MASKS = arrays(np.uint8, (8, 9), elements=st.sampled_from([0, 1, 2]))
IMAGES = arrays(np.float32, (8, 9), elements=st.floats(-2, 2, width=32))
PIXELS = st.tuples(st.integers(0, 7), st.integers(0, 8))


def painted(footprint, shape):
    """The pixels that a footprint touches in a mask; fails where its box does not fit."""
    mask = Mask(np.zeros(shape, np.uint8))
    box = mask.paint(footprint, brush_rule(1))
    assert 0 <= box.top <= box.bottom <= shape[0]
    assert 0 <= box.left <= box.right <= shape[1]
    assert mask.values.sum() == footprint.inside.sum()
    return mask.values == 1


@given(SHAPES, st.lists(POINTS, max_size=7))
def test_a_polygon_touches_the_pixels_in_its_box_and_no_others(shape, points):
    touched = painted(polygon(points, shape), shape)
    if not touched.any():
        return
    rows, columns = np.nonzero(touched)
    corners = np.array(points)
    # The slack is for rounding.
    assert (rows + 0.5 >= corners[:, 0].min() - 1e-6).all()
    assert (rows + 0.5 <= corners[:, 0].max() + 1e-6).all()
    assert (columns + 0.5 >= corners[:, 1].min() - 1e-6).all()
    assert (columns + 0.5 <= corners[:, 1].max() + 1e-6).all()


@given(SHAPES, POINTS, POINTS)
def test_a_rectangle_is_the_polygon_of_its_corners(shape, first, second):
    (top, left), (bottom, right) = first, second
    corners = [(top, left), (top, right), (bottom, right), (bottom, left)]
    drawn, outlined = painted(rectangle(first, second, shape), shape), painted(polygon(corners, shape), shape)
    # A centre on the very edge is a matter of taste.
    on_edge = np.zeros(shape, bool)
    for edge in (top, bottom):
        on_edge[np.isclose(np.arange(shape[0]) + 0.5, edge)] = True
    for edge in (left, right):
        on_edge[:, np.isclose(np.arange(shape[1]) + 0.5, edge)] = True
    np.testing.assert_array_equal(drawn[~on_edge], outlined[~on_edge])


@given(SHAPES, POINTS, POINTS)
def test_an_ellipse_lies_in_its_rectangle(shape, first, second):
    inside = painted(ellipse(first, second, shape), shape)
    assert not (inside & ~painted(rectangle(first, second, shape), shape)).any()


def test_an_ellipse_has_the_area_of_one():
    area = ellipse((10, 20), (70, 60), (80, 80)).inside.sum()
    assert area == pytest.approx(np.pi * 30 * 20, rel=0.02)


@given(POINTS, POINTS, st.booleans())
def test_a_frame_lies_between_pixels_and_near_the_hand(first, second, square):
    corners = framed(first, second, square=square)
    assert all(along == round(along) for corner in corners for along in corner)
    assert np.abs(np.subtract(corners[0], first)).max() <= 0.5
    height, width = np.abs(np.subtract(*corners))
    if square:
        assert height == width
        assert abs(height - np.abs(np.subtract(first, second)).max()) <= 1
    else:
        assert np.abs(np.subtract(corners[1], second)).max() <= 0.5


@given(POINTS, POINTS)
def test_a_circle_is_round_whichever_way_it_is_drawn(first, second):
    # On a mask that holds all of it.
    first, second = (tuple(50 + along for along in point) for point in (first, second))
    inside = ellipse(*framed(first, second, square=True), (150, 150)).inside
    diameter = len(inside)
    assert inside.shape in ((diameter, diameter), (0, 0))
    for turned in (inside[::-1], inside[:, ::-1], inside.T):
        np.testing.assert_array_equal(inside, turned)
    if diameter >= 4:
        assert inside[0].sum() >= 2  # no nub at its ends
        runs = inside.sum(axis=1)
        assert (np.diff(runs[: diameter // 2]) >= 0).all()
        centres = np.arange(diameter) + 0.5 - diameter / 2
        np.testing.assert_array_equal(inside, np.hypot(centres[:, None], centres) < diameter / 2)


def test_shapes_without_an_area_touch_nothing():
    assert not polygon([(1, 1), (5, 5)], (9, 9)).inside.any()
    assert not ellipse((2, 2), (2, 7), (9, 9)).inside.any()
    assert not rectangle((2.1, 2), (2.3, 7), (9, 9)).inside.any()


@given(INSIDE, st.integers(1, 5))
def test_a_dab_of_a_square_brush_is_a_square(point, size):
    inside = square_brush(point, point, size, (40, 40)).inside
    assert inside.shape == (size, size)
    assert inside.all()


@given(INSIDE, INSIDE, st.integers(1, 5))
def test_a_stroke_of_a_square_brush_has_no_gaps(start, end, size):
    shape = (24, 24)
    touched = painted(square_brush(start, end, size, shape), shape)
    assert connected_parts(touched, connectivity=1).max() == 1
    for point in (start, end):
        assert touched[painted(square_brush(point, point, size, shape), shape)].all()


@given(SHAPES, POINTS, POINTS, st.integers(1, 9))
def test_a_square_brush_stays_in_the_mask(shape, start, end, size):
    painted(square_brush(start, end, size, shape), shape)


@given(MASKS, PIXELS)
def test_a_fill_is_the_region_under_the_pixel(values, pixel):
    region = painted(fill(values, pixel), values.shape)
    assert region[pixel]
    assert set(values[region].flat) == {values[pixel]}
    assert connected_parts(region, connectivity=1).max() == 1
    around = np.pad(region, 1)
    beside = around[:-2, 1:-1] | around[2:, 1:-1] | around[1:-1, :-2] | around[1:-1, 2:]
    assert not (values[beside & ~region] == values[pixel]).any()


@given(MASKS, PIXELS)
def test_a_fill_everywhere_is_every_pixel_of_the_value(values, pixel):
    region = painted(fill(values, pixel, contiguous=False), values.shape)
    np.testing.assert_array_equal(region, values == values[pixel])


@given(
    arrays(np.float32, (8, 9), elements=st.floats(-2, 2, width=32)), st.floats(-2, 2), st.floats(-2, 2), PIXELS
)
def test_the_wand_finds_a_range_of_intensities(image, lowest, highest, pixel):
    within = (image >= lowest) & (image <= highest)
    np.testing.assert_array_equal(painted(wand(image, lowest, highest), image.shape), within)
    joined = painted(wand(image, lowest, highest, pixel), image.shape)
    if within[pixel]:
        expected = painted(fill(within.astype(np.uint8), pixel), image.shape)
        np.testing.assert_array_equal(joined, expected)
    else:
        assert not joined.any()
