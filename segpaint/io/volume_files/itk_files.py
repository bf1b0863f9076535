"""Reads NRRD and MetaImage with ITK.

Its reader of TIFF is not used: a damaged file can keep it busy for ever.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import check_regular, open_regular, reads
from segpaint.core.requests.kinds import KIND, SYNTHETIC, maker_in
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import MADE_AS, MOST_BYTES, ArrayVoxels, Stored, Values, Volume
from segpaint.io.volume_files.file_kinds import Kind, kind_of

READERS = {Kind.NRRD: "NrrdImageIO", Kind.META: "MetaImageIO"}
"""By what a file holds: no other reader of ITK is tried."""
VALUES_BESIDE = re.compile(rb"^(?:data ?file:|ElementDataFile\s*=)(.*)$", re.IGNORECASE | re.MULTILINE)
"""How the headers of NRRD and of MetaImage name a file of values."""
LONGEST_HEADER = 2**20
LONGEST_FIELD = 900
"""Bytes of a field of NRRD. At longer ones that are damaged, ITK ends the program. Notes may be longer."""
MOST_PACKED = 1040
"""How many times gzip shortens a file at most."""


@dataclass(frozen=True)
class Segment:
    """A label as Slicer writes it into ``.seg.nrrd``.

    Attributes
    ----------
    layer : int
        The volume that holds it, where segments overlap; else 0.
    color : str or None
        As ``#rrggbb``.
    """

    value: int
    name: str
    layer: int
    color: str | None


@reads("a volume")
def read_itk(path: Path) -> Volume:
    """Read a volume.

    Raises
    ------
    SegPaintError
        If it is damaged, would fill the memory, or is a segmentation of 3D Slicer.
    """
    reader = _opened(path)
    if reader.HasMetaDataKey("Segment0_LabelValue"):
        raise SegPaintError(f"{path} is a segmentation; open its scan, and then this file as a mask.")
    values, geometry = _voxels(reader)
    if values.ndim > 4 and _is_film(reader):
        values = np.moveaxis(values[0], -1, 0)
    values, remarks = _colors(path, values)
    if not geometry.is_placed:
        remarks = (*remarks, f"{path.name} does not give its place in the patient. Sides are assumed.")
    stored = str(values.dtype)
    marks = {key: reader.GetMetaData(key) for key in (SYNTHETIC, KIND) if reader.HasMetaDataKey(key)}
    made_by = maker_in(marks) if stored == MADE_AS else ""
    return Volume(ArrayVoxels(values), geometry, path.name, Stored(stored), remarks=remarks, made_by=made_by)


def _voxels(reader: Any) -> tuple[Values, Geometry]:
    """Read the voxels, shape (times, slices, rows, columns) and perhaps channels, and where they lie."""
    import SimpleITK

    image = reader.Execute()
    size, axes, channels = image.GetSize(), image.GetDimension(), image.GetNumberOfComponentsPerPixel()
    space = min(axes, 3)
    direction, origin, spacing = np.eye(3), np.zeros(3), np.ones(3)
    direction[:space, :space] = np.reshape(image.GetDirection(), (axes, axes))[:space, :space]
    origin[:space], spacing[:space] = image.GetOrigin()[:space], image.GetSpacing()[:space]
    shape = (size[2] if axes > 2 else 1, size[1], size[0])
    is_placed = reader.GetImageIO() != READERS[Kind.NRRD] or reader.HasMetaDataKey("NRRD_space")
    is_measured = is_placed or not np.allclose(spacing, 1)
    geometry = Geometry.of(shape, origin, spacing, direction, is_placed=is_placed, is_measured=is_measured)
    values = SimpleITK.GetArrayFromImage(image)
    times = size[3] if axes > 3 else 1
    return values.reshape((times, *shape, *([channels] if channels > 1 else []))), geometry


@reads("a segmentation")
def read_layers(path: Path) -> tuple[Values, Geometry, tuple[Segment, ...]] | None:
    """Read a ``.seg.nrrd`` with the names and colours of its segments; None of other files.

    Returns
    -------
    tuple
        The voxels of each layer, of the shape (layers, slices, rows, columns); their geometry; the segments.

    Raises
    ------
    SegPaintError
        If it is damaged, or would fill the memory.
    """
    segments = read_segments(path)
    if not segments:
        return None
    values, geometry = _voxels(_opened(path))
    return (np.moveaxis(values[0], -1, 0) if values.ndim > 4 else values[:1]), geometry, segments


@reads("a segmentation")
def read_segments(path: Path) -> tuple[Segment, ...]:
    """Read the names and colours in a ``.seg.nrrd``; none of other files.

    Raises
    ------
    SegPaintError
        If it is damaged.
    """
    reader = _opened(path)
    notes = {key: str(reader.GetMetaData(key)) for key in reader.GetMetaDataKeys()}
    found = []
    number = 0
    while f"Segment{number}_LabelValue" in notes:
        found.append(_segment(notes, f"Segment{number}_"))
        number += 1
    return tuple(found)


def _segment(notes: Mapping[str, str], start: str) -> Segment:
    try:
        parts = [round(255 * min(max(float(part), 0.0), 1.0)) for part in notes[f"{start}Color"].split()]
    except (KeyError, ValueError):
        parts = []
    color = f"#{bytes(parts).hex()}" if len(parts) == 3 else None
    name = notes.get(f"{start}Name") or notes.get(f"{start}ID") or f"segment {notes[f'{start}LabelValue']}"
    return Segment(int(notes[f"{start}LabelValue"]), name, int(notes.get(f"{start}Layer", 0)), color)


def _opened(path: Path) -> Any:
    """Read the header of a file, which must not promise more than the file can hold."""
    check_regular(path, MOST_BYTES)
    if not path.stat().st_size:
        raise SegPaintError(f"{path} cannot be read: it is empty.")
    kind = kind_of(path)
    if kind not in READERS:
        raise SegPaintError(f"{path} is neither NRRD nor MetaImage.")
    beside = _beside(path, kind)
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO(READERS[kind])
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise SegPaintError(f"{path} cannot be read: {_reason(error)}.") from error
    voxels = math.prod(reader.GetSize()) * reader.GetNumberOfComponents()
    size = voxels * max(1, SimpleITK.Image([1, 1], reader.GetPixelID()).GetSizeOfPixelComponent())
    if size > MOST_BYTES:
        raise SegPaintError(
            f"{path} has {size / 2**30:.1f} GiB, which would fill the memory; cut out what is needed."
        )
    if size > MOST_PACKED * (path.stat().st_size + beside):
        raise SegPaintError(f"{path} cannot be read: it is cut short; get it again, whole.")
    return reader


def _beside(path: Path, kind: Kind) -> int:
    """Check a header, and the file of values that it names, which must lie in its folder; return its bytes.

    Raises
    ------
    SegPaintError
        If it is missing, lies elsewhere, or there are several; or the header is damaged.
    """
    with open_regular(path, MOST_BYTES) as file:
        header = re.split(rb"\r?\n\r?\n", file.read(LONGEST_HEADER), maxsplit=1)[0]
    if kind is Kind.NRRD:
        for line in header.splitlines():
            if len(line) > LONGEST_FIELD and b":=" not in line and not line.startswith(b"#"):
                raise SegPaintError(f"{path} cannot be read: a line of its header is too long; get it again.")
    named = VALUES_BESIDE.search(header)
    name = "" if named is None else named[1].decode("utf-8", "replace").strip()
    if name in ("", "LOCAL"):
        return 0
    if name.startswith("LIST") or "%" in name:
        raise SegPaintError(f"{path} has its values in several files; save it as one file, such as .nrrd.")
    values = path.parent / name
    if values.resolve().parent != path.parent.resolve():
        raise SegPaintError(f"{path} names {name!r}, which is not in its folder; put both into one folder.")
    if not values.exists():
        raise SegPaintError(f"{path} names {name!r}, which is missing; put the two beside each other.")
    check_regular(values, MOST_BYTES)
    return values.stat().st_size


def _reason(error: RuntimeError) -> str:
    """Find the words in what ITK reports with its source files and addresses."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1].rpartition("): ")[2] if lines else "it is damaged").rstrip(".!")


def _is_film(reader: Any) -> bool:
    """Check whether the values of a voxel follow each other in time, as in Slicer's sequences."""
    key = "NRRD_kinds[pixel]"
    return bool(reader.HasMetaDataKey(key) and reader.GetMetaData(key) in ("list", "time"))


def _colors(path: Path, values: Any) -> tuple[Any, tuple[str, ...]]:
    """Keep grey and RGB; of other vectors, such as gradients, the first part."""
    if values.ndim == 4:
        return values, ()
    if values.shape[-1] in (3, 4) and values.dtype == np.uint8:
        return np.ascontiguousarray(values[..., :3]), ()
    remark = f"{path.name} has {values.shape[-1]} values for each voxel. The first of them is used."
    return np.ascontiguousarray(values[..., 0]), (remark,)
