"""The frames of a DICOM file: where each lies, when it was taken, and what its values mean.

Files of one frame and those of many (enhanced CT and MR, ultrasound, X-ray films) give the same `Frame`.
Attributes are named as in DICOM PS3.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.kinds import SYNTHETIC, maker_in
from segpaint.core.volumes.presets import Preset

CENTIMETRES = 3
"""Physical Units X and Y Direction of a region of an ultrasound image, in which a pixel has a size."""
SLICE_VECTOR = 0x0054_0080
"""A tag to which Frame Increment Pointer points if frames are slices."""
MOST_FRAMES = 100_000
ATTRIBUTES = (
    "NumberOfFrames", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "Rows", "Columns",
    "ImageOrientationPatient", "PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing",
    "PixelAspectRatio",
    "SpacingBetweenSlices", "SliceThickness", "PhotometricInterpretation", "TriggerTime",
    "NominalCardiacTriggerDelayTime", "ImagePositionPatient", "RescaleSlope", "RescaleIntercept", "WindowWidth",
    "WindowCenter", "WindowCenterWidthExplanation", "TemporalPositionIdentifier", "TemporalPositionIndex",
    "AcquisitionNumber", "InstanceNumber", "BitsAllocated", "BitsStored",
    "PixelRepresentation", "SequenceOfUltrasoundRegions", "FrameTimeVector", "FrameTime", "CineRate",
    "RecommendedDisplayFrameRate", "FrameIncrementPointer", "SliceVector", "DetectorInformationSequence",
    "Manufacturer", "SyntheticData", "DerivationDescription",
)  # fmt: skip
"""All that is read of a header."""
COLORS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR")


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a DICOM file, without its pixels.

    Attributes
    ----------
    number : int
        Its place in the file, from 0.
    shape : tuple of int
        Rows and columns.
    position : ndarray of float64, shape (3,), or None
        The centre of the first pixel in the patient (LPS), in millimetres.
    orientation : ndarray of float64, shape (2, 3), or None
        Unit vectors along a row and along a column.
    spacing : tuple of float or None
        Millimetres between rows and between columns.
    aspect : float
        Height of a pixel divided by its width, for files without a spacing.
    thickness, between : float or None
        Millimetres of the slice, and from slice to slice as the file states them; positions count more.
    slope, intercept : float
        From stored values to those of `unit`.
    moment : float or None
        Milliseconds, from any beginning.
    order : tuple of float
        Sorts frames of one place as they were made.
    kind : str
        The type of the stored numbers, as numpy names it.
    is_color : bool
        Whether pixels are RGB.
    ends : float or None
        If small values are bright, the sum of the lowest and the highest that can be: values, and the levels of
        `presets`, are taken from it to be turned round.
    slice : int or None
        The number of its slice, where the file counts slices beside frames (nuclear medicine).
    made_by : str
        Name of the model that made it from a mask, as `segpaint.io.dicom_out.marks` writes it; empty if it
        shows a patient, or nobody knows.
    """

    path: Path
    number: int
    shape: tuple[int, int]
    position: NDArray[np.float64] | None
    orientation: NDArray[np.float64] | None
    spacing: tuple[float, float] | None
    thickness: float | None
    between: float | None
    slope: float
    intercept: float
    presets: tuple[Preset, ...]
    moment: float | None
    order: tuple[float, ...]
    kind: str
    is_color: bool
    ends: float | None
    aspect: float = 1.0
    slice: int | None = None
    made_by: str = ""

    @property
    def is_inverted(self) -> bool:
        """Whether small values are bright in the file."""
        return self.ends is not None

    @property
    def step(self) -> float | None:
        """Millimetres that a slice takes up, where there is no other to measure from."""
        return self.between or self.thickness


@cache
def tags_of(names: tuple[str, ...]) -> dict[str, int]:
    """Find the tags of attributes, which are found faster by them than by name."""
    from pydicom.tag import Tag

    return {name: Tag(name) for name in names}


