"""Reads the slices of volumes and pictures (PNG), laid out as radiologists look at them.

Volumes are cut along one of their own axes, and never resampled between them.

- Axial slices have the front of the patient at the top, the patient's right on the left.
- Coronal slices have the head at the top, the patient's right on the left.
- Sagittal slices have the head at the top, the front of the patient on the left.
- Acquired slices are those of the file, in the file's order.

The first three are cut along the axis nearest to the patient's own. They are counted from the feet, from the
back, and from the patient's left. One rule lays out every slice, so that similar oblique slices are laid out
alike. It takes that of the eight flips and transpositions whose rows lead most to the patient's left and back,
and whose columns lead most to the back and the feet. Pictures stay as they are.
"""

from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from nibabel.orientations import io_orientation
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.reading import reads
from segpaint.core.words import counted
from segpaint.io.cases import Axis, Case, is_scan, nifti_stem
from segpaint.io.image_files import open_image, open_mask_image
from segpaint.io.scans import open_as_nifti, read_labels_on
from segpaint.io.volume_headers import Volume, check_place, check_size, open_volume, read_voxels

LARGEST_LABEL = 254
ROUNDING = 1e-3
"""How far labels may be from whole numbers."""
PLANES: tuple[Axis, ...] = ("sagittal", "coronal", "axial")
"""How a volume is cut along the patient's axes right, anterior, superior."""
RIGHTWARDS, DOWNWARDS = np.array([-1.0, -1.0, 0.0]), np.array([0.0, -1.0, -1.0])
"""Where a slice's rows and columns are to lead: right, anterior, superior."""
SIDES = ("LR", "PA", "IS")
"""The letters of the patient's sides, against and along each axis."""


