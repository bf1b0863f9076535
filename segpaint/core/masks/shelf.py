"""Stores values for undo: compressed, in memory up to a budget, then on the disk."""

import tempfile
import weakref
import zlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import count
from typing import IO

import numpy as np
from numpy.typing import NDArray

BUDGET = 64 * 2**20
"""Bytes of memory; a thousand strokes on an anatomical mask need a hundredth of it."""
AT_ONCE = 2**20
"""Bytes that are compressed at once, in at most 5 ms; more are compressed on another thread."""


class Parcel:
    """Pixel values stored by a `Shelf`.

    Parameters
    ----------
    values : ndarray of uint8
        Many are read until they are compressed, so they must not be changed.
    """

    def __init__(self, values: NDArray[np.uint8]) -> None:
        self._shape = values.shape
        self._packed = b""
        self._packing: Future[bytes] | None = None
        self._loose: NDArray[np.uint8] | None = None
        self._file: IO[bytes] | None = None
        self._place = self._length = 0
        if values.nbytes <= AT_ONCE:
            self._packed = _compressed(values)
        else:
            self._loose = np.ascontiguousarray(values).view()
            self._loose.flags.writeable = False
            self._packing = _packers().submit(_compressed, self._loose)

    @property
    def memory(self) -> int:
        """Bytes of memory in use."""
        if self._packing is not None and self._packing.done():
            self._finish(self._packing)
        return len(self._packed) if self._loose is None else self._loose.nbytes

    @property
    def is_loose(self) -> bool:
        """Whether the values are still being compressed."""
        return self._loose is not None

    @property
    def packed(self) -> bytes:
        """The compressed values, for `unpack`."""
        if self._packing is not None:
            self._finish(self._packing)
        if self._file is None:
            return self._packed
        self._file.seek(self._place)
        return self._file.read(self._length)

    @property
    def values(self) -> NDArray[np.uint8]:
        """The stored values; read-only."""
        return unpack(self.packed, self._shape) if self._loose is None else self._loose

    def _finish(self, packing: "Future[bytes]") -> None:
        self._packed, self._packing, self._loose = packing.result(), None, None

    def move_to(self, file: IO[bytes]) -> None:
        """Move the values from memory to a file.

        Raises
        ------
        OSError
            If the file cannot be written; the values then stay in memory.
        """
        packed = self.packed
        self._place, self._length = file.seek(0, 2), len(packed)
        if file.write(packed) < len(packed):
            raise OSError("the disk is full")
        self._file, self._packed = file, b""


def _compressed(values: NDArray[np.uint8]) -> bytes:
    return zlib.compress(np.ascontiguousarray(values).data, level=1)


@cache
def _packers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "parcels")


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
        """Store several, and look only once at how full memory is, which takes longer the more there are.

        What is still being compressed stays in memory until the next look.
        """
        for parcel in parcels:
            self._parcels[next(self._numbers)] = parcel
        excess = self.memory - self._budget
        for _, oldest in sorted(self._parcels.items()):
            if excess <= 0:
                break
            if oldest.memory and not oldest.is_loose:
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