def frames_of(path: Path, data: Any) -> Iterator[Frame]:
    """List the frames of a file.

    Parameters
    ----------
    data : pydicom.Dataset
        The header; pixels are not needed.
    """
    data = {name: data[tag].value for name, tag in tags_of(ATTRIBUTES).items() if tag in data}
    count = min(int(data.get("NumberOfFrames") or 1), MOST_FRAMES)
    shared = _first(data.get("SharedFunctionalGroupsSequence"))
    own = data.get("PerFrameFunctionalGroupsSequence") or []
    times, slices = _moments(data, count), _slices(data, count)
    across, lowest = (None, 0) if slices is None else (_laid_across(data, slices), min(slices))
    for number in range(count):
        groups = [group for group in (own[number] if number < len(own) else None, shared) if group is not None]
        places = [data] if not groups else [_unpacked(groups), data]
        frame = _frame(path, data, number, places, times[number])
        if slices is not None:
            way = None if across is None else (slices[number] - lowest) * across
            position = None if way is None or frame.position is None else frame.position + way
            frame = replace(frame, slice=slices[number], position=position)
        yield frame


def _frame(path: Path, data: Any, number: int, places: Sequence[Any], moment: float | None) -> Frame:
    def find(*names: str) -> Any:
        found = (place.get(name) for name in names for place in places)
        return next((value for value in found if value is not None and value != ""), None)

    orientation = _numbers(find("ImageOrientationPatient"), 6)
    spacing = _numbers(find("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"), 2)
    if spacing is not None and not spacing.all():
        spacing = None
    aspect = _numbers(find("PixelAspectRatio"), 2)
    thickness, between = (_number(find(name)) for name in ("SliceThickness", "SpacingBetweenSlices"))
    colors = str(data.get("PhotometricInterpretation", ""))
    slope, intercept = _number(find("RescaleSlope")) or 1.0, _number(find("RescaleIntercept")) or 0.0
    ends = _ends(data, slope, intercept) if colors == "MONOCHROME1" else None
    trigger = _number(find("TriggerTime", "NominalCardiacTriggerDelayTime"))
    return Frame(
        path,
        number,
        (int(data["Rows"]), int(data["Columns"])),
        _numbers(find("ImagePositionPatient"), 3),
        None if orientation is None else orientation.reshape(2, 3),
        _regional_spacing(data) if spacing is None else (abs(float(spacing[0])), abs(float(spacing[1]))),
        abs(thickness) if thickness else None,
        abs(between) if between else None,  # nuclear medicine counts downward
        slope,
        intercept,
        _presets(find("WindowWidth"), find("WindowCenter"), find("WindowCenterWidthExplanation"), ends),
        trigger if trigger is not None else moment,
        tuple(
            _number(find(name)) or 0.0
            for name in (
                "TemporalPositionIdentifier",
                "TemporalPositionIndex",
                "AcquisitionNumber",
                "InstanceNumber",
            )
        ),
        _kind(data),
        colors in COLORS,
        ends,
        1.0 if aspect is None or min(aspect) <= 0 else float(aspect[0] / aspect[1]),
        made_by=_maker(data),
    )


def _maker(data: Mapping[str, Any]) -> str:
    if (data.get("Manufacturer"), data.get("SyntheticData")) != ("SegPaint", "YES"):
        return ""
    _, _, described = str(data.get("DerivationDescription", "")).partition("Synthetic? ")
    return maker_in({SYNTHETIC: described.partition(". Checkpoint ")[0]})


def _unpacked(groups: Sequence[Any]) -> dict[str, Any]:
    """Flatten the functional groups of a frame, each a sequence of one item; earlier ones count more."""
    found: dict[str, Any] = {}
    for group in groups:
        for element in group:
            if element.VR == "SQ" and len(element.value):
                for inner in element.value[0]:
                    found.setdefault(inner.keyword, inner.value)
    return found


def _kind(data: Any) -> str:
    """Name the type of the stored numbers, by what stands before the pixels, where the header ends."""
    bits, sign = int(data.get("BitsAllocated") or 16), data.get("PixelRepresentation")
    if bits == 64:
        return "float64"
    if bits == 32 and sign is None:  # which files of whole numbers always give
        return "float32"
    return f"{'int' if sign else 'uint'}{8 if bits <= 8 else 16 if bits <= 16 else 32}"


