"""Decodes the pixels of a DICOM frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import reads
from segpaint.core.volumes.volume import Values
from segpaint.io.volume_files.dicom_files import open_dicom, read_header, read_whole
from segpaint.io.volume_files.dicom_frames import Frame


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
    from pydicom.pixels.utils import pixel_array

    try:
        if data.preamble and not data.file_meta.TransferSyntaxUID.is_deflated:
            with open_dicom(path) as file:
                values = np.asarray(pixel_array(file, index=frame.number))
        else:
            values = np.asarray(pixel_array(read_whole(path), index=frame.number))
    except AttributeError as error:
        if "EncryptedAttributesSequence" in data:
            raise SegPaintError(f"{path} is encrypted; get it as it was before.") from None
        raise SegPaintError(f"{path} holds no pixels, or lacks what they mean; get it again.") from error
    if str(data.get("PhotometricInterpretation")) == "PALETTE COLOR":
        values = np.asarray(apply_color_lut(values, data))
    if values.shape != ((*frame.shape, 3) if frame.is_color else frame.shape):
        raise SegPaintError(f"{path} has pixels of another shape than its header gives; get it again.")
    if frame.is_color:
        return (values >> 8 if values.dtype == np.uint16 else values).astype(np.uint8)
    if data.get("ModalityLUTSequence"):
        values = apply_modality_lut(values, data)
    real = values.astype(np.float32) * np.float32(frame.slope) + np.float32(frame.intercept)
    if frame.is_inverted:
        highest = 2 ** int(data.get("BitsStored", 8)) - 1
        lowest = -(highest + 1) // 2 if data.get("PixelRepresentation") else 0
        ends = (lowest + lowest + highest) * frame.slope + 2 * frame.intercept
        real = np.float32(ends) - real
    return real
