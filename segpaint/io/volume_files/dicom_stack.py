"""Stacks the frames of a DICOM series into a volume."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import reads
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import LazyVoxels, Stored, Values, Volume
from segpaint.core.words import counted
from segpaint.io.volume_files.dicom_frames import Frame
from segpaint.io.volume_files.dicom_pixels import read_frame
from segpaint.io.volume_files.dicom_search import Series

SAME_PLACE = 0.01
"""Millimetres up to which two slices lie at one place."""
EVEN = 0.02
"""Share of the distance between slices by which it may differ."""
TILTED = 0.5
"""Degrees of a gantry from which it counts as tilted."""
MOST_SLICES = 20_000


def stacked(series: Series) -> Volume:
    """Make a volume of a series, see `_read_stack`."""
    return _read_stack(series.frames[0].path, series)


@reads("a DICOM series")
def _read_stack(_path: Path, series: Series) -> Volume:
    """Make a volume of a series.

    Frames at one place follow each other in time. Where whole slices are missing, empty ones keep the others at
    their places.

    Raises
    ------
    SegPaintError
        If it has more slices than can be.
    """
    first = series.frames[0]
    remarks: list[str] = []
    if series.copied:
        remarks.append(f"{series.name}: copies of the same pictures are left out: {len(series.copied)}.")
    if first.position is None or first.orientation is None:
        places, geometry = _in_order(series), None
    else:
        places, geometry = _by_place(series, remarks)
    times = max((len(place) for place in places), default=1)
    if any(place and len(place) != times for place in places):
        remarks.append(
            f"{series.name}: some slices are there more often than others. The first of each is used, the "
            "others are left out."
        )
        times = 1
    if len(places) > MOST_SLICES:
        raise SegPaintError(f"{series.name} has {len(places):,} slices; at most {MOST_SLICES:,} are opened.")
    if geometry is None:
        geometry = _unplaced(first, len(places))
        remarks.append(f"{series.name}: the files do not give the places of the pictures. Sides are assumed.")
    elif len(places) == 1 and first.step is None:
        remarks.append(f"{series.name}: the thickness of the single slice is not known.")
    slopes = {(frame.slope, frame.intercept) for frame in series.frames}
    slope, intercept = (first.slope, first.intercept) if len(slopes) == 1 else (1.0, 0.0)
    kind = first.kind if len(slopes) == 1 else "float32"
    size = int(np.prod(geometry.shape)) * (3 if first.is_color else 4)
    moments = [frame.moment for frame in places[0][:times]] if places and len(places[0]) >= times else []
    slices = _Slices(places, first)
    return Volume(
        LazyVoxels(times, len(places), size, slices.decode),
        geometry,
        series.name,
        Stored(kind, slope, intercept),
        series.modality,
        "HU" if series.modality == "CT" and not first.is_color else "",
        first.presets,
        tuple(moment for moment in moments if moment is not None) if times > 1 else (),
        tuple(remarks),
        tuple(
            tuple((place[time].path, place[time].number) if time < len(place) else None for place in places)
            for time in range(times)
        ),
        slices.damaged,
        series.uid,
        first.made_by if len({frame.made_by for frame in series.frames}) == 1 else "",
    )


def _in_order(series: Series) -> list[list[Frame]]:
    """Take pictures without a place for a film if they are frames of one file, else for slices in order.

    A file that counts its slices has slices, too; frames of one slice follow each other in time.
    """
    frames = sorted(series.frames, key=lambda frame: (frame.order[-1], str(frame.path), frame.number))
    paths = {frame.path for frame in frames}
    if len(paths) > 1:
        return [[frame] for frame in frames]
    slices: defaultdict[int, list[Frame]] = defaultdict(list)
    for frame in frames:
        slices[frame.slice or 0].append(frame)
    return [slices[number] for number in sorted(slices)]


def _unplaced(first: Frame, slices: int) -> Geometry:
    rows, columns = first.spacing or (first.aspect, 1.0)
    return Geometry.of(
        (slices, *first.shape),
        (0, 0, 0),
        (columns, rows, first.step or 1.0),
        np.eye(3),
        is_placed=False,
        is_measured=first.spacing is not None,
    )


def _by_place(series: Series, remarks: list[str]) -> tuple[list[list[Frame]], Geometry]:
    """Sort frames along the normal of their planes, and measure the steps between."""
    first = series.frames[0]
    along_row, along_column = orthonormal(first)
    normal = np.cross(along_row, along_column)
    heights = [float(_position(frame) @ normal) for frame in series.frames]
    places: list[tuple[float, list[Frame]]] = []
    for height, frame in sorted(
        zip(heights, series.frames, strict=True), key=lambda pair: (pair[0], pair[1].order)
    ):
        if places and height - places[-1][0] < SAME_PLACE:
            places[-1][1].append(frame)
        else:
            places.append((height, [frame]))
    step = _step(series, [height for height, _ in places], remarks)
    filled, slant = _filled(places, step, series, remarks), _slant(places, normal * step)
    for place in filled:
        place.sort(key=lambda frame: (frame.moment is not None, frame.moment or 0.0, frame.order, frame.number))
    if (tilt := _angle(slant, normal)) > TILTED:
        remarks.append(
            f"{series.name}: the gantry was tilted by {tilt:.1f} degrees. The acquired plane is true; other "
            "planes are slanted by as much."
        )
    rows, columns = first.spacing or (first.aspect, 1.0)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = slant, along_column * rows, along_row * columns
    affine[:3, 3] = _position(places[0][1][0])
    geometry = Geometry(
        (len(filled), *first.shape),
        affine,
        is_measured=first.spacing is not None,
        frame_of_reference=series.frame_of_reference,
    )
    return filled, geometry


def _position(frame: Frame) -> NDArray[np.float64]:
    if frame.position is None:
        raise SegPaintError(f"{frame.path} does not give its place, and other pictures of its series do.")
    return frame.position


def orthonormal(frame: Frame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correct the directions along a row and a column of a frame for the few digits that files give.

    Raises
    ------
    SegPaintError
        If they are not at right angles.
    """
    row, column = np.zeros((2, 3)) if frame.orientation is None else frame.orientation
    row = row / (np.linalg.norm(row) or 1.0)
    column = column - row * (row @ column)
    length = np.linalg.norm(column)
    if not row.any() or not length >= 0.5:
        raise SegPaintError(f"{frame.path}: the directions of its rows and columns are not at right angles.")
    return row, column / length


