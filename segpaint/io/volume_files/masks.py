"""Reads masks of whole scans from every format that the clinic has, onto the voxels of the scan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import reads
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Values
from segpaint.io.image_files import open_mask_image
from segpaint.io.volume_files.dicom_files import read_header
from segpaint.io.volume_files.dicom_search import MASKS
from segpaint.io.volume_files.dicom_segmentations import LARGEST_VALUE, read_segmentation
from segpaint.io.volume_files.file_kinds import Kind, kind_of
from segpaint.io.volume_files.itk_files import Segment, read_itk, read_layers
from segpaint.io.volume_files.mask_places import Labels, MaskVolume, moved_onto
from segpaint.io.volume_files.nifti_files import read_nifti
from segpaint.io.volume_files.picture_files import read_numpy, read_pages
from segpaint.io.volume_files.structure_sets import read_structures

__all__ = ["MaskVolume", "read_mask_volume"]

MOST_LABELS = 1024
"""Different values of a mask; a scan has more."""
ROUNDING = 1e-3
"""How far labels may be from whole numbers."""
STRUCTURES = "a structure set"


@reads("a mask", "save it anew as NIfTI")
def read_mask_volume(path: Path, onto: Geometry) -> MaskVolume:
    """Read a mask: NIfTI, NRRD, 3D Slicer's ``.seg.nrrd``, MetaImage, DICOM SEG or RTSTRUCT, TIFF, NPY, or PNG.

    A mask of another geometry is resampled to the nearest voxel by its places in the patient.

    Parameters
    ----------
    onto : Geometry
        Of the scan that it belongs to.

    Raises
    ------
    SegPaintError
        If it is damaged, is no mask, or nothing of it lies inside the scan.
    """
    kind = kind_of(path)
    if kind is Kind.DICOM:
        mask = _dicom(path, onto)
    elif kind is Kind.PICTURE:
        mask = _picture(path)
    elif kind is Kind.NRRD and (segments := read_layers(path)) is not None:
        mask = _merged(path, *segments)
    else:
        readers = {Kind.NIFTI: read_nifti, Kind.NUMPY: read_numpy, Kind.TIFF: read_pages}
        volume = readers.get(kind, read_itk)(path)
        if volume.voxels.times > 1:
            raise SegPaintError(f"{path} holds {volume.voxels.times} volumes; save one mask alone.")
        if volume.voxels.slice(0, 0).ndim > 2:
            raise SegPaintError(f"{path} holds colours; a mask has one value for each voxel.")
        mask = MaskVolume(_whole_numbers(path, volume.voxels.whole(0)), volume.geometry)
    if not mask.values.any():
        mask = replace(mask, remarks=(*mask.remarks, f"{path.name} labels nothing: all its values are 0."))
    return moved_onto(mask, onto, path.name)


def _dicom(path: Path, onto: Geometry) -> MaskVolume:
    header = read_header(path)
    kind = MASKS.get(str(header.get("SOPClassUID", "")))
    if kind is None:
        raise SegPaintError(f"{path} is a scan or a report and no mask; give a DICOM SEG or RTSTRUCT.")
    mask = read_structures(path, onto) if kind == STRUCTURES else read_segmentation(path, onto)
    own = mask.geometry.frame_of_reference
    if own and onto.frame_of_reference and own != onto.frame_of_reference:
        remark = f"{path.name} has another frame of reference than the scan. It may lie elsewhere."
        mask = replace(mask, remarks=(*mask.remarks, remark))
    return mask


def _picture(path: Path) -> MaskVolume:
    """Read one slice; flat colours become the values 1, 2, ..., and black or transparent is background."""
    image = open_mask_image(path)
    colors: dict[int, str] = {}
    if image.mode in ("L", "P", "I", "I;16"):
        values = _whole_numbers(path, np.asarray(image))
        parts = image.getpalette("RGB") or [] if image.mode == "P" else []
        for value in np.unique(values).tolist():
            if value and 3 * value + 2 < len(parts):
                colors[value] = f"#{bytes(parts[3 * value : 3 * value + 3]).hex()}"
    else:
        values, colors = _flat_colors(path, image)
    geometry = Geometry.of(
        (1, *values.shape), (0, 0, 0), (1, 1, 1), np.eye(3), is_placed=False, is_measured=False
    )
    return MaskVolume(values[None], geometry, colors=colors)


def _flat_colors(path: Path, image: Image.Image) -> tuple[Labels, dict[int, str]]:
    flat = Image.new("RGB", image.size)
    clear = image.convert("RGBA")
    flat.paste(clear.convert("RGB"), mask=clear.getchannel("A").point([0] + 255 * [255]))
    if flat.getcolors(MOST_LABELS) is None:
        raise _is_scan(path)
    red, green, blue = np.moveaxis(np.asarray(flat, np.int32), -1, 0)
    found, places = np.unique(red << 16 | green << 8 | blue, return_inverse=True)
    places = places.reshape(red.shape) + (0 if found[0] == 0 else 1)
    shades = found[found > 0].tolist()
    return places.astype(np.uint16), {number: f"#{shade:06x}" for number, shade in enumerate(shades, 1)}


def _whole_numbers(path: Path, values: Values) -> Labels:
    """Check that values are labels, and convert them."""
    numbers = np.asarray(values)
    if numbers.dtype.kind == "f":
        whole = np.rint(numbers)
        if not np.isfinite(numbers).all() or np.abs(numbers - whole).max() > ROUNDING:
            raise SegPaintError(
                f"{path} holds values that are no whole numbers, so it is no mask. Is it the scan?"
            )
        numbers = whole
    lowest, highest = numbers.min(), numbers.max()
    if lowest < 0 or highest > LARGEST_VALUE:
        wrong = lowest if lowest < 0 else highest
        raise SegPaintError(
            f"{path} holds the value {wrong:.0f}; labels are 0 to {LARGEST_VALUE:,}. Is it the scan?"
        )
    small: Labels = numbers.astype(np.uint8 if highest < 256 else np.uint16)
    if np.count_nonzero(np.bincount(small.ravel())) > MOST_LABELS:
        raise _is_scan(path)
    return small


def _is_scan(path: Path) -> SegPaintError:
    return SegPaintError(f"{path} has more than {MOST_LABELS:,} values, so it is a scan and no mask.")


def _merged(
    path: Path, layers: Values, geometry: Geometry, segments: tuple[Segment, ...], remarks: tuple[str, ...] = ()
) -> MaskVolume:
    """Merge the layers of a segmentation of 3D Slicer, which keep segments that overlap apart.

    Parameters
    ----------
    layers : ndarray, shape (layers, slices, rows, columns)
    """
    numbers = [segment.value for segment in segments]
    if len(set(numbers)) < len(numbers):  # each layer counts from 1
        numbers = list(range(1, len(segments) + 1))
    whole = [_whole_numbers(path, layer) for layer in layers]
    values = np.zeros(geometry.shape, np.uint8 if max(numbers) < 256 else np.uint16)
    overlaps = 0
    for number, segment in zip(numbers, segments, strict=True):
        if not 0 <= segment.layer < len(whole):
            raise SegPaintError(f"{path}: “{segment.name}” is in a layer that is missing.")
        found = whole[segment.layer] == segment.value
        overlaps += int(np.count_nonzero(values[found]))
        values[found] = number
    named = list(zip(numbers, segments, strict=True))
    if overlaps:
        remark = f"{path.name}: segments overlap in {overlaps:,} voxels. The later one is kept there."
        remarks = (*remarks, remark)
    return MaskVolume(
        values,
        geometry,
        {number: segment.name for number, segment in named},
        {number: segment.color for number, segment in named if segment.color is not None},
        remarks=remarks,
    )
