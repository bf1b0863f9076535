"""Opens volumes (NIfTI) and settles what their headers leave open: units, sides, and the acquired slices."""

import logging
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.affines import obliquity, voxel_sizes
from nibabel.imageglobals import logger
from nibabel.openers import Opener
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import check_regular, reads
from segpaint.core.words import counted

logger.setLevel(logging.CRITICAL)  # what nibabel mends in a header is found and reported here
MOST_VOXELS = 2**29
"""Voxels of a volume: more than a scan of the whole body has."""
LARGEST_VOLUME = 2**31
"""Bytes of a volume."""
MOST_PACKED = 1040
"""How many times gzip shortens a file at most."""
UNITS = {1: ("metres", 1000.0), 3: ("micrometres", 0.001)}
"""The codes of lengths in ``xyzt_units`` that are no millimetres, with their millimetres."""
LENGTHS = 7
"""The bits of ``xyzt_units`` that hold the unit of lengths; 0 is unknown."""
CLEARLY_COARSER = 1.15
"""How many times the second coarsest spacing that of thick slices is at least."""
LEAST_SIZE, LARGEST_SIZE = 1e-5, 1e3
"""Millimetres of a voxel along an axis; more or less is a fault of the header."""
LEAST_DETERMINANT = 1e-3
"""Of the directions of a volume's axes; below it they lie in one plane."""


@dataclass(frozen=True)
class Volume:
    """An open volume, whose voxels are still in the file.

    Attributes
    ----------
    image : nibabel image
    channel : int or None
        Which volume of the file this is, if it holds several.
    shape : tuple of int
        Of three axes.
    affine : ndarray of float, shape (4, 4)
        From voxels to millimetres towards the right, the front and the head.
    acquired : int
        The axis that leads from slice to slice as they were acquired: the one that is clearly coarsest, else
        that of the header's ``dim_info``, else the third.
    is_thick : bool
        Whether that axis is clearly coarser than the others.
    is_unitless : bool
        Whether the header leaves the unit of lengths open; they count as millimetres.
    remarks : dict of str to str
        What is unusual in the header, and what was made of it: a sentence by its kind.
    """

    path: Path
    image: Any
    channel: int | None
    shape: tuple[int, ...]
    affine: NDArray[np.float64]
    acquired: int
    is_thick: bool
    is_unitless: bool
    remarks: dict[str, str]

    @property
    def sizes(self) -> NDArray[np.float64]:
        """The millimetres from voxel to voxel along each axis."""
        return np.asarray(voxel_sizes(self.affine))

    @property
    def directions(self) -> NDArray[np.float64]:
        """The unit vectors of the volume's axes, in columns."""
        return np.asarray(self.affine[:3, :3] / self.sizes)

    @property
    def oblique(self) -> float:
        """How far the volume is turned away from the patient's own axes, in degrees."""
        with np.errstate(invalid="ignore"):  # of cosines that are 1 but for rounding
            return float(np.degrees(np.nan_to_num(obliquity(self.affine)).max()))


@reads("a volume")
def open_volume(path: Path, channel: int | None = None) -> Volume:
    """Open a NIfTI file of three axes and one value per voxel.

    Parameters
    ----------
    channel : int, optional
        Which volume to use of several in a fourth axis.

    Raises
    ------
    SegPaintError
        If it is none, would fill the memory, is cut short, or has axes that span no volume.
    """
    check_regular(path, LARGEST_VOLUME)
    if not path.stat().st_size:
        raise SegPaintError(f"{path} cannot be read: it is empty.")
    image: Any = nibabel.load(path)
    shape = tuple(int(length) for length in image.shape)
    _check_size(path, math.prod(shape), image.get_data_dtype().itemsize)
    if image.get_data_dtype().names is not None:
        raise SegPaintError(f"{path} holds colours; volumes need one value per voxel.")
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if channel is not None:
        count = shape[3] if len(shape) == 4 else 1
        if channel >= count:
            raise SegPaintError(
                f"{path} holds {count} channels, from 0 to {count - 1}, so there is no {channel}."
            )
        channel = channel if len(shape) == 4 else None
    if len(shape) != (3 if channel is None else 4):
        raise SegPaintError(
            f"{path} has {counted(len(shape), 'axis', 'axes')} ({' x '.join(map(str, shape))}), where a volume "
            "has 3; save the volume to be used by itself, or give its number, from 0, with --channel."
        )
    if _is_nifti(image.header):
        _check_sizes(path, image.header, shape[:3])
    return described(path, image, channel)


def described(path: Path, image: Any, channel: int | None = None) -> Volume:
    """Decide what the header of an image leaves open.

    Parameters
    ----------
    image : nibabel image
        Of three axes, or of four if `channel` is given.

    Raises
    ------
    SegPaintError
        If its axes span no volume.
    """
    shape = tuple(int(length) for length in image.shape[:3])
    header, remarks = image.header, dict[str, str]()
    affine = np.array(image.affine, np.float64)
    _check_affine(path, affine)
    unit = int(header["xyzt_units"]) & LENGTHS if _is_nifti(header) else 2
    if _is_nifti(header):
        remarks |= _remarks_on_sides(path, header, affine, shape)
    if unit in UNITS:
        name, millimetres = UNITS[unit]
        affine[:3] *= millimetres
        sides = " x ".join(f"{size:.3g}" for size in voxel_sizes(affine))
        remarks["unit"] = f"The header of {path} counts in {name}. Its voxels are taken as {sides} mm."
    acquired, is_thick = _acquired_axis(header, voxel_sizes(affine))
    return Volume(path, image, channel, shape, affine, acquired, is_thick, unit == 0, remarks)


