"""Brings a mask of another geometry onto a scan, by its places in the patient."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry

Labels = NDArray[np.unsignedinteger[Any]]
STRAIGHT = 1e-6
"""Voxels by which the axes of two grids may lead apart to count as parallel."""


@dataclass(frozen=True, eq=False)
class MaskVolume:
    """A mask of a whole scan.

    Attributes
    ----------
    values : ndarray of uint8 or uint16, shape (slices, rows, columns)
        0 is background.
    names, colors : dict
        By value, where the file has them; colours as ``#rrggbb``.
    overlap : float
        The share of the labelled voxels in the file that lie inside the scan, 0 to 1.
    remarks : tuple of str
        What is unusual, in sentences for the user.
    """

    values: Labels
    geometry: Geometry
    names: dict[int, str] = field(default_factory=dict)
    colors: dict[int, str] = field(default_factory=dict)
    overlap: float = 1.0
    remarks: tuple[str, ...] = ()


def moved_onto(mask: MaskVolume, onto: Geometry, name: str) -> MaskVolume:
    """Resample a mask onto another geometry, to the nearest voxel.

    Where one of the two has no place in the patient, both must have the same shape, and lie on each other.

    Parameters
    ----------
    name : str
        Of the file.

    Raises
    ------
    SegPaintError
        If nothing of it lies inside.
    """
    geometry = mask.geometry
    if geometry.agrees(onto):
        return replace(mask, geometry=onto)
    if not (geometry.is_placed and onto.is_placed):
        if geometry.shape == onto.shape:
            remark = f"{name} or the scan does not give its place. The mask is laid on voxel by voxel."
            return replace(mask, geometry=onto, remarks=(*mask.remarks, remark))
        raise SegPaintError(
            f"it has {_size(geometry)} voxels, the scan {_size(onto)}, and not both give their place; make "
            "the mask on this scan, or save it as NIfTI or NRRD."
        )
    labelled = int(np.count_nonzero(mask.values))
    inside = _count_inside(mask.values, geometry, onto)
    if labelled and not inside:
        raise SegPaintError(
            "it lies elsewhere in the patient: none of its labelled voxels is inside the scan. Open "
            "the scan that it was made on."
        )
    overlap = inside / labelled if labelled else 1.0
    remark = (
        f"{name} has another geometry than the scan. It was resampled to the nearest voxels; "
        f"{'all' if inside == labelled else f'{100 * overlap:.1f} %'} of what it labels lies inside the scan."
    )
    remarks = mask.remarks if _is_part(geometry, onto) and inside == labelled else (*mask.remarks, remark)
    values = _resampled(mask.values, geometry, onto)
    return replace(mask, values=values, geometry=onto, overlap=overlap, remarks=remarks)


def _size(geometry: Geometry) -> str:
    return " x ".join(map(str, geometry.shape))


def _steps(own: Geometry, other: Geometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the way from voxels of one geometry to those of another: a matrix (3, 3), and where it begins."""
    start = other.index(own.world((0, 0, 0)))
    return other.index(own.world(np.eye(3))).T - start[:, None], start


def _is_part(own: Geometry, other: Geometry) -> bool:
    """Check whether each voxel of one geometry is one of the other."""
    matrix, start = _steps(own, other)
    apart = np.abs(matrix - np.rint(matrix)) * np.asarray(own.shape)
    is_turn = np.abs(np.abs(np.linalg.det(matrix)) - 1) < 0.01
    return bool(is_turn and apart.max() < 0.1 and np.abs(start - np.rint(start)).max() < 0.1)


def _count_inside(values: Labels, own: Geometry, other: Geometry) -> int:
    """Count the labelled voxels whose centres lie inside another geometry."""
    matrix, start = _steps(own, other)
    last, count = np.asarray(other.shape) - 0.5, 0
    for number, plane in enumerate(values):
        rows, columns = np.nonzero(plane)
        places = np.stack([np.full(len(rows), number), rows, columns], 1) @ matrix.T + start
        count += int(np.count_nonzero(((places >= -0.5) & (places < last)).all(axis=1)))
    return count


def _resampled(values: Labels, own: Geometry, onto: Geometry) -> Labels:
    """Look up the nearest voxel for each of another geometry; background outside."""
    matrix, start = _steps(onto, own)
    found = np.zeros(onto.shape, values.dtype)
    parallel = np.abs(matrix - np.diag(np.diag(matrix))) * np.asarray(onto.shape)
    if parallel.max() < 0.5 * STRAIGHT * max(onto.shape):
        axes = [
            np.floor(np.arange(length) * matrix[axis, axis] + start[axis] + 0.5).astype(int)
            for axis, length in enumerate(onto.shape)
        ]
        within = [(axis >= 0) & (axis < length) for axis, length in zip(axes, values.shape, strict=True)]
        found[np.ix_(*within)] = values[np.ix_(*(a[w] for a, w in zip(axes, within, strict=True)))]
        return found
    rows, columns = (np.arange(length, dtype=np.float64) for length in onto.shape[1:])
    limits = np.asarray(values.shape)[:, None, None]
    flat = start[:, None, None] + 0.5 + matrix[:, 1, None, None] * rows[:, None]
    flat = flat + matrix[:, 2, None, None] * columns
    for number in range(onto.shape[0]):
        places = np.floor(flat + number * matrix[:, 0, None, None]).astype(np.int64)
        hit = ((places >= 0) & (places < limits)).all(axis=0)
        found[number][hit] = values[tuple(places[:, hit])]
    return found
