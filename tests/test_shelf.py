import errno
import gc
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from segpaint.core.masks.shelf import Shelf

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


@pytest.mark.parametrize("room", [0, 1, 25_000])
def test_a_full_disk_loses_nothing(room, monkeypatch):
    """Room for so many bytes on the disk; of what is beyond that, as much is written as there is room for."""

    class Full(io.FileIO):
        def write(self, content):
            left = max(0, room - self.seek(0, 2))
            if not left:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content[:left])

    def open_full(prefix, buffering):
        file, path = tempfile.mkstemp(prefix=prefix)
        Path(path).unlink()
        return Full(file, "r+")

    monkeypatch.setattr("segpaint.core.masks.shelf.tempfile.TemporaryFile", open_full)
    rng = np.random.default_rng(0)
    many = [rng.integers(0, 256, (100, 100), dtype=np.uint8) for _ in range(6)]
    shelf = Shelf(15_000)
    parcels = [shelf.put(values) for values in many]
    for parcel, values in zip(parcels, many, strict=True):
        np.testing.assert_array_equal(parcel.values, values)


def test_no_folder_for_temporary_files_loses_nothing(monkeypatch):
    def refuse(**_options):
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("segpaint.core.masks.shelf.tempfile.TemporaryFile", refuse)
    shelf = Shelf(10)
    parcels = [shelf.put(np.full((9, 9), value, np.uint8)) for value in range(3)]
    assert [int(parcel.values[0, 0]) for parcel in parcels] == [0, 1, 2]


def test_what_nobody_wants_back_takes_no_room():
    shelf = Shelf()
    parcel = shelf.put(np.ones((9, 9), np.uint8))
    assert shelf.memory == parcel.memory
    del parcel
    gc.collect()
    assert shelf.memory == 0
