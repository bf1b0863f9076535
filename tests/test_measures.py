"""Sizes of shapes whose size is known."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import ndimage

from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.measures import measure

SIZE = 128
WALL, CAVITY = 1, 2
TABLE = LabelTable(
    (
        Label(index=WALL, name="wall", color="#ff0000"),
        Label(index=CAVITY, name="cavity", color="#0000ff"),
        Label(index=3, name="outer", color="#00ff00"),
        Label(index=4, name="inner", color="#ffff00", parent=3),
    )
)
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE].astype(float)
centres = st.tuples(st.floats(56, 72), st.floats(56, 72))


def measured(values, label=WALL, sectors=6):
    return measure(Anatomy(values.astype(np.uint8), TABLE, label), sectors)


def disc(centre, radius):
    return np.hypot(ROWS - centre[0], COLUMNS - centre[1]) <= radius


def ring(outer, inner):
    return np.where(inner, CAVITY, np.where(outer, WALL, 0))


def ellipse(centre, down, right, angle):
    rows, columns = ROWS - centre[0], COLUMNS - centre[1]
    along, across = (
        math.cos(angle) * rows + math.sin(angle) * columns,
        -math.sin(angle) * rows + math.cos(angle) * columns,
    )
    return (along / down) ** 2 + (across / right) ** 2 <= 1


@given(centre=centres, radius=st.floats(6, 30), thickness=st.floats(2, 20))
@example(centre=(56.5, 56.0), radius=6.0, thickness=13.25)  # the pixels of its inside are narrower than that
@example(centre=(56.0, 56.8125), radius=6.5625, thickness=6.59375)
def test_a_ring_is_as_thick_as_it_is(centre, radius, thickness):
    found = measured(ring(disc(centre, radius + thickness), disc(centre, radius)))
    assert found.wall.mean == pytest.approx(thickness, abs=0.5)
    assert found.wall.least == pytest.approx(thickness, abs=1)
    assert found.wall.most == pytest.approx(thickness, abs=1)
    assert found.wall.sectors == pytest.approx([thickness] * 6, abs=0.5)


@given(
    centre=centres,
    down=st.floats(12, 28),
    right=st.floats(12, 28),
    angle=st.floats(0, 3),
    thickness=st.floats(3, 12),
)
@example(centre=(62.0, 71.0), down=13.0, right=13.0, angle=0.0, thickness=9.0)
def test_a_wall_around_an_ellipse_is_as_thick_as_it_is(centre, down, right, angle, thickness):
    inner = ellipse(centre, down, right, angle)
    found = measured(ring(ndimage.distance_transform_edt(~inner) - 0.5 <= thickness, inner))
    assert found.wall.mean == pytest.approx(thickness, abs=0.5)
    assert found.wall.sectors == pytest.approx([thickness] * 6, abs=0.75)


@given(
    centre=centres,
    shift=st.floats(0, 5),
    angle=st.floats(0, 6.2),
    radius=st.floats(10, 20),
    thickness=st.floats(7, 15),
)
def test_a_ring_around_another_centre_is_thin_on_one_side(centre, shift, angle, radius, thickness):
    inner = centre[0] - shift * math.cos(angle), centre[1] + shift * math.sin(angle)  # clockwise from the top
    found = measured(ring(disc(centre, radius + thickness), disc(inner, radius)))
    assert found.wall.least == pytest.approx(thickness - shift, abs=0.75)
    assert found.wall.most == pytest.approx(thickness + shift, abs=0.75)
    if shift > 2:
        thinnest = int(np.argmin(found.wall.sectors))
        off = (angle - (thinnest + 0.5) * math.pi / 3 + math.pi) % (2 * math.pi) - math.pi
        assert abs(off) < 0.6 * math.pi / 3 + 0.4


@given(centre=centres, radius=st.floats(3, 40))
def test_a_disc_is_as_wide_as_it_is(centre, radius):
    found = measured(np.where(disc(centre, radius), WALL, 0))
    assert found.longest == pytest.approx(2 * radius, abs=1)
    assert found.shortest == pytest.approx(2 * radius, abs=1.2)
    assert found.wall is None


@given(height=st.integers(1, 40), width=st.integers(1, 40))
def test_a_rectangle_has_its_diagonal_and_its_shorter_side(height, width):
    values = np.zeros((SIZE, SIZE))
    values[20 : 20 + height, 30 : 30 + width] = WALL
    found = measured(values)
    assert found.pixels == height * width
    assert found.longest == pytest.approx(math.hypot(height, width), abs=1)
    assert found.shortest == pytest.approx(min(height, width), abs=0.5)


def test_an_open_wall_has_sectors_without_a_thickness():
    outer, inner = disc((64, 64), 30), disc((64, 64), 20)
    values = ring(outer, inner)
    values[(values == WALL) & (ROWS <= 65) & (COLUMNS >= 63)] = 0  # from the top to the right: a quarter
    found = measured(values, sectors=4)
    assert math.isnan(found.wall.sectors[0])
    assert found.wall.sectors[1:] == pytest.approx([10] * 3, abs=0.75)


def test_a_label_is_measured_with_those_inside_it():
    values = np.where(disc((64, 64), 10), 4, np.where(disc((64, 64), 20), 3, 0))
    assert measured(values, 3).longest == pytest.approx(40, abs=1)
    assert measured(values, 3).wall.mean == pytest.approx(10, abs=0.5)
    assert measured(values, 4).longest == pytest.approx(20, abs=1)


def test_what_is_not_there_has_no_size():
    assert measured(np.zeros((SIZE, SIZE))) is None


def test_a_pixel_has_a_size():
    values = np.zeros((SIZE, SIZE))
    values[0, 127] = WALL
    found = measured(values)
    assert (found.pixels, found.wall) == (1, None)
    assert 0.5 < found.shortest <= found.longest < 1.5
