import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.labels.labels import FREE
from segpaint.core.requests.faithfulness import dice, innermost, judge, overlaps


def test_a_label_is_where_those_inside_it_are(table):
    planes = table.planes(np.array([[0, 1, 2, 4, FREE]], np.uint8))
    body, heart, bone = planes
    assert body.tolist() == [[False, True, True, False, False]]
    assert heart.tolist() == [[False, False, True, False, False]]
    assert bone.tolist() == [[False, False, False, True, False]]


def test_dice_is_twice_the_overlap_over_both_areas():
    asked = np.zeros((1, 1, 4, 4), np.bool_)
    found = asked.copy()
    asked[..., :2, :] = True  # 8 pixels
    found[..., 1:2, :] = True  # 4 of them
    counts = overlaps(asked, found, np.ones((1, 4, 4), np.uint8))
    assert dice(counts).item() == pytest.approx(2 * 4 / 12)


def test_free_regions_ask_for_nothing():
    masks = np.ones((1, 4, 4), np.uint8)
    masks[:, 2:] = FREE
    asked = found = np.ones((1, 1, 4, 4), np.bool_)
    found = found & (masks == 1)[:, None]
    assert dice(overlaps(asked, found, masks)).item() == 1


def test_what_is_neither_asked_nor_found_has_no_dice():
    nothing = np.zeros((1, 1, 4, 4), np.bool_)
    assert np.isnan(dice(overlaps(nothing, nothing, np.zeros((1, 4, 4), np.uint8)))).all()


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
def test_dice_is_symmetric_and_between_0_and_1(first, second):
    left, right = ((value >> np.arange(16)) & 1 for value in (first, second))
    left, right = (bits.astype(np.bool_).reshape(1, 1, 4, 4) for bits in (left, right))
    masks = np.zeros((1, 4, 4), np.uint8)
    one, other = dice(overlaps(left, right, masks)).item(), dice(overlaps(right, left, masks)).item()
    if first or second:
        assert one == other
        assert 0 <= one <= 1
        assert (one == 1) == (first == second)


@given(st.lists(st.sampled_from([0, 1, 2, 4]), min_size=16, max_size=16))
def test_an_image_that_shows_the_mask_gets_full_marks_and_no_disagreement(table, values):
    mask = np.array(values, np.uint8).reshape(4, 4)
    planes = table.planes(mask)
    judgement = judge(mask, table.indices, planes, table, {1: 0.9})
    np.testing.assert_array_equal(judgement.found, mask)
    np.testing.assert_array_equal(innermost(planes, table), mask)
    assert set(judgement.dice.values()) <= {1.0}
    assert set(judgement.dice) == set(np.unique(mask)) - {0} | ({1} if 2 in mask else set())
    assert not judgement.disagrees.any()
    assert judgement.real == {1: 0.9}


def test_what_was_left_open_is_not_judged(table):
    mask = np.array([[2, 2, 4, FREE]], np.uint8)
    found = table.planes(np.array([[1, 2, 0, 4]], np.uint8))
    judgement = judge(mask, (1, 4), found, table, {})
    # The heart is ablated, so only that it is body was asked for; the bone was missed; free asks for nothing.
    assert judgement.dice == {1: 1.0, 4: 0.0}
    assert judgement.disagrees.tolist() == [[False, False, True, False]]
    assert judgement.found.tolist() == [[1, 2, 0, 4]]


def test_a_label_that_was_not_asked_for_does_not_lower_the_mean(table):
    mask = np.array([[2, 2, 0, 0, FREE]], np.uint8)
    found = table.planes(np.array([[2, 2, 0, 4, 4]], np.uint8))
    judgement = judge(mask, (1, 2, 4), found, table, {})
    assert judgement.dice == {1: 1.0, 2: 1.0, 4: 0.0}  # bone was found, and is not in the mask
    assert judgement.disagrees.any()
    assert judgement.followed == {1: 1.0, 2: 1.0}
    assert judgement.mean == 1.0
    left_out = judge(np.array([[2, 2, 4, 4, 0]], np.uint8), (1, 2), found, table, {})
    assert left_out.mean == 1.0
    assert judge(np.zeros((1, 5), np.uint8), (1, 2, 4), found, table, {}).mean is None
    assert judge(np.full((1, 5), FREE, np.uint8), (1, 2, 4), found, table, {}).mean is None


def test_the_mean_is_of_all_labels_that_were_asked_for(table):
    mask = np.array([[2, 2, 4, 4]], np.uint8)
    judgement = judge(mask, (1, 2, 4), table.planes(np.array([[2, 2, 0, 0]], np.uint8)), table, {})
    assert judgement.mean == pytest.approx(2 / 3)
