"""Gestures by percent: areas are met to the pixel, and nothing else changes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.doses import DosedGesture, parse_dosed, spread_amounts

HEART = LabelTable(
    (
        Label(index=1, name="LV cavity", color="#ff0000"),
        Label(index=2, name="LV myocardium", color="#00ff00"),
        Label(index=4, name="bone", color="#eeeeaa"),
    )
)
AMOUNTS = (-30, -20, -5, 5, 20, 30)


@pytest.fixture
def ring():
    rows, columns = np.mgrid[:64, :64]
    far = np.hypot(rows - 30, columns - 34)
    mask = np.where(far < 10, 1, np.where(far < 16, 2, 0)).astype(np.uint8)
    mask[60:63, 4:50] = 4
    return mask


def areas(mask):
    return {index: int(np.count_nonzero(mask == index)) for index in HEART.indices}


def run(text, mask, amount):
    return parse_dosed(text, HEART).run(mask, HEART, amount)


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("grow:LV cavity", 1), ("grow:bone", 4), ("thicken:LV myocardium:outward", 2),
        ("thicken:LV myocardium:inward", 2), ("thicken:LV myocardium:both ways", 2),
    ],
)  # fmt: skip
def test_an_area_changes_by_the_percent_that_were_asked_for(ring, text, label, amount):
    before, after = areas(ring), areas(run(text, ring, amount))
    assert after[label] == before[label] + round(before[label] * amount / 100)


@pytest.mark.parametrize("amount", AMOUNTS)
def test_the_other_labels_stay_where_the_gesture_allows_it(ring, amount):
    outward = run("thicken:LV myocardium:outward", ring, amount)
    np.testing.assert_array_equal(outward == 1, ring == 1)
    inward = run("thicken:LV myocardium:inward", ring, amount)
    np.testing.assert_array_equal(np.isin(inward, (1, 2)), np.isin(ring, (1, 2)))
    for made in (outward, inward, run("grow:LV cavity", ring, amount)):
        np.testing.assert_array_equal(made == 4, ring == 4)


def test_larger_amounts_hold_the_smaller_ones(ring):
    made = [run("grow:LV cavity", ring, amount) == 1 for amount in (-30, -10, 10, 30)]
    for small, large in pairwise(made):
        assert not (small & ~large).any()
        assert large.sum() > small.sum()


def test_an_outline_moves_evenly(ring):
    rows, columns = np.nonzero(run("grow:LV cavity", ring, 30) == 1)
    assert (rows.mean(), columns.mean()) == pytest.approx((30, 34), abs=0.3)
    assert np.hypot(rows - 30, columns - 34).max() < 10 * np.sqrt(1.3) + 1


def test_a_label_moves_with_all_inside_it_and_back(ring):
    moved = run("move:LV myocardium:down", ring, 20)  # of a diameter of 32 pixels
    np.testing.assert_array_equal(moved[6:58, 16:], ring[: 58 - 6, 16:])
    up = run("move:LV myocardium:down", ring, -20)
    np.testing.assert_array_equal(up[: 58 - 6, 16:], ring[6:58, 16:])
    right = run("move:LV myocardium", ring, 20)
    np.testing.assert_array_equal(right[:58, 6:], ring[:58, :-6])


@given(
    st.sampled_from(["grow:1", "grow:2", "thicken:2:both ways", "move:1", "move:4:down"]), st.integers(-90, 90)
)
def test_no_amount_makes_a_value_that_was_not_there(text, amount):
    rows, columns = np.mgrid[:24, :24]
    far = np.hypot(rows - 8, columns - 3)
    mask = np.where(far < 4, 1, np.where(far < 7, 2, 0)).astype(np.uint8)
    mask[20:, :] = 4
    before = mask.copy()
    made = run(text, mask, amount)
    np.testing.assert_array_equal(mask, before)
    assert set(np.unique(made)) <= {0, 1, 2, 4}
    if amount == 0:
        np.testing.assert_array_equal(made, mask)


@pytest.mark.parametrize("spacing", [1.0, 0.5, 2.0])
@pytest.mark.parametrize("amount", [-4, -2, 2, 4])
def test_an_outline_moves_by_millimetres(amount, spacing):
    rows, columns = np.mgrid[:96, :96]
    far = spacing * np.hypot(rows - 48, columns - 48)
    ring = np.where(far < 10, 1, np.where(far < 20, 2, 0)).astype(np.uint8)

    def moved(text):
        return parse_dosed(text, HEART).by("mm", spacing).run(ring, HEART, amount)

    def radius(region):
        return spacing * np.sqrt(np.count_nonzero(region) / np.pi)

    wide = pytest.approx
    half = 0.75 * spacing
    assert radius(moved("grow:LV cavity") == 1) == wide(10 + amount, abs=half)
    assert radius(moved("thicken:LV myocardium:outward") > 0) == wide(20 + amount, abs=half)
    assert radius(moved("thicken:LV myocardium:outward") == 1) == wide(10, abs=half)
    assert radius(moved("thicken:LV myocardium:inward") == 1) == wide(10 - amount, abs=half)
    assert radius(moved("thicken:LV myocardium:inward") > 0) == wide(20, abs=half)
    both = moved("thicken:LV myocardium:both ways")
    assert radius(both == 1) == wide(10 - amount, abs=half)
    assert radius(both > 0) == wide(20 + amount, abs=half)
    shift = round(amount / spacing)
    np.testing.assert_array_equal(moved("move:LV myocardium:down"), np.roll(ring, shift, axis=0))


@given(
    st.sampled_from(["grow:1", "grow:2", "thicken:2:both ways", "thicken:2:inward", "move:1", "move:4:down"]),
    st.floats(-30, 30),
)
def test_no_length_makes_a_value_that_was_not_there(text, amount):
    rows, columns = np.mgrid[:24, :24]
    far = np.hypot(rows - 8, columns - 8)
    mask = np.where(far < 4, 1, np.where(far < 7, 2, 0)).astype(np.uint8)
    mask[20:, :] = 4
    before = mask.copy()
    gesture = parse_dosed(text, HEART).by("mm", 0.7)
    made = gesture.run(mask, HEART, amount)
    np.testing.assert_array_equal(mask, before)
    assert set(np.unique(made)) <= {0, 1, 2, 4}
    np.testing.assert_array_equal(gesture.run(mask, HEART, 0.0), mask)


def test_millimetres_need_a_scale():
    gesture = parse_dosed("grow:1", HEART)
    with pytest.raises(SegPaintError, match="not known; give amounts in % in place of mm"):
        gesture.by("mm", None)
    assert gesture.by("%", None) == gesture.by("mm", 0.5).by("%", 0.5) == gesture


def test_amounts_are_spread_and_none_is_nothing():
    assert spread_amounts(-20, 20, 9) == [-20, -15, -10, -5, 5, 10, 15, 20]
    assert spread_amounts(5, 5, 3) == [5]
    assert spread_amounts(0, 10, 4) == [3.33, 6.67, 10]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("smooth:1", "no gesture 'smooth' by percent; give one of grow, thicken, move"),
        ("grow", "names no label; write it as grow:LABEL"),
        ("grow:spleen", "no label 'spleen'"),
        ("grow:1:outward", "'outward' is too much"),
        ("thicken:2:up", "'up' is not one of outward, inward, both ways"),
    ],
)
def test_what_is_unknown_or_missing_is_named(text, words):
    with pytest.raises(SegPaintError, match=words):
        parse_dosed(text, HEART)


@pytest.mark.parametrize(
    ("gesture", "words"),
    [
        (DosedGesture("grow", 1), "LV cavity is not in the mask"),
        (DosedGesture("thicken", 4, "inward"), "bone has no inside"),
    ],
)
def test_a_label_that_cannot_be_changed_so_is_refused(gesture, words):
    mask = np.zeros((32, 32), np.uint8)
    mask[20:24, 4:20] = 4
    with pytest.raises(SegPaintError, match=words):
        gesture.run(mask, HEART, 20)
