"""What a stroke encloses, in the mask and beside it."""

from functools import partial
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from segpaint.core.masks.enclosed import Trail, enclosed
from segpaint.core.masks.paint import brush
from segpaint.core.masks.shapes import square_brush

SHAPE = (20, 24)
REGIONS = arrays(bool, SHAPE)
PATHS = st.lists(st.tuples(st.floats(-7, 27), st.floats(-7, 31)), min_size=2, max_size=12)
BRUSHES = st.sampled_from([brush, square_brush])


def draw_with(shape, size):
    return lambda start, end, around: shape(start, end, size, around)


def on(shape, footprint):
    """Put a footprint into a blank mask."""
    mask = np.zeros(shape, bool)
    rows, columns = footprint.inside.shape
    mask[footprint.top : footprint.top + rows, footprint.left : footprint.left + columns] = footprint.inside
    return mask


@given(REGIONS)
def test_what_is_enclosed_has_no_way_out_and_all_else_has(region):
    inside = enclosed(region)
    assert not (inside & region).any()
    np.testing.assert_array_equal(inside | region, ndimage.binary_fill_holes(region))
    assert not enclosed(region | inside).any()


@given(REGIONS, REGIONS)
def test_what_is_enclosed_stays_so_while_a_region_grows(region, more):
    grown = region | more
    assert not (enclosed(region) & ~grown & ~enclosed(grown)).any()


@given(path=PATHS, size=st.integers(1, 6), shape=BRUSHES)
def test_a_trail_yields_at_each_movement_what_has_just_been_enclosed(path, size, shape):
    trail, far, touched = Trail(SHAPE), 40, np.zeros((100, 104), bool)
    draw, filled = draw_with(shape, size), np.zeros(SHAPE, bool)
    for start, end in pairwise([path[0], *path]):
        new = on(SHAPE, trail.add(draw, start, end))
        assert not (new & filled).any()
        filled |= new
        moved = [(row + far, column + far) for row, column in (start, end)]
        dab = on(touched.shape, shape(*moved, size, touched.shape))
        before = touched | ndimage.binary_fill_holes(touched)
        touched |= dab
        held = (ndimage.binary_fill_holes(touched) & ~before & ~dab)[far : far + 20, far : far + 24]
        np.testing.assert_array_equal(new, held)


def ring(trail, draw, places):
    found = np.zeros(SHAPE, bool)
    for start, end in pairwise([places[0], *places]):
        found |= on(SHAPE, trail.add(draw, start, end))
    return found


CORNERS = [(4.0, 4.0), (4.0, 16.0), (15.0, 16.0), (15.0, 4.0)]


def test_an_open_stroke_encloses_nothing_and_would_enclose_what_it_lies_around():
    trail, draw = Trail(SHAPE), draw_with(brush, 3)
    assert not ring(trail, draw, [*CORNERS, (9.0, 4.0)]).any()
    assert not trail.closing(draw, (9.0, 4.0), reach=4).inside.any()  # its beginning is further
    inside = on(SHAPE, trail.closing(draw, (9.0, 4.0), reach=6))
    assert inside[10, 10]
    assert not inside[10, 20]
    np.testing.assert_array_equal(ring(trail, draw, [(9.0, 4.0), CORNERS[0]]), inside)
    assert not trail.closing(draw, CORNERS[0], reach=6).inside.any()  # it has closed


def test_a_loop_closes_beside_the_mask_too():
    trail, draw = Trail(SHAPE), draw_with(brush, 3)
    found = ring(trail, draw, [(row, column - 9) for row, column in [*CORNERS, CORNERS[0]]])
    assert found[6:13, :5].all()
    assert not found[:, 8:].any()


def test_what_lies_too_far_out_counts_as_lying_at_the_edge():
    trail, draw = Trail(SHAPE), draw_with(partial(brush), 3)
    away = [(4.0, 4.0), (4.0, 500.0), (15.0, 500.0), (15.0, 4.0), (4.0, 4.0)]
    assert ring(trail, draw, away)[10, 10:].all()
