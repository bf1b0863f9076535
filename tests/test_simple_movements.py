"""Simple movements: what an edit suggests of how tissue moves, and how it is followed."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from segpaint.core.diffusion.warping import Detail
from segpaint.core.labels.labels import FREE
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import Side, grow, shrink, thicken
from segpaint.core.masks.push import push, push_sources
from segpaint.core.masks.registration import QUICK, THOROUGH, Deformation, composed, register
from segpaint.core.masks.simple_movements import find_movement, moved, outlined
from segpaint.core.masks.transform import transform
from segpaint.core.masks.warp import plan_warp

SIZE = 96
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
USED = (1, 2, 4)


def disk(row, column, radius):
    return np.hypot(ROWS - row, COLUMNS - column) < radius


@pytest.fixture
def mask():
    """A body with a heart in it, and a bone outside it."""
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[disk(44, 40, 30)] = 1
    values[disk(44, 40, 13)] = 2
    values[disk(44, 84, 6)] = 4
    return values


def change(mask, table, label, gesture):
    return gesture(Anatomy(mask, table, label))


def test_a_label_that_is_moved_takes_its_tissue_along(table, mask):
    after = change(mask, table, 2, lambda heart: transform(heart, move=(3, -4)))
    field = find_movement(mask, after, table, USED)
    inside = after == 2
    np.testing.assert_allclose(field[:, inside], np.broadcast_to([[-3], [4]], (2, inside.sum())))
    assert not field[:, 0].any()


@pytest.mark.parametrize(("gesture", "pixels"), [(grow, 3), (grow, 6), (shrink, 2), (shrink, 5)])
def test_an_outline_moves_evenly_and_its_core_stays(table, mask, gesture, pixels):
    after = change(mask, table, 2, lambda heart: gesture(heart, pixels))
    field = find_movement(mask, after, table, USED)
    radius = 13 + (pixels if gesture is grow else -pixels)
    border = np.abs(np.hypot(ROWS - 44, COLUMNS - 40) - radius) < 0.5
    assert np.hypot(*field)[border].mean() == pytest.approx(pixels, abs=0.5)
    assert np.hypot(*field)[disk(44, 40, 1.5)].max() < 0.5


def test_a_wall_that_thickens_outward_leaves_what_it_lies_around(table):
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[disk(48, 48, 20)] = 1
    mask[disk(48, 48, 14)] = 4
    after = change(mask, table, 1, lambda wall: thicken(wall, 3, Side.OUTWARD))
    field = find_movement(mask, after, table, USED)
    assert np.hypot(*field)[disk(48, 48, 13)].max() < 0.5
    assert (Deformation(field).warp_mask(mask) == after)[mask != after].mean() > 0.8


def test_a_label_that_is_resized_is_resized_with_all_inside_it(table, mask):
    oval = np.zeros_like(mask)
    oval[np.hypot((ROWS - 48) / 12, (COLUMNS - 48) / 30) < 1] = 1
    oval[disk(48, 64, 6)] = 2
    after = change(oval, table, 1, lambda body: transform(body, scale=1.3))
    field = find_movement(oval, after, table, USED)
    columns = np.arange(20, 76)
    np.testing.assert_allclose(field[1, 48, columns], (columns - 48) / 1.3 - (columns - 48), atol=0.3)
    assert (Deformation(field).warp_mask(oval) == after)[oval != after].mean() > 0.8


@pytest.mark.parametrize("length", [6, -6])
def test_a_border_that_is_pushed_drags_tissue_along(table, mask, length):
    start, radius = (44.5, 53.0), 12
    pushed = push(mask, [start, (44.5, 53.0 + length)], radius)
    field = find_movement(mask, pushed, table, USED)
    expected = push_sources(mask, [start, (44.5, 53.0 + length)], radius) - 0.5 - np.indices(mask.shape)
    near = disk(44, 53 + length, 8)
    assert np.hypot(*(field - expected))[near].mean() < 0.2 * np.hypot(*expected)[near].mean()


def test_labels_that_move_one_after_the_other_are_all_found(table, mask):
    after = change(mask, table, 2, lambda heart: transform(heart, move=(0, -5)))
    after = change(after, table, 4, lambda bone: grow(bone, 2))
    field = find_movement(mask, after, table, USED)
    assert (Deformation(field).warp_mask(mask) == after)[mask != after].mean() > 0.8
    assert field[:, 44, 35] == pytest.approx((0, 5))


def test_no_movement_is_made_up_for_what_none_of_them_gives(table, mask):
    painted = mask.copy()
    painted[disk(20, 40, 4)] = 2
    painted[disk(68, 40, 4)] = 2
    assert find_movement(mask, painted, table, USED) is None
    assert find_movement(mask, mask, table, USED) is None
    unused = change(mask, table, 2, lambda heart: transform(heart, move=(3, -4)))
    assert find_movement(mask, unused, table, (1, 4)) is None


def test_what_is_free_counts_for_nothing(table, mask):
    after = change(mask, table, 2, lambda heart: transform(heart, move=(3, -4)))
    freed = after.copy()
    freed[:30] = FREE
    field = find_movement(mask, freed, table, USED)
    assert field[:, 47, 36] == pytest.approx((-3, 4))


def test_a_moved_label_keeps_its_picture_where_borders_alone_would_smear_it(table, mask):
    picture = (127 + 60 * np.sin(ROWS / 2) + 60 * np.cos(COLUMNS / 1.5)).round().astype(np.uint8)
    after = change(mask, table, 2, lambda heart: transform(heart, move=(0, 6)))
    expected = np.roll(picture, 6, axis=1).astype(float)
    apart = {
        close: np.abs(
            plan_warp((mask, USED), (after, USED), table, 12.0, close=close).carry(picture) - expected
        )
        for close in (True, False)
    }
    assert apart[True][after == 2].mean() < apart[False][after == 2].mean() / 3


def test_a_quick_search_looks_for_no_simple_movement(table, mask):
    after = change(mask, table, 2, lambda heart: transform(heart, move=(0, 6)))
    quick, plain = (
        plan_warp((mask, USED), (after, USED), table, 6.0, QUICK, close=close).deformation.field
        for close in (True, False)
    )
    assert np.array_equal(quick, plain)


@settings(deadline=None, max_examples=30)
@given(
    strength=st.floats(0, 30), row=st.floats(20, 76), column=st.floats(20, 76), width=st.floats(3, 20),
    angle=st.floats(0, 6.3), margin=st.floats(4, 20),
)  # fmt: skip
def test_whatever_movement_is_given_nothing_folds_and_nothing_moves_beyond_its_reach(
    table, strength, row, column, width, angle, margin
):
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[disk(48, 48, 16)] = 1
    after = np.roll(mask, 4, axis=1)
    bump = strength * np.exp(-((ROWS - row) ** 2 + (COLUMNS - column) ** 2) / (2 * width**2))
    movement = np.stack([np.sin(angle) * bump, np.cos(angle) * bump])
    reach = np.clip(2 - np.hypot(ROWS - 48, COLUMNS - 48) / (16 + margin), 0, 1)
    found = register(mask, after, table, (1,), reach, THOROUGH, movement)
    assert found.least_areas.min() > 0
    assert not found.field[:, reach == 0].any()


def test_movements_are_composed_in_order():
    shape = (SIZE, SIZE)
    first, then = (np.zeros((2, *shape)) for _ in range(2))
    first[0, :48], then[0] = 2, 3
    both = composed(first, then)
    assert (both[0, :45] == 5).all()
    assert (both[0, 45:] == 3).all()


def test_moving_and_outlining_by_nothing_move_nothing():
    region = disk(40, 40, 10)
    assert not moved(region, (0, 0)).any()
    assert not outlined(region, disk(40, 40, 2), 0).any()


def test_a_large_place_is_noised_more_than_a_small_one(table):
    levels = {}
    for radius in (6, 40):
        mask = np.ones((SIZE, SIZE), np.uint8)
        mask[disk(48, 48, radius)] = 2
        if radius == 40:
            mask[disk(48, 48, 3)] = 2
        gone = np.where(mask == 2, 1, mask).astype(np.uint8)
        for close in (True, False):
            warp = plan_warp((mask, USED), (gone, USED), table, 6.0, close=close)
            assert warp.gone.any()
            levels[radius, close] = warp.level
    assert levels[6, True] == levels[6, False] == levels[40, False]
    assert levels[40, True] > levels[40, False]


def test_coarse_shapes_are_the_scan_s_where_the_network_agrees_and_else_its_own():
    scan = torch.zeros(1, 1, SIZE, SIZE)
    network = torch.full_like(scan, 0.1)
    network[..., 48:] = 1.0
    all_of_it = np.ones((SIZE, SIZE))
    given_back = Detail(scan, all_of_it, all_of_it).given_back(network)
    assert given_back[..., :30].abs().max() < 0.02
    assert (given_back[..., 66:] - 1).abs().max() < 0.02
    nothing = np.zeros((SIZE, SIZE))
    torch.testing.assert_close(Detail(scan, nothing, nothing).given_back(network), network)
