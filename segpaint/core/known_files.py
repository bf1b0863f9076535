"""Recognises files that cannot be opened by their first bytes, so that an error names them and a way."""

import gzip
import zlib

DICOM = (
    "a DICOM file; make a PNG of the slice with the viewer, or NIfTI of the series with dcm2niix for "
    "segpaint prepare"
)
NIFTI = "a volume in NIfTI; segpaint prepare makes slices of it, or save one slice as a PNG"
COMMENT = "an image with a comment of more than a megabyte; save it anew without its comments"
STARTS: tuple[tuple[int, bytes, str], ...] = (
    (128, b"DICM", DICOM),
    (344, b"n+1\0", NIFTI),
    (344, b"ni1\0", NIFTI),
    (4, b"n+2\0\r\n\x1a\n", NIFTI),
    (0, b"%!PS", "a PostScript program, which is never run; save the picture as a PNG"),
    (0, b"\xc5\xd0\xd3\xc6", "a PostScript program, which is never run; save the picture as a PNG"),
    (0, b"%PDF", "a PDF document; save the picture as a PNG"),
    (0, b"NRRD", "a volume in NRRD; save it as NIfTI with 3D Slicer, or one slice as a PNG"),
    (0, b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (0, b"\x89HDF", "a file in HDF5; save what is needed as a PNG"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"<svg", "a drawing in SVG; save it as a PNG"),
)
"""Place, bytes, and what such a file is, with what to do."""
HEAD = 512


def recognise(content: bytes) -> str | None:
    """Name a file by its first bytes, as in "it is …"; None for others and for text."""
    start = content[:HEAD]
    if start.startswith(b"\x1f\x8b"):
        start = _unpacked(content)
        if not any(start[place:].startswith(mark) for place, mark, _ in STARTS):
            return "a file packed with gzip; unpack it first"
    for place, mark, name in STARTS:
        if start[place:].startswith(mark):
            return name
    return None


def _unpacked(content: bytes) -> bytes:
    """Unpack the first bytes of a gzip file alone."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content[: 64 * HEAD], HEAD)
    except (zlib.error, gzip.BadGzipFile):
        return b""
