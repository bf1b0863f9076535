"""Where undo keeps what it needs: compressed, and beyond a budget of memory on the disk."""

from __future__ import annotations

import tempfile
import weakref
import zlib
from itertools import count
from typing import IO

import numpy as np
from numpy.typing import NDArray

BUDGET = 64 * 2**20
"""Bytes of memory; a thousand strokes on an anatomical mask take a hundredth of it."""


class Parcel:
    """Values of some pixels, put away by a `Shelf`."""

    def __init__(self, values: NDArray[np.uint8]) -> None:
        self._shape = values.shape
        self._packed = zlib.compress(values.tobytes(), level=1)
        self._file: IO[bytes] | None = None
        self._place = 0
        self._length = len(self._packed)

    @property
    def memory(self) -> int:
        """Bytes of memory that it takes."""
        return len(self._packed)

    @property
    def values(self) -> NDArray[np.uint8]:
        """What was put away."""
        packed = self._packed
        if self._file is not None:
            self._file.seek(self._place)
            packed = self._file.read(self._length)
        return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(self._shape)

    def move_to(self, file: IO[bytes]) -> None:
        """Take no memory from now on.

        Raises
        ------
        OSError
            If the file cannot be written; it is all in memory then as before.
        """
        self._place = file.seek(0, 2)
        if file.write(self._packed) < len(self._packed):
            raise OSError("the disk is full")
        self._file, self._packed = file, b""


class Shelf:
    """Makes parcels, and moves the oldest of those still wanted to a temporary file when memory is full.

    Parameters
    ----------
    budget : int
        Bytes of memory.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._numbers = count()
        self._parcels: weakref.WeakValueDictionary[int, Parcel] = weakref.WeakValueDictionary()
        self._file: IO[bytes] | None = None

    @property
    def memory(self) -> int:
        """Bytes of memory in use."""
        return sum(parcel.memory for parcel in self._parcels.values())

    def put(self, values: NDArray[np.uint8]) -> Parcel:
        """Put values away; whoever holds the parcel can have them back.

        Where the disk is full, or there is none to write to, memory takes more than its budget.
        """
        parcel = Parcel(values)
        self._parcels[next(self._numbers)] = parcel
        excess = self.memory - self._budget
        for _, oldest in sorted(self._parcels.items()):
            if excess <= 0:
                break
            if oldest.memory:
                length = oldest.memory
                try:
                    oldest.move_to(self._spill_file())
                except OSError:
                    break
                excess -= length
        return parcel

    def _spill_file(self) -> IO[bytes]:
        if self._file is None:
            # Unbuffered: what a buffer cannot write later on would be lost, and all behind it.
            self._file = tempfile.TemporaryFile(prefix="segpaint-undo-", buffering=0)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        return self._file
