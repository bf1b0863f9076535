"""Reads DICOM structure sets (RTSTRUCT, PS3.3, A.19): contours, which are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import check_regular, reads
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.volume_files.dicom_files import read_header
from segpaint.io.volume_files.mask_places import Labels, MaskVolume, moved_onto

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
"""Kinds of contours that have an inside."""
SAME_PLANE = 0.05
"""Millimetres up to which two contours lie in one plane."""
MOST_APART = 10.0
"""Millimetres between planes of contours beyond which slices between them stay empty."""
PARALLEL = 0.9998
"""Cosine of the angle between a contour's plane and the slices up to which it is drawn into them."""
MOST_PIXELS = 512
"""Rows or columns of a grid on which contours are drawn that cross the slices."""
MOST_ROIS = 254
LARGEST = 2**28
"""Bytes of a structure set."""


@dataclass(frozen=True, eq=False)
class Contour:
    """A closed line in one plane.

    Attributes
    ----------
    points : ndarray of float64, shape (points, 3)
        In millimetres (LPS).
    """

    value: int
    points: NDArray[np.float64]


@reads("a DICOM structure set", "get it again, whole")
def read_structures(path: Path, onto: Geometry) -> MaskVolume:
    """Draw the structures of a set into the voxels of a scan.

    A voxel belongs to a structure if an odd number of its contours in that plane surround the voxel's centre.
    A slice between two planes of contours takes those of the nearest one.

    Raises
    ------
    SegPaintError
        If it is damaged, has no closed contours, or all lie outside.
    """
    check_regular(path, LARGEST)
    data = read_header(path)
    contours, names, colors, open_ones = _contours(data)
    if not contours:
        raise SegPaintError("it has no closed contours.")
    if not onto.is_placed:
        raise SegPaintError("its contours need a scan that gives its place in the patient.")
    largest = max(contours, key=lambda contour: float(np.linalg.norm(_area(contour.points))))
    normal = _area(largest.points)
    if not np.linalg.norm(normal) > 0:
        raise SegPaintError("its contours enclose nothing.")
    normal = normal / np.linalg.norm(normal)
    across = np.cross(onto.direction[:, 1], onto.direction[:, 2])
    remarks = [f"{path.name}: contours without an inside are left out: {open_ones}."] if open_ones else []
    is_parallel = abs(float(normal @ across)) > PARALLEL * float(np.linalg.norm(across))
    grid = onto if is_parallel else _grid(contours, normal, onto)
    values, overlaps = _drawn(contours, grid)
    if overlaps:
        remarks.append(f"{path.name}: structures overlap in {overlaps:,} voxels. The later one is kept there.")
    mask = MaskVolume(values, grid, names, colors, remarks=tuple(remarks))
    if not is_parallel:
        return moved_onto(mask, onto, path.name)
    places = onto.index(np.concatenate([contour.points for contour in contours]))
    inside = ((places > -1) & (places < np.asarray(onto.shape))).all(axis=1)
    if not values.any():
        raise SegPaintError("it lies elsewhere in the patient; open the scan that it was made on.")
    if not inside.all():
        remarks.append(f"{path.name}: {100 * inside.mean():.1f} % of its contours lie inside the scan.")
    return MaskVolume(values, onto, names, colors, float(inside.mean()), tuple(remarks))


def _contours(data: Any) -> tuple[list[Contour], dict[int, str], dict[int, str], int]:
    """List the closed contours, the names and colours of their structures, and how many are not closed."""
    called = {
        int(roi.ROINumber): str(roi.get("ROIName") or "") for roi in data.get("StructureSetROISequence") or []
    }
    contours: list[Contour] = []
    names, colors, open_ones = dict[int, str](), dict[int, str](), 0
    for value, roi in enumerate(data.get("ROIContourSequence") or [], 1):
        if value > MOST_ROIS:
            raise SegPaintError(f"it has more than {MOST_ROIS} structures.")
        names[value] = called.get(int(roi.ReferencedROINumber)) or f"structure {value}"
        shades = [int(part) for part in roi.get("ROIDisplayColor") or []]
        if len(shades) == 3 and all(0 <= shade <= 255 for shade in shades):
            colors[value] = f"#{bytes(shades).hex()}"
        for contour in roi.get("ContourSequence") or []:
            points = _numbers(contour)
            if str(contour.get("ContourGeometricType")) not in CLOSED or points.size < 9:
                open_ones += 1
                continue
            if points.size % 3 or not np.isfinite(points).all():
                raise SegPaintError(f"a contour of “{names[value]}” is damaged.")
            contours.append(Contour(value, points.reshape(-1, 3)))
    return contours, names, colors, open_ones


