"""Decodes the pixels of a DICOM frame."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import reads
from segpaint.core.volumes.volume import Values
from segpaint.io.volume_files import lossless_jpeg
from segpaint.io.volume_files.dicom_files import open_dicom, read_header, read_whole
from segpaint.io.volume_files.dicom_frames import Frame

SIZES_IN_JPEG = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG and JPEG-LS that precede the size of the picture."""
WITHOUT_LENGTH = (0x01, *range(0xD0, 0xDA))
JPEG_2000 = b"\xff\x4f\xff\x51"
DECODERS = ("pydicom", "pylibjpeg", "pyjpegls", "pillow")
"""Of those that know a compression, the first alone is used. GDCM ends the program at damaged pictures."""
HEAD_OF_VALUE = 12
"""Bytes of an element of undefined length before its value: tag, kind, and length."""


@reads("a DICOM picture", "get the series again, whole")
def read_frame(path: Path, frame: Frame) -> Values:
    """Decode a frame: RGB of 8 bits, or values in the unit of its series as float32, bright ones the larger.

    Of a file with many frames, no others are read.

    Raises
    ------
    SegPaintError
        If it is encrypted, cut short, or in a compression that is not known.
    """
    data = read_header(path)
    from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

    try:
        values = _decoded(path, data, frame)
    except AttributeError as error:
        if "EncryptedAttributesSequence" in data:
            raise SegPaintError(f"{path} is encrypted; get it as it was before.") from None
        raise SegPaintError(f"{path} holds no pixels, or lacks what they mean; get it again.") from error
    if str(data.get("PhotometricInterpretation")) == "PALETTE COLOR":
        values = np.asarray(apply_color_lut(values, data))
    if values.shape != ((*frame.shape, 3) if frame.is_color else frame.shape):
        raise SegPaintError(f"{path} has pixels of another shape than its header gives; get it again.")
    if frame.is_color:
        return (values // 256 if values.dtype == np.uint16 else values).astype(np.uint8)
    if data.get("ModalityLUTSequence"):
        values = apply_modality_lut(values, data)
    real = values.astype(np.float32) * np.float32(frame.slope) + np.float32(frame.intercept)
    return real if frame.ends is None else np.float32(frame.ends) - real


def _decoded(path: Path, data: Any, frame: Frame) -> NDArray[Any]:
    from pydicom.pixels.utils import pixel_array

    syntax = data.file_meta.TransferSyntaxUID
    if syntax.is_compressed and not syntax.is_deflated:
        return _unpacked(path, frame)
    try:
        if not data.preamble or syntax.is_deflated:
            return np.asarray(pixel_array(read_whole(path), index=frame.number))
        with open_dicom(path) as file:
            return np.asarray(pixel_array(file, index=frame.number))
    except ValueError as error:  # in a library's words on the shape of an array
        if "reshape" not in str(error) and "length" not in str(error):
            raise
        raise SegPaintError("it holds fewer pixels than its header gives.") from error


def _unpacked(path: Path, frame: Frame) -> NDArray[Any]:
    """Decode a compressed frame, whose own size must be that of the header: decoders trust theirs."""
    import pydicom
    from pydicom.encaps import encapsulate, get_frame
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import JPEGLossless, JPEGLosslessSV1

    with open_dicom(path) as file:
        data = pydicom.dcmread(file, stop_before_pixels=True)
        head = file.read(HEAD_OF_VALUE)
        if len(head) < HEAD_OF_VALUE:
            raise AttributeError("no pixels")
        count = int(data.get("NumberOfFrames") or 1)
        packed = get_frame(file, frame.number, number_of_frames=count)
    size = _size_of(packed)
    if size is not None and size != frame.shape:
        raise SegPaintError("its compressed picture has another size than its header gives; get it again.")
    syntax = data.file_meta.TransferSyntaxUID
    if syntax in (JPEGLossless, JPEGLosslessSV1):
        return _of_kind(lossless_jpeg.decode(packed), data)
    data.PixelData, data.NumberOfFrames = encapsulate([packed]), 1
    data["PixelData"].is_undefined_length = True
    data["PixelData"].VR = "OB"
    known = get_decoder(syntax).available_plugins
    plugin = next((name for name in DECODERS if name in known), None)
    if plugin is None:
        raise SegPaintError(f"its compression, {syntax.name}, is not known; save it uncompressed.")
    return np.asarray(pixel_array(data, index=0, decoding_plugin=plugin))


def _of_kind(pixels: NDArray[np.uint16], data: Any) -> NDArray[Any]:
    """Convert pixels to the type that the header gives."""
    spare = 16 - int(data.BitsStored)
    if data.PixelRepresentation:
        return np.asarray((pixels << spare).astype(np.int16) >> spare)
    return pixels.astype(np.uint8) if data.BitsAllocated <= 8 else pixels


def _size_of(packed: bytes) -> tuple[int, int] | None:
    """Find rows and columns in the header of a JPEG, JPEG-LS, or JPEG 2000; None of other data.

    Raises
    ------
    SegPaintError
        If they are missing.
    """
    try:
        if JPEG_2000 in packed[:200]:
            start = packed.index(JPEG_2000)
            columns, rows, left, top = struct.unpack_from(">IIII", packed, start + 8)
            return rows - top, columns - left
        if not packed.startswith(lossless_jpeg.START):
            return None
        if lossless_jpeg.END not in packed[-4:]:  # decoders search for it in other memory
            raise SegPaintError("its compressed picture is cut short.")
        place = 2
        while (marker := packed[place + 1]) not in SIZES_IN_JPEG:
            filler, without = marker == 0xFF, marker in WITHOUT_LENGTH
            place += 1 if filler else 2 if without else 2 + struct.unpack_from(">H", packed, place + 2)[0]
        rows, columns = struct.unpack_from(">HH", packed, place + 5)
    except (struct.error, IndexError):
        raise SegPaintError("its compressed picture is cut short.") from None
    return rows, columns
