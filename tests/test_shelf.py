import gc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from segpaint.core.shelf import Shelf

VALUES = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=30))


@given(st.lists(VALUES, max_size=12), st.integers(0, 400))
def test_what_was_put_away_comes_back_from_memory_and_from_the_disk(many, budget):
    shelf = Shelf(budget)
    parcels = [shelf.put(values) for values in many]
    assert shelf.memory <= budget
    for parcel, values in zip(parcels, many, strict=True):
        np.testing.assert_array_equal(parcel.values, values)


def test_the_newest_stay_in_memory():
    noise = np.random.default_rng(0).integers(0, 256, (100, 100), dtype=np.uint8)
    shelf = Shelf(35_000)
    parcels = [shelf.put(noise) for _ in range(6)]
    assert [parcel.memory > 0 for parcel in parcels] == [False, False, False, True, True, True]


def test_what_nobody_wants_back_takes_no_room():
    shelf = Shelf()
    parcel = shelf.put(np.ones((9, 9), np.uint8))
    assert shelf.memory == parcel.memory
    del parcel
    gc.collect()
    assert shelf.memory == 0