@dataclass(frozen=True)
class Layout:
    """How the voxels of a file become slices.

    Attributes
    ----------
    order : tuple of int
        The file's axes that become slice, row, column.
    flipped : tuple of int
        The file's axes that are turned round.
    sides : tuple of str
        The letters of the patient's sides nearest to the left edge and to the top edge.
    """

    order: tuple[int, int, int]
    flipped: tuple[int, ...]
    sides: tuple[str, str]

    def apply(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """Turn voxels of the file into (slices, rows, columns)."""
        return np.flip(voxels, self.flipped).transpose(self.order)


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
    sides : tuple of str, or None
        The letters at the left edge and at the top edge; None of pictures.
    remarks : dict of str to str
        What was unusual in the files, and what was made of it: a sentence by its kind.
    """

    images: NDArray[np.float32] | NDArray[np.uint8]
    labels: NDArray[np.uint8]
    spacing: tuple[float, float]
    sides: tuple[str, str] | None = None
    remarks: dict[str, str] = field(default_factory=dict)


def is_picture(case: Case) -> bool:
    """Check whether a case is a picture, not a volume."""
    return not is_scan(case.images[0])


def check_case(case: Case) -> Volume | None:
    """Check the headers of a volume and its labels, and return the image's; None of pictures.

    Raises
    ------
    SegPaintError
        If one cannot be read or is no volume, or the two differ in shape or place.
    """
    if is_picture(case):
        return None
    return _open_both(case)[0] if _is_nifti(case) else open_as_nifti(case.images[0], case.channel)


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
    image, drawn, remarks = _read_nifti(case) if _is_nifti(case) else _read_scan(case)
    layout = _layout(image, axis)
    voxels = layout.apply(_finite(image.path, read_voxels(image.path, image)))
    values = layout.apply(drawn)
    spacing = float(image.sizes[layout.order[1]]), float(image.sizes[layout.order[2]])
    return Stack(voxels[..., None], values, spacing, layout.sides, {**image.remarks, **remarks})


def read_unlabelled(case: Case, axis: Axis) -> Stack:
    """Read all slices of a scan; all labels are background.

    Raises
    ------
    SegPaintError
        If it cannot be read, or has no finite value.
    """
    image = open_as_nifti(case.images[0], case.channel)
    layout = _layout(image, axis)
    voxels = layout.apply(_finite(image.path, read_voxels(image.path, image)))
    spacing = float(image.sizes[layout.order[1]]), float(image.sizes[layout.order[2]])
    return Stack(voxels[..., None], np.zeros(voxels.shape, np.uint8), spacing, layout.sides, image.remarks)


def _is_nifti(case: Case) -> bool:
    """Check whether image and labels are NIfTI, which must lie on each other voxel by voxel."""
    files = case.images[0], *(() if case.structures else (case.labels,))
    return all(nifti_stem(path) is not None for path in files)


def _read_nifti(case: Case) -> tuple[Volume, NDArray[np.uint8], dict[str, str]]:
    """Open an image, and read its labels."""
    image, labels = _open_both(case)
    if case.structures:
        return image, *_merged(case, labels)
    return image, _label_values(case, read_voxels(labels[0].path, labels[0])), {}


def _read_scan(case: Case) -> tuple[Volume, NDArray[np.uint8], dict[str, str]]:
    """Open an image, and lay its labels on it by their places in the patient."""
    image = open_as_nifti(case.images[0], case.channel)
    labels = read_labels_on(case.labels, image)
    remarks = {f"labels {number}": remark for number, remark in enumerate(labels.remarks)}
    return image, _label_values(case, labels.values), remarks


def _open_both(case: Case) -> tuple[Volume, list[Volume]]:
    """Open a volume and its files of labels, which must be alike in shape and place."""
    image = open_volume(case.images[0], case.channel)
    check_size(image)  # not of labels, whose unit may be missing
    labels = [open_volume(path) for _, path in case.structures] or [open_volume(case.labels)]
    for one in labels:
        check_place(image, one)
    return image, labels


def _layout(volume: Volume, axis: Axis) -> Layout:
    """Find the slices' axis, and the layout of each slice, see the top of this file."""
    directions, flipped = volume.directions, []
    if axis == "acquired":
        through = volume.acquired
    else:
        nearest = io_orientation(volume.affine)
        through = int(np.flatnonzero(nearest[:, 0] == PLANES.index(axis))[0])
        flipped += [through] if nearest[through, 1] < 0 else []
    towards = np.stack([DOWNWARDS, RIGHTWARDS]) @ directions  # for each of the file's axes
    inside = [number for number in range(3) if number != through]
    down, right = max(permutations(inside), key=lambda axes: float(np.abs(towards[[0, 1], axes]).sum()))
    flipped += [number for number, along in ((down, towards[0, down]), (right, towards[1, right])) if along < 0]
    sides = []
    for number in (right, down):
        start = -directions[:, number] * (-1 if number in flipped else 1)
        most = int(np.argmax(np.abs(start)))
        sides.append(SIDES[most][int(start[most] > 0)])
    return Layout((through, down, right), tuple(flipped), (sides[0], sides[1]))


def _finite(path: Path, values: NDArray[Any]) -> NDArray[np.float32]:
    """Convert voxels to float32, with NaN where they are infinite or too large for it."""
    with np.errstate(over="ignore"):
        voxels = values.astype(np.float32, copy=False)
    finite = np.isfinite(voxels)
    if not finite.any():
        raise SegPaintError(f"{path} has no finite voxel: all are infinite or NaN. Make the file anew.")
    return voxels if finite.all() else np.where(finite, voxels, np.float32(np.nan))


def _label_values(case: Case, values: NDArray[Any]) -> NDArray[np.uint8]:
    values = _whole_values(case.labels, values)
    ignored = values == case.ignored
    values = np.where(ignored, BACKGROUND, values)
    if values.min() < 0 or values.max() > LARGEST_LABEL:
        wrong = values.min() if values.min() < 0 else values.max()
        raise SegPaintError(
            f"{case.labels} holds the label {int(wrong)}; labels are 0 to {LARGEST_LABEL}. Give it another "
            "value."
        )
    return np.where(ignored, FREE, values).astype(np.uint8)


def _whole_values(path: Path, values: NDArray[Any]) -> NDArray[Any]:
    """Round labels that other programs stored with a fraction; refuse what is no whole number."""
    if values.dtype.kind != "f":
        return values
    unknown = np.count_nonzero(~np.isfinite(values))
    if unknown:
        raise SegPaintError(f"{path} is infinite or NaN in voxels: {unknown:,}. Labels are whole numbers.")
    rounded: NDArray[Any] = np.rint(values)
    if np.abs(values - rounded).max() > ROUNDING:
        raise SegPaintError(f"{path} holds values that are no whole numbers; labels are. Is it the image?")
    return rounded


def _merged(case: Case, structures: list[Volume]) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """Merge the files of structures in their order; where two overlap, the later one is kept."""
    merged = np.zeros(structures[0].shape, np.uint8)
    overlap, name = 0, ""
    for (value, path), structure in zip(case.structures, structures, strict=True):
        values = _whole_values(path, read_voxels(path, structure))
        found = values != BACKGROUND
        if found.any() and (values.min() < 0 or values[found].min() < values.max()):
            raise SegPaintError(f"{path} holds several labels; a file of one structure holds 0 and 1 alone.")
        covered = int(np.count_nonzero(merged[found]))
        if covered:
            overlap, name = overlap + covered, name or path.name
        merged[found] = value
    if not overlap:
        return merged, {}
    return merged, {
        "overlap": f"Structures in {case.labels} overlap in {counted(overlap, 'voxel')}; {name} is the first "
        "to cover another. The later one by name is kept."
    }


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
    picture = open_mask_image(path) if labels else open_image(path)
    if picture.mode not in (("L", "P", "I;16", "I") if labels else ("L", "RGB", "I;16", "I")):
        wanted = "one value per pixel" if labels else "grey or RGB pixels"
        raise SegPaintError(f"{path} is of mode {picture.mode}; it must have {wanted}.")
    pixels = np.asarray(picture)
    return pixels[..., None] if pixels.ndim == 2 else pixels
