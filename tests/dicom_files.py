"""Writes DICOM files for tests, as scanners do."""

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

SYNTAXES = {
    "explicit": ExplicitVRLittleEndian, "implicit": ImplicitVRLittleEndian, "rle": RLELossless,
    "jpeg 2000": JPEG2000Lossless, "jpeg-ls": JPEGLSLossless,
}  # fmt: skip
CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def header(series="1.2.3", modality="CT", **more):
    """A picture without pixels."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = CT_STORAGE, generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2", series
    data.FrameOfReferenceUID, data.Modality = "1.2.9", modality
    data.PatientName, data.PatientID = "Doe^Jane", "secret-4711"
    for name, value in more.items():
        setattr(data, name, value)
    return data


def filled(data, pixels, *, colors=None):
    """Put pixels into a picture: (rows, columns), with frames before and RGB after them."""
    is_color = pixels.ndim > 2 and pixels.shape[-1] == 3
    data.Rows, data.Columns = pixels.shape[-3:-1] if is_color else pixels.shape[-2:]
    data.SamplesPerPixel = 3 if is_color else 1
    data.PhotometricInterpretation = colors or ("RGB" if is_color else "MONOCHROME2")
    data.BitsAllocated = data.BitsStored = 8 * pixels.dtype.itemsize
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    if is_color:
        data.PlanarConfiguration = 0
    if pixels.ndim > (3 if is_color else 2):
        data.NumberOfFrames = pixels.shape[0]
    content = pixels.tobytes()
    data.PixelData = content + b"\0" * (len(content) % 2)
    return data


def write(path, data, syntax="explicit"):
    """Write a picture in one of `SYNTAXES`."""
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = (
        ImplicitVRLittleEndian if syntax == "implicit" else ExplicitVRLittleEndian
    )
    if SYNTAXES[syntax].is_compressed:
        data.compress(SYNTAXES[syntax])
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return path


def write_stack(
    folder, values, *, direction=None, spacing=(0.8, 0.9, 5.0), origin=(-20, -30, 40), syntax="explicit",
    order=None, slant=(0, 0, 0), **more,
):  # fmt: skip
    """Write a file for each slice, in any order, with the intercept of CT."""
    direction = np.eye(3) if direction is None else np.asarray(direction)
    folder.mkdir(parents=True, exist_ok=True)
    for place in order if order is not None else range(len(values)):
        position = np.asarray(origin, float) + place * (direction[:, 2] * spacing[2] + np.asarray(slant, float))
        data = header(
            ImagePositionPatient=[f"{part:.6f}" for part in position],
            ImageOrientationPatient=[f"{part:.8f}" for part in direction[:, :2].T.ravel()],
            PixelSpacing=[spacing[1], spacing[0]], SliceThickness=spacing[2], InstanceNumber=place + 1,
            RescaleSlope=1, RescaleIntercept=-1024, SeriesDescription="a stack", **more,
        )  # fmt: skip
        write(
            folder / f"{place * 7919 % 1000:04}.dcm",
            filled(data, (values[place] + 1024).astype(np.uint16)),
            syntax,
        )
    return folder
