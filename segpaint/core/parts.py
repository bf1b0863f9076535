"""Keeps the finished parts of long work on the disk, so that it goes on from them after an interruption."""

from __future__ import annotations

import io
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, write_atomically
from segpaint.core.reading import read_array, reads


class Parts:
    """Keeps parts in a folder: images, by names that state what they were made with.

    Parameters
    ----------
    folder : Path
        Made with the first part.
    private : bool
        Whether they show a patient, so that only the owner may read them.
    """

    def __init__(self, folder: Path, *, private: bool = False) -> None:
        self.folder = folder
        self._private = private

    def read(self, name: str, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
        """Read a finished part; None if it is missing or damaged, and so to be made again."""
        path = self._path(name)
        if path.exists():
            with suppress(SegPaintError):
                return read_part(path, shape)
        return None

    def write(self, name: str, part: NDArray[np.uint8]) -> None:
        """Keep a finished part.

        Raises
        ------
        SegPaintError
            If it cannot be written.
        """
        if self._private:
            make_private(self.folder)
        buffer = io.BytesIO()
        np.save(buffer, part)
        write_atomically(self._path(name), buffer.getvalue(), private=self._private)

    @property
    def count(self) -> int:
        """The number of finished parts."""
        return len(list(self.folder.glob("*.npy")))

    def clear(self) -> None:
        """Delete all parts, which are no longer needed."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npy"


@reads("a finished part")
def read_part(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Read images that were made before.

    Parameters
    ----------
    shape : tuple of int
        The shape that the part has to have.

    Raises
    ------
    SegPaintError
        If the file is missing, damaged or of another shape.
    """
    part = read_array(path)
    if part.shape != shape or part.dtype != np.uint8:
        raise SegPaintError(f"{path} holds other images than are to be made.")
    return part
