"""Reads the slices of volumes (NIfTI) and pictures (PNG), laid out as radiologists look at them.

Volumes are turned to the nearest of their own axes, never resampled between them. Then

- axial slices have the front of the patient at the top, the patient's right on the left,
- coronal slices have the head at the top, the patient's right on the left,
- sagittal slices have the head at the top, the front of the patient on the left,

and are counted from the feet, from the back, and from the patient's left. Pictures stay as they are.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.affines import voxel_sizes
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.reading import check_regular, open_picture, reads
from segpaint.io.cases import Axis, Case, nifti_stem

LARGEST_LABEL = 254
MOST_VOXELS = 2**29
"""Voxels of a volume: more than a scan of the whole body has."""
LARGEST_VOLUME = 2**31
"""Bytes of a volume."""
MOST_PACKED = 1040
"""How many times gzip shortens a file at most."""

_LAYOUT: dict[Axis, tuple[tuple[slice, slice, slice], tuple[int, int, int]]] = {
    "axial": (np.s_[::-1, ::-1, :], (2, 1, 0)),
    "coronal": (np.s_[::-1, :, ::-1], (1, 2, 0)),
    "sagittal": (np.s_[:, ::-1, ::-1], (0, 2, 1)),
}
"""Which of the axes right, anterior, superior are flipped, and which become slice, row, column."""


@dataclass(frozen=True)
class Stack:
    """The slices of a case.

    Attributes
    ----------
    images : ndarray of float32 or uint8, shape (slices, rows, columns, channels)
        uint8 for 8-bit pictures. Of volumes, NaN where the file has no finite value.
    labels : ndarray of uint8, shape (slices, rows, columns)
        Free (255) where nobody labelled.
    spacing : tuple of float
        Between rows and between columns: millimetres, or 1 where unknown.
    """

    images: NDArray[np.float32] | NDArray[np.uint8]
    labels: NDArray[np.uint8]
    spacing: tuple[float, float]


def is_picture(case: Case) -> bool:
    """Check whether a case is a picture, not a volume."""
    return nifti_stem(case.images[0]) is None


def check_case(case: Case) -> None:
    """Check the headers of a volume and its labels.

    Raises
    ------
    SegPaintError
        If one cannot be read or is no volume, or the two differ in shape or place.
    """
    if not is_picture(case):
        _open_both(case)


def read_stack(case: Case, axis: Axis) -> Stack:
    """Read all slices of a case.

    Raises
    ------
    SegPaintError
        If a file cannot be read or has no finite value, image and labels do not fit, or a label is not an
        integer from 0 to 254.
    """
    if is_picture(case):
        return _read_picture(case)
    image, labels = (nibabel.as_closest_canonical(volume) for volume in _open_both(case))
    sizes = voxel_sizes(image.affine)
    turn, order = _LAYOUT[axis]
    voxels = _finite(case.images[0], _voxels(case.images[0], image))[turn].transpose(order)
    values = _label_values(case, _voxels(case.labels, labels))[turn].transpose(order)
    return Stack(voxels[..., None], values, (float(sizes[order[1]]), float(sizes[order[2]])))


@reads("a volume")
def _open(path: Path) -> Any:
    """Open a NIfTI file of three axes and one value per voxel."""
    check_regular(path, LARGEST_VOLUME)
    if not path.stat().st_size:
        raise SegPaintError(f"{path} cannot be read: it is empty.")
    image: Any = nibabel.squeeze_image(nibabel.load(path))
    voxels = math.prod(int(length) for length in image.shape)
    size = voxels * image.get_data_dtype().itemsize
    if voxels > MOST_VOXELS or size > LARGEST_VOLUME:
        raise SegPaintError(
            f"{path} has {voxels:,} voxels, which would fill the memory; cut out what is needed."
        )
    if size > MOST_PACKED * path.stat().st_size:  # gzip packs no better
        raise SegPaintError(f"{path} cannot be read: it is cut short; get it again, whole.")
    if image.get_data_dtype().names is not None:
        raise SegPaintError(f"{path} holds colours; volumes need one value per voxel.")
    if image.ndim != 3:
        raise SegPaintError(
            f"{path} has {image.ndim} axes ({' x '.join(map(str, image.shape))}), where a volume has 3; "
            "save the volume to be used by itself."
        )
    return image


@reads("a volume")
def _voxels(_path: Path, image: Any) -> NDArray[Any]:
    return np.asanyarray(image.dataobj)


def _finite(path: Path, values: NDArray[Any]) -> NDArray[np.float32]:
    """Convert voxels to float32, with NaN where they are infinite or too large for it."""
    with np.errstate(over="ignore"):
        voxels = values.astype(np.float32, copy=False)
    finite = np.isfinite(voxels)
    if not finite.any():
        raise SegPaintError(f"{path} has no finite voxel: all are infinite or NaN. Make the file anew.")
    return voxels if finite.all() else np.where(finite, voxels, np.float32(np.nan))


def _open_both(case: Case) -> tuple[Any, Any]:
    """Open a volume and its labels, which must be alike in shape and place."""
    image, labels = _open(case.images[0]), _open(case.labels)
    if image.shape != labels.shape:
        raise SegPaintError(
            f"{case.labels} has {' x '.join(map(str, labels.shape))} voxels and {case.images[0]} "
            f"{' x '.join(map(str, image.shape))}; draw the labels on the image, or resample them onto it."
        )
    corners = np.array(np.meshgrid(*([0, length] for length in image.shape), [1])).reshape(4, -1)
    apart = np.abs((image.affine - labels.affine) @ corners).max()
    if apart > 0.1 * voxel_sizes(image.affine).min():
        raise SegPaintError(
            f"{case.labels} lies up to {apart:.1f} mm from {case.images[0]}: their affines differ. "
            "Resample the labels onto the image, or correct the header."
        )
    return image, labels


def _label_values(case: Case, values: NDArray[Any]) -> NDArray[np.uint8]:
    path, ignored = case.labels, values == case.ignored
    values = np.where(ignored, BACKGROUND, values)
    if values.dtype.kind == "f" and not np.array_equal(values, np.rint(values)):
        raise SegPaintError(f"{path} holds values that are no whole numbers; labels are. Is it the image?")
    if values.min() < 0 or values.max() > LARGEST_LABEL:
        wrong = values.min() if values.min() < 0 else values.max()
        raise SegPaintError(
            f"{path} holds the label {int(wrong)}; labels are 0 to {LARGEST_LABEL}. Give it another value."
        )
    return np.where(ignored, FREE, values).astype(np.uint8)


def _read_picture(case: Case) -> Stack:
    planes = [_read_png(path) for path in case.images]
    image, labels = np.concatenate(planes, axis=-1), _read_png(case.labels, labels=True)
    if image.shape[:2] != labels.shape[:2]:
        raise SegPaintError(
            f"{case.labels} is {labels.shape[1]} x {labels.shape[0]} pixels and {case.images[0]} "
            f"{image.shape[1]} x {image.shape[0]}; the two must be alike."
        )
    if image.dtype != np.uint8:
        image = image.astype(np.float32)
    return Stack(image[None], _label_values(case, labels[..., 0])[None], (1.0, 1.0))


@reads("an image")
def _read_png(path: Path, *, labels: bool = False) -> NDArray[Any]:
    """Read the pixels, shape (rows, columns, channels)."""
    picture = open_picture(path)
    if picture.mode not in (("L", "P", "I;16", "I") if labels else ("L", "RGB", "I;16", "I")):
        wanted = "one value per pixel" if labels else "grey or RGB pixels"
        raise SegPaintError(f"{path} is of mode {picture.mode}; it must have {wanted}.")
    pixels = np.asarray(picture)
    return pixels[..., None] if pixels.ndim == 2 else pixels
