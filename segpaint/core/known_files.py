"""Recognises files that cannot be opened by their first bytes, so that an error names them and a way."""

import gzip
import zlib

DICOM = "a DICOM file; open it as a scan, or make a PNG of the slice with the viewer"
ELSEWHERE = "open it as a scan, or save one slice as a PNG"
PICTURE = "open it in another program, and save it as a PNG"
NIFTI = "a volume in NIfTI; open it as a scan, or save one slice as a PNG"
SVG = "a drawing in SVG; save it as a PNG"
HTML = "a web page, perhaps in place of a download; get the file itself"
COMMENT = "an image with a comment of more than a megabyte; save it anew without its comments"
STARTS: tuple[tuple[int, bytes, str], ...] = (
    (128, b"DICM", DICOM),
    # Without its preamble, as old scanners wrote it: the tags that may come first.
    *((0, b"\x08\x00" + element + b"\x00", DICOM) for element in (b"\x05", b"\x08", b"\x12", b"\x16", b"\x18")),
    (0, b"\x02\x00\x00\x00UL", DICOM),
    (0, b"\x08\x00\x00\x00\x04\x00\x00\x00", DICOM),
    (344, b"n+1\0", NIFTI),
    (344, b"ni1\0", NIFTI),
    (4, b"n+2\0\r\n\x1a\n", NIFTI),
    (0, b"%!PS", "a PostScript program, which is never run; save the picture as a PNG"),
    (0, b"\xc5\xd0\xd3\xc6", "a PostScript program, which is never run; save the picture as a PNG"),
    (0, b"%PDF", "a PDF document; save the picture as a PNG"),
    (0, b"NRRD", f"a volume in NRRD; {ELSEWHERE}"),
    (0, b"ObjectType =", f"a volume in MetaImage; {ELSEWHERE}"),
    (0, b"NDims =", f"a volume in MetaImage; {ELSEWHERE}"),
    (0, b"\x5c\x01\x00\x00", f"a volume in Analyze; {ELSEWHERE}"),
    (0, b"\x00\x00\x01\x5c", f"a volume in Analyze; {ELSEWHERE}"),
    (0, b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (0, b"\x89HDF", "a file in HDF5; save what is needed as a PNG"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"<svg", SVG),
    (0, b"8BPS", f"a picture of Photoshop; {PICTURE}"),
    *((4, b"ftyp" + brand, f"a photograph in HEIC; {PICTURE}") for brand in (b"hei", b"hev", b"mif1", b"msf1")),
    (4, b"ftypavi", f"a picture in AVIF; {PICTURE}"),
    (4, b"ftyp", "a video; save one picture of it as a PNG"),
    (4, b"jP  \r\n\x87\n", f"a picture in JPEG 2000; {PICTURE}"),
    (0, b"\xff\x4f\xff\x51", f"a picture in JPEG 2000; {PICTURE}"),
    (4, b"JXL \r\n\x87\n", f"a picture in JPEG XL; {PICTURE}"),
    (0, b"\x76\x2f\x31\x01", f"a picture in OpenEXR; {PICTURE}"),
    (0, b"\x93NUMPY", "an array of NumPy; save it as a PNG with Pillow"),
    (0, b"MATLAB 5.0 MAT-file", "a file of MATLAB; save the picture with its imwrite as a PNG"),
    (0, b"version https://git-lfs", "a pointer of Git LFS, not the file itself; get it with git lfs pull"),
    (0, b"Rar!", "a RAR archive; unpack it first"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (0, b"<!DOCTYPE html", HTML),
    (0, b"<!doctype html", HTML),
    (0, b"<html", HTML),
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
    return SVG if start.startswith(b"<?xml") and b"<svg" in start else None


def _unpacked(content: bytes) -> bytes:
    """Unpack the first bytes of a gzip file alone."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content[: 64 * HEAD], HEAD)
    except (zlib.error, gzip.BadGzipFile):
        return b""
