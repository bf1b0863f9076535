"""Finds the series among DICOM files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.folders import is_junk
from segpaint.core.known_files import DICOM, HEAD, recognise
from segpaint.core.reading import check_regular, open_regular, reads
from segpaint.core.volumes.volume import MOST_BYTES
from segpaint.io.volume_files.dicom_frames import Frame, frames_of

LARGEST = 2**32
"""Bytes of a DICOM file; of films, more than any scanner writes into one."""
MOST_FILES = 200_000
"""Files of a folder; a disk has more, a patient's examinations have not."""
MASKS = {
    "1.2.840.10008.5.1.4.1.1.66.4": "a segmentation", "1.2.840.10008.5.1.4.1.1.66.7": "a segmentation",
    "1.2.840.10008.5.1.4.1.1.481.3": "a structure set",
}  # fmt: skip
"""SOP Class UIDs of DICOM's masks."""


@dataclass(eq=False)
class Series:
    """Files that belong to one scan.

    Attributes
    ----------
    uid : str
        Series Instance UID.
    name, modality : str
        Series Description, or what there is instead; Modality.
    frames : list of Frame
        In any order, all of one shape and orientation.
    """

    uid: str
    name: str
    modality: str
    frame_of_reference: str
    frames: list[Frame] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.frames[0].shape


@dataclass(frozen=True)
class Found:
    """What lies in a folder.

    Attributes
    ----------
    series : tuple of Series
        By the number of frames, the largest first.
    passed_over : dict of Path to str
        Files without a picture, each with the reason.
    """

    series: tuple[Series, ...]
    passed_over: dict[Path, str]


def files_below(folder: Path, report: Callable[[int], None] = lambda _count: None) -> list[Path]:
    """List all files below a folder, sorted; hidden ones and links to folders are passed over.

    Parameters
    ----------
    report : callable
        Is called with 0 for each folder; what it raises ends the search.

    Raises
    ------
    SegPaintError
        If there are more than `MOST_FILES`.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        report(0)
        folders[:] = sorted(name for name in folders if not is_junk(name))
        found += (Path(place, name) for name in sorted(names) if not is_junk(name))
        if len(found) > MOST_FILES:
            raise SegPaintError(
                f"{folder} holds more than {MOST_FILES:,} files; give the folder of one patient."
            )
    return found


def find_series(files: Iterable[Path], report: Callable[[int], None] = lambda _count: None) -> Found:
    """Read the headers of files, and sort them into series.

    Pictures of different sizes or orientations in one series, such as localisers, make series of their own.

    Parameters
    ----------
    report : callable
        Gets the number of files read so far; what it raises ends the search.
    """
    series: dict[tuple[Any, ...], Series] = {}
    passed_over: dict[Path, str] = {}
    for count, path in enumerate(files, 1):
        try:
            header = read_header(path)
        except SegPaintError as error:
            passed_over[path] = str(error)
        else:
            if (reason := _reason_against(path, header)) is not None:
                passed_over[path] = reason
                report(count)
                continue
            for frame in frames_of(path, header):
                key = _key(header, frame)
                series.setdefault(key, _begun(header)).frames.append(frame)
        report(count)
    found = sorted(series.values(), key=lambda one: -len(one.frames))
    return Found(tuple(found), passed_over)


@reads("a DICOM file")
def read_header(path: Path) -> Any:
    """Read all but the pixels of a DICOM file.

    Raises
    ------
    SegPaintError
        If it is no DICOM file, or it is damaged.
    """
    check_regular(path, LARGEST)
    data = _read(path, stop_before_pixels=True)
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
    check_regular(path, MOST_BYTES)
    return _read(path)


def _read(path: Path, *, stop_before_pixels: bool = False) -> Any:
    """Read a file of today, or one of old scanners, which begins without a preamble."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        return pydicom.dcmread(path, stop_before_pixels=stop_before_pixels)
    except InvalidDicomError:
        if not _is_old(path):
            raise SegPaintError(f"{path} is no DICOM file.") from None
    data = pydicom.dcmread(path, stop_before_pixels=stop_before_pixels, force=True)
    if "TransferSyntaxUID" not in data.file_meta:
        is_implicit = data.original_encoding[0]
        data.file_meta.TransferSyntaxUID = (
            pydicom.uid.ImplicitVRLittleEndian if is_implicit else pydicom.uid.ExplicitVRLittleEndian
        )
    return data


def _is_old(path: Path) -> bool:
    with open_regular(path, LARGEST) as file:
        return recognise(file.read(HEAD)) == DICOM


def _reason_against(path: Path, header: Any) -> str | None:
    """Find out why a DICOM file is no picture that can be opened."""
    mask = MASKS.get(str(header.get("SOPClassUID", "")))
    if mask is not None:
        return f"{path} is {mask}; open its scan, and then this file as a mask."
    if not header.get("Rows") or not header.get("Columns"):
        return f"{path} holds no picture (it may be a report or a plan); open the files of the scan."
    return None


def _begun(header: Any) -> Series:
    words = (header.get(name) for name in ("SeriesDescription", "ProtocolName", "StudyDescription"))
    name = next((str(word).strip() for word in words if word and str(word).strip()), "without a description")
    return Series(
        str(header.get("SeriesInstanceUID", "")),
        name,
        str(header.get("Modality", "")),
        str(header.get("FrameOfReferenceUID", "") or ""),
    )


def _key(header: Any, frame: Frame) -> tuple[Any, ...]:
    turned = None if frame.orientation is None else tuple(np.round(frame.orientation, 2).ravel().tolist())
    return str(header.get("SeriesInstanceUID", "")), frame.shape, turned, frame.is_color, frame.kind
