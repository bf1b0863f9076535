"""Stores values for undo: compressed, in memory up to a budget, then on the disk."""

import tempfile
import weakref
import zlib
from collections.abc import Iterable
from itertools import count
from typing import IO

import numpy as np
from numpy.typing import NDArray

BUDGET = 64 * 2**20
"""Bytes of memory; a thousand strokes on an anatomical mask need a hundredth of it."""


class Parcel:
    """Pixel values stored by a `Shelf`."""

    def __init__(self, values: NDArray[np.uint8]) -> None:
        self._shape = values.shape
        self._packed = zlib.compress(values.tobytes(), level=1)
        self._file: IO[bytes] | None = None
        self._place = 0
        self._length = len(self._packed)

    @property
    def memory(self) -> int:
        """Bytes of memory in use."""
        return len(self._packed)

    @property
    def packed(self) -> bytes:
        """The compressed values, for `unpack`."""
        if self._file is None:
            return self._packed
        self._file.seek(self._place)
        return self._file.read(self._length)

    @property
    def values(self) -> NDArray[np.uint8]:
        """The stored values."""
        return unpack(self.packed, self._shape)

    def move_to(self, file: IO[bytes]) -> None:
        """Move the values from memory to a file.

        Raises
        ------
        OSError
            If the file cannot be written; the values then stay in memory.
        """
        self._place = file.seek(0, 2)
        if file.write(self._packed) < len(self._packed):
            raise OSError("the disk is full")
        self._file, self._packed = file, b""


def unpack(packed: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Get values back from the bytes of a `Parcel`, on any thread."""
    return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(shape)


class Shelf:
    """Makes parcels, and moves the oldest ones alive to a temporary file when memory is full.

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
        """Store values in a parcel.

        If the disk cannot be written, memory exceeds its budget.
        """
        return self.keep(Parcel(values))

    def keep(self, parcel: Parcel) -> Parcel:
        """Store a parcel that was made elsewhere, such as on another thread."""
        self.keep_all([parcel])
        return parcel

    def keep_all(self, parcels: Iterable[Parcel]) -> None:
        """Store several, and look only once at how full memory is, which takes longer the more there are."""
        for parcel in parcels:
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

    def _spill_file(self) -> IO[bytes]:
        if self._file is None:
            # Unbuffered, since a buffer that cannot be written later would lose its data.
            self._file = tempfile.TemporaryFile(prefix="segpaint-undo-", buffering=0)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        return self._file
