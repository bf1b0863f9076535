"""Recognises what a file holds by its first bytes; by its ending only where these leave it open."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from segpaint.core.known_files import DICOM, HEAD, NIFTI, recognise
from segpaint.core.reading import open_regular, reads
from segpaint.io.volume_files.dicom_files import LARGEST


class Kind(Enum):
    """What a file holds, as the user sees it."""

    DICOM = "DICOM"
    NIFTI = "NIfTI"
    NRRD = "NRRD"
    META = "MetaImage"
    TIFF = "TIFF"
    NUMPY = "array of NumPy"
    PICTURE = "picture"
    """What Pillow reads, or nothing that is known."""


STARTS = {
    b"NRRD": Kind.NRRD, b"ObjectType": Kind.META, b"NDims": Kind.META,
    b"II*\0": Kind.TIFF, b"MM\0*": Kind.TIFF, b"II+\0": Kind.TIFF, b"MM\0+": Kind.TIFF,
    b"\x93NUMPY": Kind.NUMPY,
}  # fmt: skip
ENDINGS = {
    ".dcm": Kind.DICOM, ".ima": Kind.DICOM, ".nii": Kind.NIFTI, ".nii.gz": Kind.NIFTI, ".nrrd": Kind.NRRD,
    ".nhdr": Kind.NRRD, ".mha": Kind.META, ".mhd": Kind.META, ".tif": Kind.TIFF, ".tiff": Kind.TIFF,
    ".npy": Kind.NUMPY, ".npz": Kind.NUMPY, ".png": Kind.PICTURE, ".jpg": Kind.PICTURE, ".jpeg": Kind.PICTURE,
    ".bmp": Kind.PICTURE,
}  # fmt: skip
"""Of files that can be opened; for dialogs, too."""


@reads("a scan or a picture")
def kind_of(path: Path) -> Kind:
    """Find out what a file holds.

    Raises
    ------
    SegPaintError
        If it is missing, or no regular file.
    """
    with open_regular(path, LARGEST) as file:
        start = file.read(64 * HEAD)
    known = recognise(start)
    if known in (DICOM, NIFTI):
        return Kind.DICOM if known == DICOM else Kind.NIFTI
    ending = next((kind for name, kind in ENDINGS.items() if path.name.lower().endswith(name)), Kind.PICTURE)
    if known is not None and known.endswith(" image"):  # whatever the ending is
        return Kind.PICTURE
    return next((kind for mark, kind in STARTS.items() if start.startswith(mark)), ending)
