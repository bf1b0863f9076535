"""Writes volumes and masks in the geometry of their source: NIfTI, NRRD, and Slicer's ``.seg.nrrd``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import Label
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Stored, Values

SEGMENTS = ".seg.nrrd"
ENDINGS = (".nii.gz", ".nii", SEGMENTS, ".nrrd", ".mha")
"""Of files that are written; the first is the default."""
MOST_DESCRIBED = 79
"""Bytes of the description in a NIfTI header."""
SQUARE = 1e-4
"""How far the axes of a volume may be from right angles for formats that hold no others."""
TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def ending_of(path: Path) -> str | None:
    """Find the ending of a file among those that are written."""
    return next((ending for ending in ENDINGS if path.name.lower().endswith(ending)), None)


def encode_volume(
    name: str,
    values: Values,
    geometry: Geometry,
    *,
    stored: Stored | None = None,
    labels: Sequence[Label] = (),
    notes: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Encode a volume, or a mask, in the format of a file's ending.

    Parameters
    ----------
    name : str
        Of the file, with one of `ENDINGS`.
    values : ndarray, shape (slices, rows, columns) or (slices, rows, columns, 3)
    stored : Stored, optional
        How the source stored its values: whole numbers remain whole.
    labels : sequence of Label, optional
        Names and colours of a mask, for ``.seg.nrrd``.
    notes : mapping of str to str, optional
        What the volume is. NRRD and MHA keep all of them, NIfTI the first, shortened to 79 bytes.

    Raises
    ------
    SegPaintError
        If the ending is another one, or the format cannot hold the volume.
    """
    ending = ending_of(Path(name))
    if ending is None:
        raise SegPaintError(f"{name}: give a volume the ending {', '.join(ENDINGS)}.")
    kept = Stored(str(values.dtype)) if stored is None else stored
    with tempfile.TemporaryDirectory() as folder:  # the libraries write to paths alone
        drawn = Path(folder) / f"volume{ending}"
        if ending.startswith(".nii"):
            _write_nifti(drawn, values, geometry, kept, notes)
        else:
            _write_itk(name, drawn, values, geometry, kept, {**notes, **_segments(name, values, labels)})
        return drawn.read_bytes()


def write_volume(path: Path, values: Values, geometry: Geometry, **more: Any) -> None:
    """Write a volume, or a mask, whole or not at all; `encode_volume` explains the rest."""
    write_atomically(path, encode_volume(path.name, values, geometry, **more), private=True)


def _whole(values: Values, stored: Stored) -> Values:
    """Give values that are whole numbers a type of such, the source's if it can hold them."""
    if values.dtype.kind != "f" or np.dtype(stored.kind).kind == "f" or not _is_plain(stored):
        return values
    rounded = np.rint(np.nan_to_num(values))
    for kind in (stored.kind, "int16", "int32"):
        limits = np.iinfo(kind)
        if limits.min <= rounded.min() and rounded.max() <= limits.max:
            return rounded.astype(kind)
    return values


def _common(values: Values) -> Values:
    """Give whole numbers of 8 bytes, which few programs read in NIfTI and nibabel refuses, a usual type."""
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8:
        return values
    lowest, highest = int(values.min()), int(values.max())
    limits = {kind: np.iinfo(kind) for kind in ("int16", "int32")}
    fitting = (kind for kind, limit in limits.items() if limit.min <= lowest and highest <= limit.max)
    return values.astype(next(fitting, "float64"))


def _is_plain(stored: Stored) -> bool:
    """Check whether all values of a source are whole numbers."""
    return stored.slope == 1 and float(stored.intercept).is_integer() and np.dtype(stored.kind).kind != "f"


def _write_nifti(
    path: Path, values: Values, geometry: Geometry, stored: Stored, notes: Mapping[str, str]
) -> None:
    import nibabel

    slope = None
    if values.dtype.kind == "f" and np.dtype(stored.kind).kind != "f" and not _is_plain(stored):
        limits, slope = np.iinfo(stored.kind), (stored.slope, stored.intercept)
        raw = np.rint((np.nan_to_num(values.astype(np.float64)) - stored.intercept) / stored.slope)
        values = np.clip(raw, limits.min, limits.max).astype(stored.kind)
    else:
        values = _whole(values, stored)
    values = _common(values)
    if values.ndim == 4:  # NIfTI's own kind of RGB is read by few; a fifth axis by all
        values = values[..., None, :]
    affine = TO_RAS @ geometry.affine[:, [2, 1, 0, 3]]
    image: Any = nibabel.Nifti1Image(np.ascontiguousarray(values.swapaxes(0, 2)), affine)
    code = "scanner" if geometry.is_placed else "unknown"
    image.set_qform(affine if geometry.is_placed else None, code)
    image.set_sform(affine, "scanner" if geometry.is_placed else "aligned")
    image.header.set_xyzt_units("mm" if geometry.is_measured else "unknown")
    image.header["descrip"] = next(iter(notes.values()), "").encode()[:MOST_DESCRIBED]
    if slope is not None:
        image.header.set_slope_inter(*slope)  # so that the whole numbers are written as they are
    nibabel.save(image, path)


def _write_itk(
    name: str, drawn: Path, values: Values, geometry: Geometry, stored: Stored, notes: Mapping[str, str]
) -> None:
    import SimpleITK

    direction = geometry.direction[:, ::-1]
    if np.abs(direction.T @ direction - np.eye(3)).max() > SQUARE:
        raise SegPaintError(
            f"{name} cannot be written: its slices are slanted (a tilted gantry); choose .nii.gz."
        )
    values = np.ascontiguousarray(_whole(values, stored))
    image = SimpleITK.GetImageFromArray(values, isVector=values.ndim == 4)
    image.SetOrigin(geometry.affine[:3, 3].tolist())
    image.SetSpacing(geometry.spacing[::-1])
    image.SetDirection(direction.ravel().tolist())
    for key, text in notes.items():
        image.SetMetaData(key, text)
    SimpleITK.WriteImage(image, str(drawn), useCompression=True)


def _segments(name: str, values: Values, labels: Sequence[Label]) -> dict[str, str]:
    return _described(values, labels) if name.lower().endswith(SEGMENTS) else {}


def _described(values: Values, labels: Sequence[Label]) -> dict[str, str]:
    """Describe the labels as 3D Slicer reads them."""
    notes = {
        "Segmentation_MasterRepresentation": "Binary labelmap",
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
    }
    slices, rows, columns = values.shape[:3]
    extent = f"0 {columns - 1} 0 {rows - 1} 0 {slices - 1}"
    for number, label in enumerate(labels):
        start = f"Segment{number}_"
        notes |= {
            f"{start}ID": f"Segment_{label.index}",
            f"{start}Name": label.name,
            f"{start}LabelValue": str(label.index),
            f"{start}Layer": "0",
            f"{start}Color": " ".join(f"{part / 255:.6f}" for part in bytes.fromhex(label.color[1:])),
            f"{start}ColorAutoGenerated": "0",
            f"{start}NameAutoGenerated": "0",
            f"{start}Extent": extent,
            f"{start}Tags": "|",
        }
    return notes
