"""A volume: voxels, their place in the patient, and what their values mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.planes import Plane, View, view_of
from segpaint.core.volumes.presets import Preset

Values = NDArray[np.generic]
KEPT = 32
"""Slices of a file that are kept decoded."""
MADE_AS = "uint8"
"""How made volumes are stored. Other programs copy headers: a mark on values of another type is not its own."""
MOST_BYTES = 2**31
"""Bytes of a volume that is held in memory as a whole."""


class Voxels(Protocol):
    """Gives the values of a volume, a slice at a time or all."""

    @property
    def times(self) -> int:
        """The number of volumes that follow each other in time; 1 for a still one."""
        ...

    def slice(self, time: int, index: int) -> Values:
        """Return a slice as it was acquired: shape (rows, columns), or (rows, columns, 3) in colour."""
        ...

    def whole(self, time: int) -> Values:
        """Return all slices: shape (slices, rows, columns), or (slices, rows, columns, 3).

        Raises
        ------
        SegPaintError
            If they would fill the memory.
        """
        ...


class ArrayVoxels:
    """Voxels that are in memory.

    Parameters
    ----------
    values : ndarray, shape (times, slices, rows, columns) or (times, slices, rows, columns, 3)
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        values.flags.writeable = False

    @property
    def times(self) -> int:
        """The number of volumes that follow each other in time."""
        return int(self._values.shape[0])

    def slice(self, time: int, index: int) -> Values:
        """Return a slice."""
        return np.asarray(self._values[time, index])

    def whole(self, time: int) -> Values:
        """Return all slices."""
        return np.asarray(self._values[time])


class LazyVoxels:
    """Voxels of which each slice is decoded when it is looked at.

    Parameters
    ----------
    times, slices : int
    size : int
        Bytes of all slices of one time.
    decode : callable
        Reads the slice of a time and an index.
    """

    def __init__(self, times: int, slices: int, size: int, decode: Callable[[int, int], Values]) -> None:
        self._times, self._slices, self._size = times, slices, size
        self._decode = lru_cache(KEPT)(decode)
        self._whole = lru_cache(1)(self._stacked)

    @property
    def times(self) -> int:
        """The number of volumes that follow each other in time."""
        return self._times

    def slice(self, time: int, index: int) -> Values:
        """Return a slice."""
        return self._decode(time, index)

    def whole(self, time: int) -> Values:
        """Return all slices."""
        if self._size > MOST_BYTES:
            raise SegPaintError(
                f"The series has {self._size / 2**30:.1f} GiB, too much to be cut in other planes than the "
                "acquired one; look at that, or open fewer slices."
            )
        return self._whole(time)

    def _stacked(self, time: int) -> Values:
        values = np.stack([self._decode(time, index) for index in range(self._slices)])
        values.flags.writeable = False
        return values


@dataclass(frozen=True)
class Stored:
    """How values are stored in the file that they came from: value = slope x stored + intercept.

    Attributes
    ----------
    kind : str
        The type of the stored numbers, as numpy names it.
    slope, intercept : float
    """

    kind: str
    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, eq=False)
class Volume:
    """What a scanner or a program has written, with all that is needed to write it back.

    Attributes
    ----------
    name : str
        Shown to the user: of the file, or the description of the series.
    modality : str
        As in DICOM: "CT", "MR", "US", ...; empty if unknown.
    unit : str
        Of the values, such as "HU"; empty if unknown.
    presets : tuple of Preset
        The first is shown at first.
    moments : tuple of float
        Milliseconds of each time; empty for a still volume.
    remarks : tuple of str
        What is unusual in the file, in sentences for the user.
    sources : tuple of tuple of (Path, int), or None
        Of DICOM, for each time the file of each slice and the frame in it, from 0; None where a slice is
        missing. Empty for other formats.
    damaged : dict
        What was wrong with slices that could not be read and are left empty, by time and index in the file. It
        grows as slices are read.
    series : str
        Of DICOM, the Series Instance UID; empty if the file has none, and for other formats.
    made_by : str
        Name of the model that made it from a mask, by its file; empty if it shows a patient, or nobody knows.
    """

    voxels: Voxels
    geometry: Geometry
    name: str
    stored: Stored
    modality: str = ""
    unit: str = ""
    presets: tuple[Preset, ...] = ()
    moments: tuple[float, ...] = ()
    remarks: tuple[str, ...] = ()
    sources: tuple[tuple[tuple[Path, int] | None, ...], ...] = ()
    damaged: dict[tuple[int, int], str] = field(default_factory=dict)
    series: str = ""
    made_by: str = ""

    def view(self, plane: Plane) -> View:
        """Find the turn of the axes that shows a plane."""
        return view_of(self.geometry, plane)

    def width(self, plane: Plane) -> float:
        """Measure how many millimetres wide the slices of a plane are."""
        seen = self.view(plane).seen(self.geometry)
        return float(seen.shape[2] * seen.spacing[2])

    def with_width(self, plane: Plane, millimetres: float) -> Volume:
        """Scale it so that the slices of a plane are so wide, for files that do not give it."""
        affine = self.geometry.affine.copy()
        affine[:3] *= millimetres / self.width(plane)
        return replace(self, geometry=replace(self.geometry, affine=affine, is_measured=True))

    def count(self, plane: Plane) -> int:
        """Count the slices of a plane."""
        return self.view(plane).seen(self.geometry).shape[0]

    def cut(self, plane: Plane, index: int, time: int = 0) -> Values:
        """Cut a slice, as it is looked at.

        Returns
        -------
        ndarray, shape (rows, columns) or (rows, columns, 3)

        Raises
        ------
        SegPaintError
            If it cannot be read, or another plane than the acquired one would fill the memory.
        """
        view = self.view(plane)
        if view.order[0] == 0:  # whole slices of the file
            place = self._in_file(view, index)
            flat = View(view.order, (False, *view.flipped[1:]))
            return np.asarray(flat.apply(self.voxels.slice(time, place)[None])[0])
        return np.asarray(view.apply(self.voxels.whole(time))[index])

    def is_damaged(self, plane: Plane, index: int, time: int = 0) -> bool:
        """Check whether a slice of the file that was cut could not be read, and is empty."""
        view = self.view(plane)
        return view.order[0] == 0 and (time, self._in_file(view, index)) in self.damaged

    def blank(self, time: int = 0) -> list[int]:
        """List the slices of the file that show nothing of the patient: missing, or found to be damaged."""
        sources = self.sources[time] if self.sources else ()
        missing = {index for index, source in enumerate(sources) if source is None}
        return sorted(missing | {index for when, index in self.damaged if when == time})

    def number(self, index: int) -> int:
        """Count a slice of the file as the acquired plane shows it, from 1."""
        return self._in_file(self.view(Plane.ACQUIRED), index) + 1

    def intact(self, time: int = 0) -> Values:
        """Return all slices, none of them damaged.

        Raises
        ------
        SegPaintError
            If one is, or they would fill the memory.
        """
        values = self.voxels.whole(time)
        for (when, _), sentence in self.damaged.items():
            if when == time:
                raise SegPaintError(sentence)
        return values

    def remark_on(self, damaged: tuple[int, int]) -> str:
        """Write what was wrong with one of the damaged slices, and what was done."""
        return f"{self.damaged[damaged]} The slice is left black."

    def _in_file(self, view: View, index: int) -> int:
        return self.geometry.shape[0] - 1 - index if view.flipped[0] else index