def _ends(data: Any, slope: float, intercept: float) -> float:
    """Add the lowest and the highest value that can be stored, in the unit of the series."""
    highest = 2 ** int(data.get("BitsStored") or 8) - 1
    lowest = -(highest + 1) // 2 if data.get("PixelRepresentation") else 0
    return float(lowest + lowest + highest) * slope + 2 * intercept


def _regional_spacing(data: Any) -> tuple[float, float] | None:
    """Find the size of a pixel of an ultrasound image, which is given for regions of it."""
    for region in data.get("SequenceOfUltrasoundRegions") or []:
        units = region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection")
        steps = _number(region.get("PhysicalDeltaY")), _number(region.get("PhysicalDeltaX"))
        if units == (CENTIMETRES, CENTIMETRES) and all(steps):
            return abs(10 * (steps[0] or 0)), abs(10 * (steps[1] or 0))
    return None


def _moments(data: Any, count: int) -> list[float | None]:
    """Compute when the frames of a film were taken: at equal times, or with a list of the times between."""
    if count == 1:
        return [None]
    between = _numbers(data.get("FrameTimeVector"), count)
    if between is not None:
        return [float(moment) for moment in np.cumsum(between)]
    step = _number(data.get("FrameTime"))
    rate = _number(data.get("CineRate")) or _number(data.get("RecommendedDisplayFrameRate"))
    if not step and rate:
        step = 1000 / rate
    return [number * step if step else None for number in range(count)]


def _slices(data: Any, count: int) -> list[int] | None:
    """List which slice each frame of nuclear medicine shows; None if its frames are no slices."""
    numbers = _numbers(data.get("SliceVector"), count)
    if numbers is not None:
        return [int(number) for number in numbers]
    return list(range(1, count + 1)) if data.get("FrameIncrementPointer") == SLICE_VECTOR else None


def _laid_across(data: dict[str, Any], slices: Sequence[int]) -> NDArray[np.float64] | None:
    """Find the way from a slice of nuclear medicine to the next one; None if the file does not give it.

    The first slice alone has a place, most often that of the detector, which is copied into `data`. The others
    lie behind it, or before it if the distance is negative (DICOM PS3.3, C.8.4.15).
    """
    detector = _first(data.get("DetectorInformationSequence")) or {}
    for name in ("ImagePositionPatient", "ImageOrientationPatient"):
        data[name] = data.get(name) or detector.get(name)
    if len(set(slices)) == 1:
        return np.zeros(3)
    orientation = _numbers(data["ImageOrientationPatient"], 6)
    between = _number(data.get("SpacingBetweenSlices"))
    if orientation is None or not between:
        return None
    normal = np.cross(orientation[:3], orientation[3:])
    return np.asarray(normal * between / (np.linalg.norm(normal) or 1.0), np.float64)


def _presets(widths: Any, levels: Any, names: Any, ends: float | None) -> tuple[Preset, ...]:
    """List the windows of a file, turned round with the values if there are `ends`."""

    def listed(value: Any) -> list[Any]:
        return [] if value is None else [value] if isinstance(value, str | int | float) else list(value)

    called = [str(name) for name in listed(names)]
    found = []
    for place, (width, level) in enumerate(zip(listed(widths), listed(levels), strict=False)):
        if (_number(width) or 0) > 0 and _number(level) is not None:
            name = called[place] if place < len(called) else "of the file"
            found.append(Preset(name, float(width), float(level) if ends is None else ends - float(level)))
    return tuple(found)


def _first(sequence: Any) -> Any:
    return sequence[0] if sequence else None


def _number(value: Any) -> float | None:
    """Convert a value to a finite number, if it is one."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _numbers(value: Any, count: int) -> NDArray[np.float64] | None:
    try:
        numbers = np.asarray(value, np.float64).ravel()
    except (TypeError, ValueError):
        return None
    return numbers if numbers.size == count and np.isfinite(numbers).all() else None
