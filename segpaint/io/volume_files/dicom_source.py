"""The DICOM files that the slices of a volume came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from segpaint.core.reading import reads
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.volume_files.dicom_files import read_header
from segpaint.io.volume_files.dicom_frames import Frame


@dataclass(frozen=True, eq=False)
class Source:
    """The file and frame of each slice; headers are read when they are asked for.

    Attributes
    ----------
    frames : tuple of Frame or None
        In the order of the volume's slices; None where the series lacks a slice.
    """

    frames: tuple[Frame | None, ...]

    @classmethod
    def of(cls, frames: Iterable[Frame], geometry: Geometry, time: int = 0) -> Source:
        """Find the frame of each slice by its place; without places, in the order of their numbers.

        Parameters
        ----------
        frames : iterable of Frame
            Of one series.
        geometry : Geometry
            Of the volume that was made of them.
        time : int
            Which of the frames that lie at one place.
        """
        ordered = sorted(
            frames, key=lambda frame: (frame.moment is not None, frame.moment or 0.0, frame.order, frame.number)
        )
        places: list[list[Frame]] = [[] for _ in range(geometry.shape[0])]
        if geometry.is_placed:
            for frame in (one for one in ordered if one.position is not None):
                index = int(np.rint(geometry.index(np.asarray(frame.position))[0]))
                if 0 <= index < len(places):
                    places[index].append(frame)
        elif len({frame.path for frame in ordered}) == 1:  # a film
            places[0] = sorted(ordered, key=lambda frame: frame.number)
        else:
            ordered.sort(key=lambda frame: (frame.order[-1], str(frame.path), frame.number))
            places = [[frame] for frame in ordered]
        return cls(tuple(place[time] if time < len(place) else None for place in places))

    def header(self, index: int) -> Any:
        """Read the header of a slice; None where the series lacks it.

        Returns
        -------
        pydicom.Dataset or None
            Not to be changed.
        """
        frame = self.frames[index]
        return None if frame is None else _header(frame.path)

    @property
    def path(self) -> Path:
        """The file of the first slice that is there."""
        return next(frame.path for frame in self.frames if frame is not None)

    @property
    def any_header(self) -> Any:
        """The header of the first slice that is there."""
        return _header(self.path)


@lru_cache(2)
@reads("a DICOM file")
def _header(path: Path) -> Any:
    header = read_header(path)
    header.decode()  # names may be written in other letters than those of what is made of them
    return header
