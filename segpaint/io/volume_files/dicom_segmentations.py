"""Reads DICOM Segmentation objects (PS3.3, A.51): binary, fractional, and label maps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import reads
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import MOST_BYTES
from segpaint.io.volume_files.dicom_files import read_whole
from segpaint.io.volume_files.dicom_frames import Frame, frames_of
from segpaint.io.volume_files.dicom_stack import MOST_SLICES, SAME_PLACE, orthonormal
from segpaint.io.volume_files.mask_places import Labels, MaskVolume

EVEN = 0.05
"""Share of the distance between slices by which it may differ."""
PARALLEL = 0.999
"""Cosine of the angle between two planes that count as parallel."""
LARGEST_VALUE = 2**16 - 1


@reads("a DICOM segmentation", "get it again, whole")
def read_segmentation(path: Path, onto: Geometry) -> MaskVolume:
    """Read a segmentation in a geometry of its own, which reaches from its first slice to its last.

    Parameters
    ----------
    onto : Geometry
        Of the scan. Decides how far apart the slices are where the file leaves it open.

    Raises
    ------
    SegPaintError
        If it is damaged, has no place in the patient, or would fill the memory.
    """
    data = read_whole(path)
    frames = list(frames_of(path, data))
    geometry, places = _stacked(frames, onto, str(data.get("FrameOfReferenceUID", "") or ""))
    kind = str(data.get("SegmentationType", "BINARY"))
    is_map = kind == "LABELMAP"
    numbers = [0] * len(frames) if is_map else _segments_of_frames(data, len(frames))
    values = _empty(geometry, 16 if max(numbers) > 255 or (is_map and data.BitsAllocated > 8) else 8)
    half = int(data.get("MaximumFractionalValue") or 1) / 2 if kind == "FRACTIONAL" else 1
    covered = 0
    from pydicom.pixels.utils import iter_pixels

    for pixels, number, place in zip(iter_pixels(data), numbers, places, strict=True):
        found, plane = np.asarray(pixels) >= half, values[place]
        covered += int(np.count_nonzero(plane[found]))
        plane[found] = pixels[found] if is_map else number
    names, colors = _described(data)
    remarks = []
    if kind == "FRACTIONAL":
        remarks.append(f"{path.name} holds probabilities. What is labelled by one half or more is taken.")
    if covered:
        remarks.append(f"{path.name}: segments overlap in {covered:,} voxels. The later one is kept there.")
    return MaskVolume(values, geometry, names, colors, remarks=tuple(remarks))


def _empty(geometry: Geometry, bits: int) -> Labels:
    size = int(np.prod(geometry.shape, dtype=object)) * bits // 8
    if size > MOST_BYTES:
        raise SegPaintError(f"it has {size / 2**30:.1f} GiB, which would fill the memory.")
    empty: Labels = np.zeros(geometry.shape, np.uint16 if bits > 8 else np.uint8)
    return empty


def _segments_of_frames(data: Any, count: int) -> list[int]:
    """List the number of the segment that each frame shows."""
    shared = data.get("SharedFunctionalGroupsSequence") or [{}]
    own = data.get("PerFrameFunctionalGroupsSequence") or []
    name, numbers = "SegmentIdentificationSequence", []
    for frame in range(count):
        told = (own[frame].get(name) if frame < len(own) else None) or shared[0].get(name)
        number = int(told[0].ReferencedSegmentNumber) if told else 1
        if not 0 < number <= LARGEST_VALUE:
            raise SegPaintError(f"it has a segment of the number {number}.")
        numbers.append(number)
    return numbers


def _described(data: Any) -> tuple[dict[int, str], dict[int, str]]:
    """Find the names and colours of the segments."""
    names, colors = dict[int, str](), dict[int, str]()
    for segment in data.get("SegmentSequence") or []:
        number = int(segment.SegmentNumber)
        if number == 0:  # the background of a label map
            continue
        names[number] = str(segment.get("SegmentLabel") or f"segment {number}")
        lab = segment.get("RecommendedDisplayCIELabValue")
        if lab is not None and len(lab) == 3:
            from highdicom.color import CIELabColor

            colors[number] = f"#{bytes(CIELabColor.from_dicom_value(list(lab)).to_rgb(clip=True)).hex()}"
    return names, colors


def _stacked(frames: Sequence[Frame], onto: Geometry, reference: str) -> tuple[Geometry, list[int]]:
    """Lay frames at equal distances: the geometry, and the slice of each frame."""
    first = frames[0]
    if first.spacing is None or any(frame.position is None or frame.orientation is None for frame in frames):
        raise SegPaintError("it does not give where its slices lie.")
    if any(not np.allclose(frame.orientation, first.orientation, atol=1e-3) for frame in frames):  # type: ignore[arg-type]
        raise SegPaintError("its slices are turned against each other.")
    along_row, along_column = orthonormal(first)
    normal = np.cross(along_row, along_column)
    positions = np.array([frame.position for frame in frames], np.float64)
    heights = positions @ normal
    lowest, highest = int(np.argmin(heights)), int(np.argmax(heights))
    across = np.cross(onto.direction[:, 1], onto.direction[:, 2])
    across /= np.linalg.norm(across)
    is_parallel = abs(float(across @ normal)) > PARALLEL
    usual = onto.affine[:3, 0] * np.sign(onto.affine[:3, 0] @ normal) if is_parallel else None
    step = _step(heights, first.step, None if usual is None else float(usual @ normal))
    if (heights[highest] - heights[lowest]) / step > MOST_SLICES:
        raise SegPaintError("its slices are too far from each other.")
    order = np.argsort(heights, kind="stable")
    numbers = np.zeros(len(frames), int)
    numbers[order[1:]] = np.cumsum(np.rint(np.diff(heights[order]) / step).astype(int))
    if numbers[highest]:
        way = (positions[highest] - positions[lowest]) / numbers[highest]
    else:
        way = normal * step if usual is None else usual * (step / float(usual @ normal))
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 3] = way, positions[lowest]
    affine[:3, 1], affine[:3, 2] = along_column * first.spacing[0], along_row * first.spacing[1]
    geometry = Geometry((int(numbers[highest]) + 1, *first.shape), affine, frame_of_reference=reference)
    return geometry, numbers.tolist()


def _step(heights: NDArray[np.float64], thickness: float | None, usual: float | None) -> float:
    """Find the distance between slices, of which empty ones may be left out."""
    ordered = np.unique(np.sort(heights))
    apart = np.diff(ordered)
    apart = apart[apart > SAME_PLACE]
    told = [step for step in (thickness, usual) if step is not None and step > SAME_PLACE]
    if not apart.size:
        return told[0] if told else 1.0
    for step in told:
        times = apart / step
        if (times > 1 - EVEN).all() and (np.abs(times - np.rint(times)) <= EVEN).all():
            return step
    return float(apart.min())
