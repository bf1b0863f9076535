"""Registering masks: the deformation that carries the old borders to the new ones."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import ndimage

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import Side, grow, shrink, thicken
from segpaint.core.masks.push import push
from segpaint.core.masks.registration import QUICK, THOROUGH, Deformation, register
from segpaint.core.masks.transform import transform
from segpaint.core.masks.warp import plan_warp

SIZE = 64
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]


def disk(row, column, radius):
    return np.hypot(ROWS - row, COLUMNS - column) < radius


def anatomy():
    """A body with a heart in it, and a bone outside it."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[disk(30, 30, 20)] = 1
    mask[disk(30, 30, 11)] = 2
    mask[disk(30, 58, 5)] = 4
    return mask


def picture():
    """A smooth picture with a different value nearly everywhere."""
    return (127 + 60 * np.sin(ROWS / 7) + 60 * np.cos(COLUMNS / 9)).round().astype(np.uint8)


def everywhere():
    return np.ones((SIZE, SIZE))


def dice(first, second):
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def triangles(field):
    """Twice the signed areas that the triangles between neighbouring pixels come from."""
    place = np.indices(field.shape[1:]) + field
    corner, down, right, across = (
        place[:, :-1, :-1], place[:, 1:, :-1], place[:, :-1, 1:], place[:, 1:, 1:],
    )  # fmt: skip
    for start, first, second in ((corner, down, right), (across, right, down)):
        sides = first - start, second - start
        yield sides[0][0] * sides[1][1] - sides[0][1] * sides[1][0]


GESTURES = {
    "grow": lambda heart: grow(heart, 3),
    "shrink": lambda heart: shrink(heart, 3),
    "move": lambda heart: transform(heart, move=(2, -4)),
    "turn and scale": lambda heart: transform(heart, degrees=20, scale=1.2),
    "thicken": lambda heart: thicken(heart, 2, Side.BOTH),
    "push": lambda heart: push(heart.values, [(30.5, 41.5), (30.5, 47)], 8),
}


@pytest.mark.parametrize("gesture", GESTURES)
def test_registration_reproduces_gestures(table, gesture):
    before = anatomy()
    after = GESTURES[gesture](Anatomy(before, table, 2))
    warp = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 6)
    warped = warp.deformation.warp_mask(before)
    for label in (1, 2, 4):
        assert dice(table.shape_of(warped, label), table.shape_of(after, label)) > 0.95
    assert warp.deformation.least_areas.min() > 0
    assert warp.anew.mean() < 0.02


def test_a_known_movement_is_found(table):
    before, after = (np.where(disk(30, column, 12), 2, 0).astype(np.uint8) for column in (28, 32))
    found = register(before, after, table, (2,), everywhere())
    border = disk(30, 32, 12) & ~disk(30, 32, 10)
    rows, columns = found.field[:, border]
    assert np.abs(rows).mean() < 0.5
    assert columns.mean() == pytest.approx(-4, abs=0.5)


@given(
    st.tuples(st.floats(15, 45), st.floats(15, 45), st.floats(4, 14)),
    st.tuples(st.floats(15, 45), st.floats(15, 45), st.floats(4, 14)),
    st.floats(3, 12),
)
@example((41.5, 41.5, 4.0), (15.0, 41.375, 4.0), 3.0)  # moves a whole pixel where its surroundings begin
def test_whatever_is_asked_can_be_undone(table, old, new, margin):
    before, after = (np.where(disk(*place), 2, 1).astype(np.uint8) for place in (old, new))
    field = plan_warp((before, (1, 2)), (after, (1, 2)), table, margin).deformation
    assert field.least_areas.min() > 0
    # A map is invertible if no triangle between neighbouring pixels turns over, and its rim stays (Tutte).
    assert all(area.min() > 0 for area in triangles(field.field))
    if (before != after).any():
        distance = ndimage.distance_transform_edt(before == after)
        assert not field.field[:, distance >= 2 * max(margin, 6)].any()


def test_where_nothing_moves_the_picture_stays_to_the_last_bit(table):
    before = anatomy()
    after = GESTURES["push"](Anatomy(before, table, 2))
    found = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 4).deformation
    still = ~found.field.any(axis=0)
    assert 0.3 < still.mean() < 0.95
    for image in (picture(), np.stack([picture()] * 3, axis=-1)):
        warped = found.warp(image)
        np.testing.assert_array_equal(warped[still], image[still])
        assert not np.array_equal(warped, image)


def test_what_did_not_change_holds_what_did(table):
    """A border beside the edit stays where it is, though the tissue between gives way."""
    before = anatomy()
    after = GESTURES["grow"](Anatomy(before, table, 2))
    warped = register(before, after, table, (1, 2, 4), everywhere()).warp_mask(before)
    assert np.count_nonzero((warped > 0) != (before > 0)) < 0.02 * np.count_nonzero(before)


@pytest.mark.parametrize("used", [(1, 2, 4), (1,)])
def test_equal_masks_need_no_deformation(table, used):
    warp = plan_warp((anatomy(), used), (anatomy(), used), table, 6)
    assert not warp.deformation.field.any()
    assert not warp.anew.any()


def test_labels_that_come_are_made_anew_those_that_go_are_filled_and_nothing_moves(table):
    with_bone = anatomy()
    without = np.where(with_bone == 4, 0, with_bone).astype(np.uint8)
    for before, after, change in ((with_bone, without, "gone"), (without, with_bone, "anew")):
        warp = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 6)
        assert not warp.deformation.field.any()
        assert getattr(warp, change)[with_bone == 4].all()
        assert not (warp.gone | warp.anew)[with_bone == 2].any()
        assert not (warp.gone & warp.anew).any()


