"""The DICOM files that the slices of a volume came from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from segpaint.core.reading import reads
from segpaint.core.volumes.volume import Volume
from segpaint.io.volume_files.dicom_files import read_header
from segpaint.io.volume_files.dicom_frames import Frame, frames_of


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
    def of(cls, volume: Volume, time: int = 0) -> Source | None:
        """Find the frames of a volume again; None if it did not come from DICOM.

        Parameters
        ----------
        time : int
            Of several volumes that follow each other, the number, from 0.

        Raises
        ------
        SegPaintError
            If a file is gone or damaged.
        """
        if not volume.sources:
            return None
        files: dict[Path, tuple[Frame, ...]] = {}
        frames = []
        for place in volume.sources[time]:
            if place is not None and place[0] not in files:
                files[place[0]] = tuple(frames_of(place[0], _header(place[0])))
            frames.append(None if place is None else files[place[0]][place[1]])
        return cls(tuple(frames))

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
