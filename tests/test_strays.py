"""Labels with small pieces far from the rest."""

import numpy as np
import pytest

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


def test_a_label_that_comes_in_many_pieces_does_not_stray(table):
    few = mask(WHOLE, ((20, 26), (52, 58)), ((50, 54), (50, 54)))
    assert stray_labels(few, table) == {HEART}
    few[4:8, 50:54] = HEART
    assert stray_labels(few, table) == set()


def test_a_piece_of_a_label_inside_is_not_one_of_the_label_around(table):
    values = mask(((20, 26), (52, 58)))
    values[20:40, 10:30] = 1  # body, in which a heart lies
    assert stray_labels(values, table) == set()
