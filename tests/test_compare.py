import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.pictures.compare import FULL, alike, color_scale, difference_colors, mask_over, psnr, swiped

FIRST = np.full((4, 6), 100, np.uint8)
SECOND = np.full((4, 6), 120, np.uint8)


@given(st.floats(-5, 12))
def test_a_swipe_shows_each_image_on_its_side(column):
    shown = swiped(FIRST, SECOND, column)
    place = int(np.clip(round(column), 0, 6))
    assert (shown[:, :place] == 100).all()
    assert (shown[:, place:] == 120).all()


def test_differences_have_a_sign_and_a_size():
    darker = difference_colors(FIRST, SECOND)
    assert (darker[..., 2] > darker[..., 0]).all()
    brighter = difference_colors(SECOND, FIRST)
    assert (brighter[..., 0] > brighter[..., 2]).all()
    assert not difference_colors(FIRST, FIRST).any()
    assert brighter[0, 0, 0] == round(255 * 20 / FULL)


def test_the_difference_can_be_shown_in_a_part_alone():
    where = np.zeros((4, 6), bool)
    where[1, 2] = True
    shown = difference_colors(FIRST, SECOND, where)
    assert shown[1, 2].any()
    assert not shown[~where].any()


def test_colour_images_can_be_compared():
    assert difference_colors(np.stack([FIRST] * 3, -1), np.stack([SECOND] * 3, -1)).shape == (4, 6, 3)


def test_the_scale_ends_at_its_ends():
    np.testing.assert_array_equal(color_scale(np.array([-9.0, -1.0])), [[70, 150, 255]] * 2)


def test_likeness_is_measured_in_decibels():
    assert psnr(FIRST, SECOND) == pytest.approx(10 * np.log10(255**2 / 20**2))
    assert psnr(np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8)) == 0
    assert psnr(FIRST, FIRST.copy()) == float("inf")


COLORS = np.zeros((256, 4), np.uint8)
COLORS[1] = 200, 100, 0, 255
COLORS[2] = 0, 0, 100, 51
MASK = np.array([[0, 1], [2, 3]], np.uint8)


def test_a_mask_covers_what_lies_under_it_by_its_opacity():
    ground = np.array([[10, 20], [50, 40]], np.uint8)
    shown = mask_over(MASK, COLORS, ground)
    np.testing.assert_array_equal(shown, [[[10] * 3, [200, 100, 0]], [[40, 40, 60], [40] * 3]])
    np.testing.assert_array_equal(mask_over(MASK, COLORS, np.stack([ground] * 3, -1)), shown)


def test_a_mask_over_nothing_lies_on_black():
    np.testing.assert_array_equal(mask_over(MASK, COLORS, None)[0], [[0, 0, 0], [200, 100, 0]])
    np.testing.assert_array_equal(mask_over(MASK, COLORS, None)[1], [[0, 0, 20], [0, 0, 0]])


def test_a_grey_image_beside_one_in_colour_is_in_colour():
    color = np.stack([SECOND] * 3, -1)
    first, second = alike(FIRST, color)
    np.testing.assert_array_equal(first, np.full((4, 6, 3), 100))
    assert second is color
    assert alike(FIRST, SECOND)[0] is FIRST
