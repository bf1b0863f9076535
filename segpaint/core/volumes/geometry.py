"""Where the voxels of a volume lie in the patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segpaint.core.errors import SegPaintError

Triple = tuple[int, int, int]
SIDES = (("R", "L"), ("A", "P"), ("F", "H"))
"""Letters of the two ends of each axis of the patient, as in DICOM: right, left; front, back; feet, head."""
OBLIQUE = 5.0
"""Degrees from the patient's axes beyond which a volume counts as oblique."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """Maps voxels to places in the patient.

    Places are in millimetres along DICOM's axes: towards the patient's left, back, and head (LPS).

    Attributes
    ----------
    shape : tuple of int
        Slices, rows, columns.
    affine : ndarray of float64, shape (4, 4)
        From (slice, row, column, 1) to (left, back, head, 1), at the centres of voxels.
    is_placed : bool
        Whether the file gives the place; otherwise sides are assumed.
    is_measured : bool
        Whether the file gives the distances; otherwise a voxel counts as 1.
    frame_of_reference : str
        DICOM's UID of the coordinates, which other series of the examination share; may be empty.
    """

    shape: Triple
    affine: NDArray[np.float64]
    is_placed: bool = True
    is_measured: bool = True
    frame_of_reference: str = ""

    def __post_init__(self) -> None:
        matrix = np.asarray(self.affine, np.float64)
        if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:3, :3])) < 1e-9:
            raise SegPaintError("its header gives the voxels no size or place: its matrix cannot be inverted.")

    @classmethod
    def of(
        cls, shape: Triple, origin: ArrayLike, spacing: ArrayLike, direction: ArrayLike, **more: bool | str
    ) -> Geometry:
        """Build a geometry from what ITK and DICOM give.

        Parameters
        ----------
        shape : tuple of int
            Slices, rows, columns.
        origin : array_like of float, shape (3,)
            The centre of the first voxel in millimetres.
        spacing : array_like of float, shape (3,)
            Millimetres between columns, between rows, between slices.
        direction : array_like of float, shape (3, 3)
            In its columns, the directions in which columns, rows, and slices follow each other.
        """
        affine = np.eye(4)
        affine[:3, :3] = (np.asarray(direction, np.float64).reshape(3, 3) * np.asarray(spacing, np.float64))[
            :, ::-1
        ]
        affine[:3, 3] = origin
        return cls(shape, affine, **more)  # type: ignore[arg-type]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres between slices, between rows, between columns."""
        steps = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(steps[0]), float(steps[1]), float(steps[2])

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vectors in the columns: of slices, rows, and columns."""
        return np.asarray(self.affine[:3, :3] / self.spacing, np.float64)

    @cached_property
    def angle(self) -> float:
        """Degrees by which the axis that departs most does so from the patient's nearest axis."""
        nearest = np.abs(self.direction).max(axis=0)
        return float(np.degrees(np.arccos(np.clip(nearest, -1, 1))).max())

    @property
    def is_oblique(self) -> bool:
        """Whether no axis of the volume is one of the patient's."""
        return self.angle > OBLIQUE

    @property
    def patient_axes(self) -> Triple:
        """The patient's axis (0 left, 1 back, 2 head) nearest to each of slices, rows, columns; all differ."""
        weights, found = np.abs(self.direction), [0, 0, 0]
        for _ in range(3):  # the clearest first
            axis, own = np.unravel_index(int(np.argmax(weights)), weights.shape)
            found[own] = int(axis)
            weights[axis, :] = weights[:, own] = -1
        return found[0], found[1], found[2]

    def letters(self, axis: int) -> tuple[str, str]:
        """Name where an axis begins and ends, such as ("R", "L"); of oblique ones, also the second side.

        Parameters
        ----------
        axis : int
            0 for slices, 1 for rows, 2 for columns.
        """
        along = self.direction[:, axis]
        parts = [part for part in np.argsort(-np.abs(along)) if abs(along[part]) > np.sin(np.radians(22.5))]
        ends = "".join(SIDES[part][int(along[part] > 0)] for part in parts)
        starts = "".join(SIDES[part][int(along[part] < 0)] for part in parts)
        return starts, ends

    def world(self, index: ArrayLike) -> NDArray[np.float64]:
        """Convert (slice, row, column) to millimetres; shape (..., 3) to (..., 3)."""
        return np.asarray(
            np.asarray(index, np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3], np.float64
        )

    def index(self, place: ArrayLike) -> NDArray[np.float64]:
        """Convert millimetres to (slice, row, column), which may lie outside or between voxels."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(np.asarray(place, np.float64) @ inverse[:3, :3].T + inverse[:3, 3], np.float64)

    def agrees(self, other: Geometry, tolerance: float = 0.1) -> bool:
        """Check whether all voxels of another volume lie at the same places.

        Parameters
        ----------
        tolerance : float
            Of the smallest spacing, by which a corner may be off.
        """
        if self.shape != other.shape:
            return False
        corners = np.array(np.meshgrid(*([0, length - 1] for length in self.shape))).reshape(3, -1).T
        apart = np.abs(self.world(corners) - other.world(corners)).max()
        return bool(apart <= tolerance * min(self.spacing))

    def moved(self, order: Triple, flipped: tuple[bool, bool, bool]) -> Geometry:
        """Move the axes, permuted and flipped; every voxel stays where it is in the patient.

        Parameters
        ----------
        order : tuple of int
            Which of the axes become slices, rows, and columns.
        flipped : tuple of bool
            Which of the new axes run backwards.
        """
        matrix, origin = self.affine[:3, list(order)].copy(), self.affine[:3, 3].copy()
        shape = tuple(self.shape[axis] for axis in order)
        for axis, backwards in enumerate(flipped):
            if backwards:
                origin += matrix[:, axis] * (shape[axis] - 1)
                matrix[:, axis] *= -1
        affine = np.eye(4)
        affine[:3, :3], affine[:3, 3] = matrix, origin
        return replace(self, shape=(shape[0], shape[1], shape[2]), affine=affine)
