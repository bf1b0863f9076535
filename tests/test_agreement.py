"""Neighbouring slices are compared where the edit is, beside the original."""

import numpy as np
import pytest

from segpaint.core.volumes.agreement import measure_agreement


def test_neighbours_are_compared_where_one_of_them_changed():
    before = np.zeros((4, 6, 5), np.float32)
    before[2] = 10
    after = before.copy()
    after[1, 2, 3] = 4  # next to 0, and to 10
    found = measure_agreement(before, after)
    assert found.borders == 2
    assert found.before == pytest.approx((0 + 10) / 2)
    assert found.after == pytest.approx((4 + 6) / 2)
    assert found.ratio == pytest.approx(1)


def test_colours_are_compared_band_by_band():
    before = np.zeros((2, 3, 3, 3), np.uint8)
    after = before.copy()
    after[0, 1, 1] = 30, 0, 0
    assert measure_agreement(before, after).after == pytest.approx(10)


def test_one_slice_or_no_change_has_no_neighbours_to_compare():
    one = np.zeros((1, 3, 3))
    assert measure_agreement(one, one + 1) is None
    two = np.full((2, 3, 3), np.nan)
    assert measure_agreement(two, two.copy()) is None
    assert measure_agreement(np.zeros((2, 3, 3)), np.stack([np.zeros((3, 3)), np.ones((3, 3))])).ratio is None
