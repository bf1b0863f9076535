"""A small copy of a volume, in which every plane can be cut at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from segpaint.core.volumes.planes import Plane

if TYPE_CHECKING:
    from segpaint.core.volumes.geometry import Geometry
    from segpaint.core.volumes.volume import Volume

MOST = 96
"""Voxels along an axis of a copy; the steps between them are whole."""
BESIDE = {Plane.AXIAL: Plane.CORONAL, Plane.CORONAL: Plane.SAGITTAL, Plane.SAGITTAL: Plane.CORONAL}
"""The plane that shows where a slice of another one lies."""


def thinned(volume: Volume, most: int = MOST) -> Volume:
    """Copy every so many voxels of the first time; of a file that is read in slices, only these are read.

    Raises
    ------
    SegPaintError
        If a slice cannot be read.
    """
    from segpaint.core.volumes.volume import ArrayVoxels

    steps = [max(1, -(-length // most)) for length in volume.geometry.shape]
    slices = range(0, volume.geometry.shape[0], steps[0])
    values = np.stack([volume.voxels.slice(0, index)[:: steps[1], :: steps[2]] for index in slices])
    affine = volume.geometry.affine.copy()
    affine[:3, :3] *= steps
    shape = values.shape[:3]
    geometry: Geometry = replace(volume.geometry, shape=(shape[0], shape[1], shape[2]), affine=affine)
    return replace(volume, voxels=ArrayVoxels(values[None]), geometry=geometry, moments=())


def nearest_plane(volume: Volume, plane: Plane) -> Plane:
    """Name the patient's plane that a plane shows; of the acquired one, that which it is nearest to."""
    if plane is not Plane.ACQUIRED:
        return plane
    along = volume.view(plane).order[0]
    return next(each for each in BESIDE if volume.view(each).order[0] == along)
