"""Labels with small pieces far from the rest."""

import numpy as np
import pytest

from segpaint.core.requests.checkpoint import LabelStatistics
from segpaint.core.requests.strays import stray_labels

HEART = 2


def mask(*pieces):
    values = np.zeros((64, 64), np.uint8)
    for rows, columns in pieces:
        values[slice(*rows), slice(*columns)] = HEART
    return values


WHOLE = (20, 40), (10, 30)


@pytest.mark.parametrize(
    ("piece", "is_stray"),
    [
        (((20, 26), (52, 58)), True),
        (((20, 22), (52, 54)), False),  # a speck, which hints report
        (((20, 40), (42, 60)), False),  # as large
        (((20, 26), (33, 38)), False),  # near
    ],
)
def test_a_small_piece_far_off_is_found(table, piece, is_stray):
    assert stray_labels(mask(WHOLE, piece), table) == ({HEART} if is_stray else set())


def test_a_label_in_one_piece_or_in_none_does_not_stray(table):
    assert stray_labels(mask(WHOLE), table) == stray_labels(mask(), table) == set()


@pytest.mark.parametrize("spread", [0.01, 0.3])
def test_a_piece_where_the_label_usually_lies_does_not_stray(table, spread):
    known = LabelStatistics(
        presence=1, area=(0.01, 0.02, 0.03), centre=(0.5, 0.3), centre_spread=(spread, spread)
    )
    strays = stray_labels(mask(WHOLE, ((20, 26), (52, 58))), table, {table[HEART].name: known})
    assert strays == ({HEART} if spread < 0.1 else set())
