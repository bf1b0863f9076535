"""Opens scans of every format for `segpaint prepare`: NIfTI as it lies, and others as if they were NIfTI."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from nibabel.nifti1 import Nifti1Header, Nifti1Image
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Volume as AnyVolume
from segpaint.io.cases import nifti_stem
from segpaint.io.volume_files.masks import MaskVolume, read_mask_volume
from segpaint.io.volume_files.nifti_files import TO_LPS
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_headers import Volume, described, open_volume


class Voxels:
    """The voxels of a scan as nibabel asks for them: (columns, rows, slices), read when they are needed."""

    is_proxy = True
    dtype = np.dtype(np.float32)
    ndim = 3

    def __init__(self, scan: AnyVolume, time: int) -> None:
        self._scan, self._time = scan, time
        self.shape = scan.geometry.shape[::-1]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Read all voxels."""
        return np.asarray(self._scan.intact(self._time).T, dtype or self.dtype)


def open_as_nifti(path: Path, channel: int | None = None) -> Volume:
    """Open a scan of any format; of a folder of DICOM, the largest series.

    Parameters
    ----------
    channel : int, optional
        Which volume to use of several that follow each other.

    Raises
    ------
    SegPaintError
        If it cannot be read, is in colour, or holds several volumes and `channel` is None.
    """
    if nifti_stem(path) is not None:
        return open_volume(path, channel)
    offers = find_offers(path).offers
    scan = offers[0].open()
    remarks = {f"scan {number}": remark for number, remark in enumerate(scan.remarks)}
    if len(offers) > 1:
        remarks["series"] = f"{path} holds {len(offers)} series. The largest is used: {offers[0].name}."
    if scan.voxels.slice(0, 0).ndim > 2:
        raise SegPaintError(f"{path} holds colours; volumes need one value per voxel.")
    if channel is None and scan.voxels.times > 1:
        raise SegPaintError(
            f"{path} holds {scan.voxels.times} volumes; save the one to be used by itself, or give its number, "
            "from 0, with --channel."
        )
    if (channel or 0) >= scan.voxels.times:
        raise SegPaintError(
            f"{path} holds {scan.voxels.times} volumes, counted from 0, so there is no {channel}."
        )
    affine = TO_LPS @ scan.geometry.affine[:, [2, 1, 0, 3]]
    image = Nifti1Image(Voxels(scan, channel or 0), affine, Nifti1Header())
    image.set_sform(affine, "scanner")
    image.header.set_xyzt_units("mm")
    opened = described(path, image)
    return replace(opened, remarks={**opened.remarks, **remarks})


def read_labels_on(path: Path, image: Volume) -> MaskVolume:
    """Read labels of any format onto an image; values of the shape of its file.

    Raises
    ------
    SegPaintError
        If they cannot be read, or lie elsewhere.
    """
    affine = TO_LPS @ image.affine[:, [2, 1, 0, 3]]
    shape = image.shape[2], image.shape[1], image.shape[0]
    mask = read_mask_volume(path, Geometry(shape, affine))
    return replace(mask, values=mask.values.T)
