"""Finds the series among DICOM files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.folders import is_junk
from segpaint.core.reading import reads
from segpaint.io.volume_files.dicom_files import read_header
from segpaint.io.volume_files.dicom_frames import ATTRIBUTES, Frame, frames_of, tags_of
from segpaint.io.volume_files.dicom_stations import stations

MOST_FILES = 200_000
"""Files of a folder; a disk has more, a patient's examinations have not."""
MASKS = {
    "1.2.840.10008.5.1.4.1.1.66.4": "a segmentation", "1.2.840.10008.5.1.4.1.1.66.7": "a segmentation",
    "1.2.840.10008.5.1.4.1.1.481.3": "a structure set",
}  # fmt: skip
"""SOP Class UIDs of DICOM's masks."""
DOCUMENTS = {
    "1.2.840.10008.5.1.4.1.1.88.59": "a list of chosen images",
    "1.2.840.10008.5.1.4.1.1.88.": "a report",
    "1.2.840.10008.5.1.4.1.1.104.": "a document",
    "1.2.840.10008.5.1.4.1.1.11.": "a presentation state",
    "1.2.840.10008.5.1.4.1.1.9.": "a waveform, such as an ECG",
    "1.2.840.10008.5.1.4.1.1.481.2": "a dose distribution",
    "1.2.840.10008.5.1.4.1.1.481.": "a plan or record of radiotherapy",
    "1.2.840.10008.5.1.4.1.1.66.": "a registration or a mesh",
    "1.2.840.10008.5.1.4.1.1.67": "a table of real-world values",
    "1.2.840.10008.5.1.4.1.1.4.2": "a spectrum",
    "1.2.840.10008.1.3.10": "the directory of a disk",
}
"""Beginnings of the SOP Class UIDs of what shows no image of a patient; the first that fits counts."""
IMAGES_OF_RADIOTHERAPY = "1.2.840.10008.5.1.4.1.1.481.1"
UIDS = ("SeriesInstanceUID", "FrameOfReferenceUID")
NAMES = ("SeriesDescription", "ProtocolName", "StudyDescription")
DATES = ("SeriesDate", "AcquisitionDate", "StudyDate")
SEARCHED = (
    *ATTRIBUTES, *UIDS, *NAMES, *DATES, "SOPClassUID", "SOPInstanceUID", "Modality", "SeriesNumber",
)  # fmt: skip
"""All that is needed to sort files into series; a header may hold thousands of other attributes."""


