"""A wall need not be closed: what it lies around is its inside, in every gesture that asks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import Side, has_inside, thicken
from segpaint.core.masks.transform import Axis, mirror, transform
from segpaint.paths import EXAMPLES_FOLDER, resources

BODY, WALL, CAVITY, NEIGHBOUR = 1, 2, 3, 4
SIZE = 64


def table(nests):
    """A body, a wall, its cavity, and an organ beside it; the first three may lie within each other."""
    return LabelTable(
        (
            Label(index=BODY, name="body", color="#cc8844"),
            Label(index=WALL, name="wall", color="#dd3333", parent=BODY if nests else None),
            Label(index=CAVITY, name="cavity", color="#dd33dd", parent=WALL if nests else None),
            Label(index=NEIGHBOUR, name="neighbour", color="#eeeeaa", parent=BODY if nests else None),
        )
    )


@st.composite
def open_rings(draw):
    """A ring with a gap, around a cavity, beside another organ; and how far each pixel is from its centre."""
    gap, turn = draw(st.floats(0, 270)), draw(st.floats(0, 360))
    inner, thickness = draw(st.floats(6, 12)), draw(st.floats(2.5, 7))
    around = draw(st.sampled_from([0, BODY, FREE]))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    reach = np.hypot(rows - 31.5, columns - 31.5)
    angle = (np.degrees(np.arctan2(rows - 31.5, columns - 31.5)) - turn) % 360
    values = np.full((SIZE, SIZE), around, np.uint8)
    values[(reach <= inner + thickness) & (reach > inner) & (angle >= gap)] = WALL
    values[reach <= inner] = CAVITY
    if draw(st.booleans()):
        beside = (reach > inner + thickness) & (reach <= inner + thickness + 8) & (columns > 36)
        values[beside] = NEIGHBOUR
    return Anatomy(values, table(draw(st.booleans())), WALL), reach > inner + thickness


@given(open_rings(), st.floats(1, 5))
def test_outward_takes_nothing_of_the_cavity_and_inward_nothing_outside(ring, pixels):
    anatomy, outside = ring
    before = anatomy.values
    assert has_inside(anatomy)
    outward, inward = (thicken(anatomy, pixels, side) for side in (Side.OUTWARD, Side.INWARD))
    np.testing.assert_array_equal(outward == CAVITY, before == CAVITY)
    # What wall and cavity enclose together, as a slit in the wall, is no outside.
    open_air = ~ndimage.binary_fill_holes(np.isin(before, (WALL, CAVITY)))
    np.testing.assert_array_equal(inward[open_air | outside], before[open_air | outside])
    for after in (outward, inward):
        assert (after[before == WALL] == WALL).all()
        assert (after == WALL).sum() > (before == WALL).sum()
    assert (outward[outside] == WALL).any()
    both = thicken(anatomy, pixels, Side.BOTH) == WALL
    np.testing.assert_array_equal(both, (outward == WALL) | (inward == WALL))


@given(open_rings(), st.floats(1, 4), st.integers(0, 3))
def test_a_turned_mask_gives_the_same_turned(ring, pixels, turns):
    anatomy, _ = ring
    turned = Anatomy(np.rot90(anatomy.values, turns).copy(), anatomy.table, WALL)
    for side in Side:
        np.testing.assert_array_equal(
            thicken(turned, pixels, side), np.rot90(thicken(anatomy, pixels, side), turns)
        )


def test_a_pinhole_in_an_open_wall_is_not_its_inside():
    rows, columns = np.mgrid[:SIZE, :SIZE]
    reach = np.hypot(rows - 31.5, columns - 31.5)
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[(reach <= 18) & (reach > 11) & (rows > 22)] = WALL
    values[reach <= 11] = CAVITY
    values[46, 32] = 0
    after = thicken(Anatomy(values, table(nests=False), WALL), 2, Side.OUTWARD)
    np.testing.assert_array_equal(after == CAVITY, values == CAVITY)


@pytest.mark.parametrize("side", [Side.INWARD, Side.OUTWARD])
def test_a_label_around_nothing_thickens_both_ways_only(side):
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[20:40, 20:40] = WALL
    values[20:40, 40:50] = NEIGHBOUR
    anatomy = Anatomy(values, table(nests=False), WALL)
    assert not has_inside(anatomy)
    np.testing.assert_array_equal(thicken(anatomy, 3, side), values)
    assert (thicken(anatomy, 3, Side.BOTH) != values).any()


def test_the_example_whose_half_is_free_thickens_as_asked():
    path = next((resources() / EXAMPLES_FOLDER).glob("cardiac*/*half*.png"))
    with Image.open(path) as image:
        values = np.array(image)
    labels = LabelTable(
        (
            Label(index=1, name="LV cavity", color="#e4572e"),
            Label(index=2, name="LV myocardium", color="#2ca58d"),
        )
    )
    anatomy = Anatomy(values, labels, 2)
    outward, inward = (thicken(anatomy, 3, side) for side in (Side.OUTWARD, Side.INWARD))
    np.testing.assert_array_equal(outward == 1, values == 1)
    assert set(values[inward != values]) == {1}
    assert (outward == 2).sum() > (values == 2).sum() + 100


@given(open_rings())
def test_a_cavity_goes_along_with_a_wall_that_goes_most_of_the_way_around(ring):
    anatomy, _ = ring
    cavity = anatomy.values == CAVITY
    moved = transform(anatomy, move=(0, 3), with_enclosed=True)
    enclosed = anatomy.enclosed | anatomy.shape
    # All of the cavity goes, or nothing of it: never a part.
    assert (enclosed & cavity).sum() in (0, cavity.sum())
    if (enclosed & cavity).any():
        assert (moved[:, 3:][cavity[:, :-3]] == CAVITY).all()


def test_the_cavity_of_an_open_ring_is_mirrored_with_it():
    rows, columns = np.mgrid[:SIZE, :SIZE]
    reach = np.hypot(rows - 31.5, columns - 20)
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[(reach <= 14) & (reach > 9) & (columns < 24)] = WALL
    values[reach <= 9] = CAVITY
    mirrored = mirror(Anatomy(values, table(nests=False), WALL), Axis.IMAGE, with_enclosed=True)
    np.testing.assert_array_equal(mirrored, values[:, ::-1])


def test_what_only_touches_a_dent_stays_where_it_is():
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[20:44, 10:30] = WALL
    values[30:34, 28:30] = NEIGHBOUR
    values[22:42, 30:50] = NEIGHBOUR
    assert not Anatomy(values, table(nests=False), WALL).enclosed.any()