def _step(series: Series, heights: Sequence[float], remarks: list[str]) -> float:
    """Find the distance between slices: the usual one."""
    if len(heights) < 2:
        return series.frames[0].step or 1.0
    steps = np.diff(heights)
    counts = Counter(np.round(steps, 2).tolist())
    often = min(counts, key=lambda step: (-counts[step], step))  # where slices are missing, the shorter one
    usual = float(np.median(steps[np.abs(steps - often) < EVEN * often]))
    if usual <= 0:
        return series.frames[0].step or 1.0
    odd = steps[np.abs(steps / usual - np.maximum(1, np.round(steps / usual))) > EVEN]
    if len(odd):
        remarks.append(
            f"{series.name}: the slices are not equally far apart ({steps.min():.2f} to {steps.max():.2f} mm). "
            f"They are shown as if they were {usual:.2f} mm apart; lengths across slices are wrong by as much."
        )
    elif stated := _stated_otherwise(series.frames[0], usual):
        remarks.append(f"{series.name}: the slices lie {usual:.2f} mm apart, {stated}")
    return usual


def _stated_otherwise(frame: Frame, usual: float) -> str:
    """Compare the distance between slices with what the file states of it; a sentence's end, or nothing.

    Some scanners write the gap between slices for the distance of their centres.
    """
    thickness, between = frame.thickness or 0.0, frame.between
    if between and all(abs(usual - one) > EVEN * usual for one in (between, between + thickness)):
        return f"but the files state {between:.2f} mm. Their places are used; slices may be missing between."
    if not between and 0 < 2 * thickness < usual:
        return f"and are {thickness:.2f} mm thick. Nothing is known of what lies between."
    return ""


def _filled(
    places: list[tuple[float, list[Frame]]], step: float, series: Series, remarks: list[str]
) -> list[list[Frame]]:
    """Put empty slices where whole ones are missing."""
    filled: list[list[Frame]] = []
    missing = 0
    for (height, frames), following in itertools.zip_longest(places, places[1:]):
        filled.append(frames)
        if following is not None:
            gap = max(0, round((following[0] - height) / step) - 1)
            if len(filled) + gap > MOST_SLICES:
                raise SegPaintError(f"{series.name} has slices too far from each other to be one scan.")
            filled += [[] for _ in range(gap)]
            missing += gap
    if missing:
        remarks.append(f"{series.name}: {counted(missing, 'slice is', 'slices are')} missing and left black.")
    return filled


def _slant(places: list[tuple[float, list[Frame]]], upright: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure the way from a slice to the next one, which a tilted gantry slants."""
    if len(places) < 2:
        return upright
    way = _position(places[-1][1][0]) - _position(places[0][1][0])
    steps = (places[-1][0] - places[0][0]) / float(np.linalg.norm(upright))
    return np.asarray(way / steps if steps else upright, np.float64)


def _angle(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


class _Slices:
    """Decodes slices; missing ones, and damaged ones among others that can be read, have the lowest value.

    Zero would be water in a CT, and look like tissue.

    Attributes
    ----------
    damaged : dict
        See `Volume`.
    """

    def __init__(self, places: Sequence[Sequence[Frame]], first: Frame) -> None:
        self._places, self._first = places, first
        self.damaged: dict[tuple[int, int], str] = {}

    def decode(self, time: int, index: int) -> Values:
        """Return a slice.

        Raises
        ------
        SegPaintError
            If its file is gone, or no slice of the series can be read.
        """
        frames = self._places[index]
        if time >= len(frames):
            return self._empty()
        try:
            return read_frame(frames[time].path, frames[time])
        except SegPaintError as error:
            if not _is_damage(error) or self._lowest is None:
                raise
            self.damaged[time, index] = str(error)
            return self._empty()

    @cached_property
    def _lowest(self) -> float | None:
        """The lowest value of the first slice that can be read; None if there is none."""
        for frame in itertools.chain.from_iterable(self._places):
            with suppress(SegPaintError):
                return float(read_frame(frame.path, frame).min())
        return None

    def _empty(self) -> Values:
        if self._first.is_color:
            return np.zeros((*self._first.shape, 3), np.uint8)
        return np.full(self._first.shape, self._lowest or 0.0, np.float32)


def _is_damage(error: SegPaintError) -> bool:
    """Whether a file was wrong, rather than gone, locked, or too large for the memory of now."""
    cause = error.__context__
    return getattr(cause, "errno", None) is None and not isinstance(cause, MemoryError)