@dataclass(eq=False)
class Series:
    """Files that belong to one scan.

    Attributes
    ----------
    uid : str
        Series Instance UID.
    name, modality : str
        Series Description, or what there is instead; Modality.
    number, date : str
        Series Number; the day when it was made, such as 2024-03-05; each empty if the files do not give it.
    frames : list of Frame
        In any order, all of one shape and orientation.
    known : dict of (str, int) to Frame
        By SOP Instance UID of the file and number of the frame.
    copied : list of Frame
        Those of which a copy is left out, once for each.
    """

    uid: str
    name: str
    modality: str
    frame_of_reference: str
    number: str = ""
    date: str = ""
    frames: list[Frame] = field(default_factory=list)
    known: dict[tuple[str, int], Frame] = field(default_factory=dict)
    copied: list[Frame] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.frames[0].shape

    @property
    def spacing(self) -> tuple[float, ...]:
        """Millimetres between columns, between rows and, where they are known, between slices; may be empty."""
        first = self.frames[0]
        if first.spacing is None:
            return ()
        apart = self._apart()
        return (*first.spacing[::-1], *(() if apart is None else (apart,)))

    @property
    def stations(self) -> list[Series]:
        """The stacks that it consists of, each as a series; itself if it is one."""
        parted = stations(self.frames)
        if len(parted) == 1:
            return [self]
        return [self._part(f"{self.name}, {name}", frames) for name, frames in parted.items()]

    def _part(self, name: str, frames: list[Frame]) -> Series:
        own = set(frames)
        known = {key: frame for key, frame in self.known.items() if frame in own}
        copied = [frame for frame in self.copied if frame in own]
        return replace(self, name=name, frames=frames, known=known, copied=copied)

    def _apart(self) -> float | None:
        """Find the usual distance of neighbouring slices."""
        turned = self.frames[0].orientation
        if turned is None:
            return None
        across = np.cross(turned[0], turned[1])
        places = {round(float(one.position @ across), 2) for one in self.frames if one.position is not None}
        return float(np.median(np.diff(sorted(places)))) if len(places) > 1 else None


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

    Pictures of other sizes, spacings or directions in one series, such as localisers, make series of their own.
    So do stations, which lie beside each other.

    Parameters
    ----------
    report : callable
        Gets the number of files read so far; what it raises ends the search.
    """
    series: dict[tuple[Any, ...], Series] = {}
    passed_over: dict[Path, str] = {}
    for count, path in enumerate(files, 1):
        try:
            read_frames(path, series)
        except SegPaintError as error:
            passed_over[path] = str(error)
        report(count)
    parted = (station for one in series.values() for station in one.stations)
    found = sorted(parted, key=lambda one: -len(one.frames))
    return Found(tuple(found), passed_over)


@reads("a DICOM picture", "get the series again, whole")
def read_frames(path: Path, series: dict[tuple[Any, ...], Series]) -> None:
    """Read the header of a file, and add its frames to their series.

    Raises
    ------
    SegPaintError
        If it is no picture, or it is damaged; nothing is added then.
    """
    header = read_header(path, tags_of(SEARCHED))
    kind = str(header.get("SOPClassUID", ""))
    mask = MASKS.get(kind)
    if mask is not None:
        raise SegPaintError(f"{path} is {mask}; open its scan, and then this file as a mask.")
    if document := document_of(kind):
        raise SegPaintError(f"{path} is {document} and shows no slice; open the images that it belongs to.")
    if not header.get("Rows") or not header.get("Columns"):
        raise SegPaintError(
            f"{path} holds no picture (it may be a report, or cut short); open the files of the scan."
        )
    name = str(header.get("SOPInstanceUID", ""))
    uids = tuple(str(header.get(uid, "")) for uid in UIDS)
    for frame in list(frames_of(path, header)):
        key = *uids, *_key(frame)
        if (one := series.get(key)) is None:
            one = series[key] = _begun(header)
        if name and (name, frame.number) in one.known:
            one.copied.append(one.known[name, frame.number])
        else:
            one.known[name, frame.number] = frame
            one.frames.append(frame)


def document_of(kind: str) -> str:
    """Name what a file without an image of the patient is; empty if it may hold one.

    Parameters
    ----------
    kind : str
        The SOP Class UID.
    """
    from pydicom.uid import UID

    if kind == IMAGES_OF_RADIOTHERAPY or kind in MASKS:
        return ""
    found = next((name for start, name in DOCUMENTS.items() if kind.startswith(start)), "")
    title = UID(kind).name.removesuffix(" Storage")
    return f"{found} ({title})" if found and title != kind else found


def _begun(header: Any) -> Series:
    words = (header.get(name) for name in NAMES)
    name = next((str(word).strip() for word in words if word and str(word).strip()), "without a description")
    return Series(
        str(header.get("SeriesInstanceUID", "")),
        name,
        str(header.get("Modality", "")),
        str(header.get("FrameOfReferenceUID", "") or ""),
        _text(header, "SeriesNumber"),
        next((day for name in DATES if (day := _day(_text(header, name)))), ""),
    )


def _text(header: Any, name: str) -> str:
    value = header.get(name)
    return "" if value is None else str(value).strip()


def _day(text: str) -> str:
    """Write a day as in ISO 8601; empty if it is none."""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdecimal() else ""


def _key(frame: Frame) -> tuple[Any, ...]:
    turned = None if frame.orientation is None else tuple(np.round(frame.orientation, 2).ravel().tolist())
    spacing = None if frame.spacing is None else tuple(round(side, 3) for side in frame.spacing)
    return frame.shape, spacing, turned, frame.is_color, frame.kind