def test_what_lay_around_a_label_that_goes_is_not_drawn_into_its_place(table):
    """A wall whose cavity goes stays where it is, though the mask asks for one solid wall."""
    before = anatomy()
    before[disk(30, 30, 6)] = 4
    after = np.where(before == 4, 2, before).astype(np.uint8)
    warp = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 6)
    assert warp.gone[disk(30, 30, 6)].all()
    assert not warp.deformation.field.any()
    assert not warp.anew.any()


def test_the_place_of_a_label_that_goes_is_filled_with_the_tissue_asked_for(table):
    """Bright bone right beside it is not carried on into it."""
    before = anatomy()
    before[disk(30, 45, 3)] = 4
    after = np.where(before == 2, 1, before).astype(np.uint8)
    image = picture()
    image[before == 1] = 100 + (ROWS + COLUMNS)[before == 1] % 2
    image[before == 4] = 255
    for shown in (image, np.dstack([image, image // 2, image])):
        warp = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 6)
        carried = warp.carry(shown)
        assert warp.gone[before == 2].all()
        assert not warp.anew.any()
        assert set(np.unique(np.atleast_3d(carried)[..., 0][before == 2])) <= {100, 101}
        np.testing.assert_array_equal(carried[~warp.gone], shown[~warp.gone])
        assert warp.level == 300


def test_a_label_that_goes_is_made_anew_where_its_picture_shows_nothing_to_fill_it_with(table):
    """Below the heart that becomes body, the picture has no body."""
    before = anatomy()
    before[before == 1] = 0
    after = np.where(before == 2, 1, before).astype(np.uint8)
    warp = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 6)
    assert not warp.gone.any()
    assert warp.anew[before == 2].all()


def test_what_the_reference_did_not_know_is_made_anew(table):
    warp = plan_warp((anatomy(), (1, 2)), (anatomy(), (1, 2, 4)), table, 6)
    assert warp.anew[anatomy() == 4].all()
    assert not warp.anew[anatomy() == 2].any()


def test_a_free_region_is_made_anew(table):
    free = anatomy()
    free[20:26, 20:26] = FREE
    warp = plan_warp((anatomy(), (1, 2, 4)), (free, (1, 2, 4)), table, 6)
    assert warp.anew[20:26, 20:26].all()
    assert not warp.anew[disk(30, 58, 5)].any()
    assert not plan_warp((free, (1, 2, 4)), (free, (1, 2, 4)), table, 6).anew.any()


def test_what_no_deformation_brings_there_is_made_anew(table):
    """A second piece of a label cannot be stretched out of the first one."""
    before, after = anatomy(), anatomy()
    after[disk(54, 8, 6)] = 4
    warp = plan_warp((before, (1, 2, 4)), (after, (1, 2, 4)), table, 6)
    assert warp.anew[disk(54, 8, 4)].all()
    assert not warp.anew[disk(30, 30, 10)].any()


def test_the_more_is_stretched_the_more_noise(table):
    heart = Anatomy(anatomy(), table, 2)
    levels = []
    for pixels in (0, 1, 3, 6):
        after = shrink(heart, pixels)
        levels.append(plan_warp((anatomy(), (1, 2, 4)), (after, (1, 2, 4)), table, 6).level)
    assert levels == sorted(levels)
    assert levels[0] == 120
    assert levels[0] < levels[-1] <= 200


@pytest.mark.parametrize("degrees", [0, 30, 135])
@pytest.mark.parametrize(("along", "across"), [(1.0, 1.0), (0.5, 1.0), (0.4, 1.5), (2.0, 1.2)])
def test_the_least_length_is_that_of_the_direction_that_is_stretched_most(degrees, along, across):
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    derivative = turn @ np.diag([along, across]) @ turn.T
    places = np.einsum("ij,jhw->ihw", derivative, np.indices((24, 20)).astype(float))
    field = Deformation(places - np.indices((24, 20)))
    np.testing.assert_allclose(field.least_lengths, min(along, across), atol=1e-9)
    np.testing.assert_allclose(field.areas, along * across, atol=1e-9)


def test_fine_detail_stays_but_where_it_is_drawn_out_or_made_anew(table):
    heart = Anatomy(anatomy(), table, 2)
    still = plan_warp((anatomy(), (1, 2, 4)), (anatomy(), (1, 2, 4)), table, 6)
    np.testing.assert_array_equal(still.detail, 1)
    pushed = plan_warp((anatomy(), (1, 2, 4)), (shrink(heart, 6), (1, 2, 4)), table, 6)
    lengths = pushed.deformation.least_lengths
    assert pushed.detail[lengths < 0.4].max(initial=0) == 0
    assert (pushed.detail[(lengths > 0.72) & ~pushed.anew & ~pushed.gone] == 1).all()
    assert ((pushed.detail > 0) & (pushed.detail < 1)).any()
    removed = np.where(anatomy() == 4, 1, anatomy()).astype(np.uint8)
    gone = plan_warp((anatomy(), (1, 2, 4)), (removed, (1, 2, 4)), table, 6)
    assert (gone.detail[anatomy() == 4] == 0).all()


def test_a_quick_search_comes_near_to_a_thorough_one(table):
    before, used = anatomy(), (1, 2, 4)
    after = before.copy()
    after[disk(31, 31, 14)] = 2
    thorough, quick = (
        register(before, after, table, used, everywhere(), search).warp_mask(before)
        for search in (THOROUGH, QUICK)
    )
    for found in (thorough, quick):
        assert (found != after).sum() < 0.1 * (before != after).sum()
