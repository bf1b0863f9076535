"""Reads DICOM files: bounded, and those of old scanners, too."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segpaint.core.errors import SegPaintError
from segpaint.core.known_files import DICOM, HEAD, recognise
from segpaint.core.reading import open_regular, reads

LARGEST = 2**36
"""Bytes of a DICOM file, of which no more is read than a frame at a time."""
MOST_BYTES = 2**31
"""Bytes of one that is read whole."""
SMALL = 4096
"""Bytes that may be reserved though a file has fewer; nearly all that pydicom asks for."""


class Bounded(io.BufferedReader):
    """A file that hands out what it has; pydicom reserves memory for any length that a damaged one gives."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self._length = os.fstat(file.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most so many bytes."""
        if size is not None and 0 <= size <= SMALL:
            return super().read(size)
        left = max(0, self._length - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


@contextmanager
def open_dicom(path: Path, most: int = LARGEST) -> Iterator[Bounded]:
    """Open a file for pydicom."""
    with open_regular(path, most) as file:
        bounded = Bounded(file.raw)
        yield bounded
        bounded.detach()


@reads("a DICOM file")
def read_header(path: Path, only: Mapping[str, int] | None = None) -> Any:
    """Read all but the pixels of a DICOM file.

    Parameters
    ----------
    only : mapping of str to int, optional
        Names and tags of what is read; the others are passed over.

    Raises
    ------
    SegPaintError
        If it is no DICOM file, or it is damaged.
    """
    with open_dicom(path) as file:
        data = _read(path, file, stop_before_pixels=True, specific_tags=only and list(only.values()))
    for name in ("Rows", "Columns", "NumberOfFrames", "PixelRepresentation", "BitsAllocated"):
        data.get(name)  # decoded here, where an error still names the file
    return data


@reads("a DICOM file")
def read_whole(path: Path) -> Any:
    """Read a DICOM file with its pixels, as they are stored.

    Raises
    ------
    SegPaintError
        If it is no DICOM file, it is damaged, or it would fill the memory.
    """
    with open_dicom(path, MOST_BYTES) as file:
        return _read(path, file)


def _read(path: Path, file: Bounded, **options: Any) -> Any:
    """Read a file of today, or one of old scanners, which begins without a preamble; with pydicom's options."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        return pydicom.dcmread(file, **options)
    except InvalidDicomError:
        file.seek(0)
        if recognise(file.read(HEAD)) != DICOM:
            raise SegPaintError(f"{path} is no DICOM file.") from None
    file.seek(0)
    data = pydicom.dcmread(file, **options, force=True)
    if "TransferSyntaxUID" not in data.file_meta:
        is_implicit = data.original_encoding[0]
        data.file_meta.TransferSyntaxUID = (
            pydicom.uid.ImplicitVRLittleEndian if is_implicit else pydicom.uid.ExplicitVRLittleEndian
        )
    return data
