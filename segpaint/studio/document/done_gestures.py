"""Remembers which masks one gesture leads between, so that a pair of images can state how it was changed."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.amounts import Change

MOST = 200
"""Gestures that are remembered."""


class DoneGestures:
    """The gestures of this session, by the masks before and after."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Change] = {}

    def note(self, before: NDArray[np.uint8], after: NDArray[np.uint8], change: Change) -> None:
        """Remember a gesture, and forget the oldest of very many."""
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[_digest(before), _digest(after)] = change

    def find(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Change | None:
        """Return the one gesture that makes a mask of another; None if none is known to do so."""
        return self._known.get((_digest(before), _digest(after)))


def _digest(mask: NDArray[np.uint8]) -> bytes:
    return hashlib.blake2b(repr(mask.shape).encode() + mask.tobytes()).digest()
