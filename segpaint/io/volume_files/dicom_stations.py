"""Separates the stations of a series, such as the parts of a spine: stacks that lie beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segpaint.io.volume_files.dicom_frames import Frame

APART = 1.0
"""Millimetres between slices, in their plane, from which they are of two stations."""
STEEP = 2.0
"""Millimetres beside each other, for each between the planes, beyond which slices are never of one stack.

A gantry tilts by far less.
"""
SIDES = ("right", "front", "head")
"""From where stations are counted that follow each other along one of DICOM's axes."""


def stations(frames: Sequence[Frame]) -> dict[str, list[Frame]]:
    """Separate the frames of one direction where they cannot be of one stack; a tilted gantry does not count.

    Returns
    -------
    dict of str to list of Frame
        By a name such as "station 1 of 2 from the head". A single stack has an empty name.
    """
    whole = {"": list(frames)}
    first, positions = frames[0], [frame.position for frame in frames if frame.position is not None]
    if first.orientation is None or len(positions) < len(frames):
        return whole
    normal = np.cross(first.orientation[0], first.orientation[1])
    if np.linalg.norm(normal) < 0.5:  # no plane, which the stack reports
        return whole
    normal /= np.linalg.norm(normal)
    heights, beside = np.stack(positions) @ normal, np.stack(positions) @ first.orientation.T
    tilts = np.zeros(2), _tilt(frames, heights, beside)
    groups = min((_grouped(beside - heights[:, None] * tilt) for tilt in tilts), key=np.max)
    if not _lie_beside(groups, heights, beside):
        return whole
    return _named(frames, groups, np.stack(positions))


def _tilt(
    frames: Sequence[Frame], heights: NDArray[np.float64], beside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate how far slices move in their plane for each millimetre between planes, as they were acquired."""
    order = sorted(range(len(frames)), key=lambda place: (frames[place].order[-1], frames[place].number))
    up, along = np.diff(heights[order]), np.diff(beside[order], axis=0)
    near = (up != 0) & (np.linalg.norm(along, axis=1) <= STEEP * np.abs(up))  # others go on to another station
    return np.asarray(
        np.median(along[near] / up[near, None], axis=0) if near.any() else np.zeros(2), np.float64
    )


def _grouped(places: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number places by the groups that gaps in rows or in columns part, from 0."""
    numbers = np.zeros(places.shape, np.intp)
    for axis in range(2):
        order = np.argsort(places[:, axis])
        numbers[order[1:], axis] = np.cumsum(np.diff(places[order, axis]) > APART)
    return np.unique(numbers, axis=0, return_inverse=True)[1].ravel()


def _lie_beside(groups: NDArray[np.intp], heights: NDArray[np.float64], beside: NDArray[np.float64]) -> bool:
    """Whether neighbours of two groups are more beside each other than one behind the other."""
    order = np.lexsort((groups, heights))
    up, along = np.diff(heights[order]), np.linalg.norm(np.diff(beside[order], axis=0), axis=1)
    return bool(((np.diff(groups[order]) != 0) & (along > STEEP * up)).any())


def _named(
    frames: Sequence[Frame], groups: NDArray[np.intp], positions: NDArray[np.float64]
) -> dict[str, list[Frame]]:
    """Name groups in their order from a side of the patient."""
    count = int(groups.max()) + 1
    centres = np.stack([positions[groups == group].mean(axis=0) for group in range(count)])
    axis = int(np.argmax(np.ptp(centres, axis=0)))
    along = centres[:, axis] * (-1 if SIDES[axis] == "head" else 1)
    return {
        f"station {number} of {count} from the {SIDES[axis]}": [
            frame for frame, own in zip(frames, groups, strict=True) if own == group
        ]
        for number, group in enumerate(np.argsort(along), 1)
    }