def _numbers(contour: Any) -> NDArray[np.float64]:
    """Read the coordinates of a contour, of which a file may hold millions."""
    stored = contour.get_item("ContourData") if "ContourData" in contour else None
    value = None if stored is None else stored.value
    if isinstance(value, bytes):  # not yet decoded, which pydicom does slowly
        value = value.decode("ascii").strip(" \0").split("\\")
    return np.asarray(value if value else [], np.float64).ravel()


def _area(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the area of a polygon as a vector along its normal (Newell's method)."""
    central = points - points.mean(axis=0)
    return np.asarray(np.cross(central, np.roll(central, -1, axis=0)).sum(axis=0) / 2, np.float64)


def _grid(contours: Sequence[Contour], normal: NDArray[np.float64], onto: Geometry) -> Geometry:
    """Lay a grid around contours that cross the slices of the scan, in their own planes."""
    helper = np.eye(3)[int(np.argmin(np.abs(normal)))]
    row = np.cross(normal, helper)
    row /= np.linalg.norm(row)
    axes = np.stack([normal, np.cross(normal, row), row], 1)
    points = np.concatenate([contour.points for contour in contours]) @ axes
    low, high = points.min(axis=0), points.max(axis=0)
    step = _usual(np.unique(np.round(points[:, 0], 2)))
    size = max(min(onto.spacing), float((high - low)[1:].max()) / MOST_PIXELS)
    sizes = np.array([max(step, float(high[0] - low[0]) / MOST_PIXELS), size, size])
    counts = np.floor((high - low) / sizes).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes * sizes, axes @ low
    return Geometry((int(counts[0]), int(counts[1]), int(counts[2])), affine)


def _usual(heights: NDArray[np.float64]) -> float:
    """Find the usual distance between planes, at most `MOST_APART`; 1 of a single one."""
    apart = np.diff(heights)
    apart = apart[apart > SAME_PLANE]
    return min(float(np.median(apart)), MOST_APART) if apart.size else 1.0


def _drawn(contours: Sequence[Contour], grid: Geometry) -> tuple[Labels, int]:
    """Fill contours; return the values, and in how many voxels structures overlap."""
    from skimage.draw import polygon

    placed = [(contour.value, grid.index(contour.points)) for contour in contours]
    heights = np.array([float(np.median(places[:, 0])) for _, places in placed])
    planes = _planes(heights, SAME_PLANE / grid.spacing[0])
    reach = max(1.0, _usual(planes * grid.spacing[0]) / grid.spacing[0]) / 2 + 1e-3
    values, overlaps = np.zeros(grid.shape, np.uint8), 0
    nearest = np.argmin(np.abs(heights[:, None] - planes), axis=1)
    for number in range(grid.shape[0]):
        plane = int(np.argmin(np.abs(planes - number)))
        if abs(planes[plane] - number) > reach:
            continue
        filled: dict[int, NDArray[np.bool_]] = {}
        for which in np.flatnonzero(nearest == plane):
            value, places = placed[int(which)]
            inside = filled.setdefault(value, np.zeros(grid.shape[1:], bool))
            rows, columns = polygon(places[:, 1], places[:, 2], grid.shape[1:])
            inside[rows, columns] ^= True
        for value in sorted(filled):
            overlaps += int(np.count_nonzero(values[number][filled[value]]))
            values[number][filled[value]] = value
    return values, overlaps


def _planes(heights: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """List the heights at which contours lie, those in one plane once."""
    kept: list[float] = []
    for height in np.sort(heights):
        if not kept or height - kept[-1] > tolerance:
            kept.append(float(height))
    return np.array(kept)