@reads("a volume")
def read_voxels(_path: Path, volume: Volume) -> NDArray[Any]:
    """Read the voxels of an open volume."""
    stored = volume.image.dataobj
    voxels: NDArray[Any] = np.asanyarray(stored if volume.channel is None else stored[..., volume.channel])
    return voxels.reshape(volume.shape)


def check_size(volume: Volume) -> None:
    """Check that voxels are as large as a scanner or a microscope makes them.

    Raises
    ------
    SegPaintError
        If they are not.
    """
    sizes = voxel_sizes(volume.affine)
    if not all(LEAST_SIZE <= size <= LARGEST_SIZE for size in sizes):
        raise SegPaintError(
            f"{volume.path} has voxels of {' x '.join(f'{size:.3g}' for size in sizes)} mm, which no scan has. "
            "Correct the sizes or the unit in its header, or convert the scan anew."
        )


def check_place(image: Volume, labels: Volume) -> None:
    """Check that labels are alike to their image in shape and place.

    Raises
    ------
    SegPaintError
        If they are not.
    """
    if image.shape != labels.shape:
        raise SegPaintError(
            f"{labels.path} has {' x '.join(map(str, labels.shape))} voxels and {image.path} "
            f"{' x '.join(map(str, image.shape))}; draw the labels on the image, or resample them onto it."
        )
    apart = _apart(image.affine, labels.affine, image.shape)
    if labels.is_unitless:  # programs copy the image's affine without its unit
        apart = min(apart, _apart(image.image.affine, labels.affine, image.shape))
    if apart > 0.1 * image.sizes.min():
        raise SegPaintError(
            f"{labels.path} lies up to {apart:.3g} mm from {image.path}: their affines differ. "
            "Resample the labels onto the image, or correct the header."
        )


def _check_size(path: Path, voxels: int, size: int) -> None:
    if voxels > MOST_VOXELS or voxels * size > LARGEST_VOLUME:
        raise SegPaintError(
            f"{path} has {voxels:,} voxels, which would fill the memory; cut out what is needed."
        )
    if voxels * size > MOST_PACKED * path.stat().st_size:  # gzip packs no better
        raise SegPaintError(f"{path} cannot be read: it is cut short; get it again, whole.")


def _check_affine(path: Path, affine: NDArray[np.float64]) -> None:
    """Refuse an affine under which the voxels have no size, or all lie in one plane."""
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    faulty = not np.isfinite(affine).all() or not sizes.all()
    if faulty or abs(np.linalg.det(affine[:3, :3] / sizes)) < LEAST_DETERMINANT:
        raise SegPaintError(_without_size(path))


def _check_sizes(path: Path, header: Any, shape: tuple[int, ...]) -> None:
    """Refuse sizes of 0, which nibabel takes for 1, where the affine is made from them."""
    with Opener(path) as file:
        stored = type(header).from_fileobj(file, check=False)
    sizes = np.asarray(stored["pixdim"][1:4])
    if int(header["sform_code"]) == 0 and any(sizes[axis] == 0 for axis in range(3) if shape[axis] > 1):
        raise SegPaintError(_without_size(path))


def _without_size(path: Path) -> str:
    return (
        f"{path} has voxels without a size: its header holds zeros, or a singular affine. Correct the header, "
        "or convert the scan anew."
    )


def _is_nifti(header: Any) -> bool:
    return isinstance(header, nibabel.Nifti1Header)


def _remarks_on_sides(
    path: Path, header: Any, affine: NDArray[np.float64], shape: tuple[int, ...]
) -> dict[str, str]:
    """Find out whether the header holds the patient's sides twice and differently, or not at all."""
    if int(header["sform_code"]) == 0 and int(header["qform_code"]) == 0:
        return {
            "sides": f"No sides are in the header of {path}; they are assumed. Its first axis is to lead to "
            "the patient's left, its second to the front, and its third to the head."
        }
    if int(header["sform_code"]) == 0 or int(header["qform_code"]) == 0:
        return {}
    try:
        apart = _apart(affine, header.get_qform(), shape)
    except (ValueError, HeaderDataError):  # a quaternion that turns nothing
        apart = math.inf
    if apart <= max(0.5 * voxel_sizes(affine).min(), 1e-5 * np.linalg.norm(affine[:3, 3])):
        return {}
    return {
        "forms": f"The header of {path} contradicts itself: its sform and its qform place the voxels "
        "differently. The sform is used."
    }


def _apart(first: NDArray[np.float64], second: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    """Compute how far two affines lay the corners of a volume apart at most."""
    corners = np.array(np.meshgrid(*([0, length] for length in shape), [1])).reshape(4, -1)
    apart = float(np.abs((first - second) @ corners).max())
    return math.inf if math.isnan(apart) else apart


def _acquired_axis(header: Any, sizes: NDArray[np.float64]) -> tuple[int, bool]:
    coarsest = int(np.argmax(sizes))
    if sizes[coarsest] > CLEARLY_COARSER * np.delete(sizes, coarsest).max():
        return coarsest, True
    told = header.get_dim_info()[2] if _is_nifti(header) else None
    return (2 if told is None else int(told)), False
