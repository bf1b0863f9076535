"""What a ball that is led along a slice touches there, and on the slices beside it."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.masks.ball import Ball
from segpaint.core.masks.paint import brush, snap

SHAPE = (20, 24)
POINTS = st.tuples(st.floats(-5, 25), st.floats(-5, 29))
PATHS = st.lists(st.tuples(POINTS, st.integers(1, 12)), min_size=2, max_size=6)


def on(footprint):
    mask = np.zeros(SHAPE, bool)
    rows, columns = footprint.inside.shape
    mask[footprint.top : footprint.top + rows, footprint.left : footprint.left + columns] = footprint.inside
    return mask


def led(path):
    ball = Ball(SHAPE)
    for (start, _), (end, size) in pairwise([path[0], *path]):
        ball.add(start, end, size)
    return ball


@given(PATHS)
def test_on_its_own_slice_it_is_the_round_brush(path):
    expected = np.zeros(SHAPE, bool)
    for (start, _), (end, size) in pairwise([path[0], *path]):
        expected |= on(brush(start, end, size, SHAPE))
    np.testing.assert_array_equal(on(led(path).on(0)), expected)


@given(place=POINTS, size=st.integers(2, 15), away=st.floats(0, 9))
def test_of_each_slice_it_takes_the_pixels_whose_centres_lie_in_the_ball(place, size, away):
    ball = Ball(SHAPE)
    ball.add(place, place, size)
    row, column = snap(*place, size)
    rows, columns = np.indices(SHAPE) + 0.5
    apart = (rows - row) ** 2 + (columns - column) ** 2
    inside, reach = on(ball.on(away)), (size / 2) ** 2 - away**2
    assert inside[apart < reach - 1e-6].all()
    assert not inside[apart > reach + 1e-6].any()


@given(path=PATHS, near=st.floats(0, 7), further=st.floats(0, 7))
def test_it_gets_smaller_away_from_its_slice(path, near, further):
    ball = led(path)
    assert not (on(ball.on(near + further)) & ~on(ball.on(near))).any()
    assert not ball.on(20).inside.size


def test_what_it_encloses_on_a_slice_is_found_there():
    corners = [(4.5, 4.5), (4.5, 18.5), (15.5, 18.5), (15.5, 4.5), (4.5, 4.5)]
    ball = led([(corner, 5) for corner in corners])
    assert not on(ball.on(1))[10, 10]
    assert on(ball.on(1, filled=True))[10, 10]
    assert not ball.on(3, filled=True).inside.size
