"""Makes the DICOM images of a volume, one for each slice, in the geometry of their source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.kinds import Kind
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Stored, Values
from segpaint.io.dicom_out.coding import Coding, coding_of, decimal
from segpaint.io.dicom_out.identity import (
    Identity,
    burned_in,
    code,
    number_of,
    put_nobody,
    put_patient,
    put_scan,
    tag,
)  # fmt: skip
from segpaint.io.dicom_out.marks import Provenance, put_blank, put_derivation, put_marks, put_scanner
from segpaint.io.dicom_out.source import Source

STORAGE = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4"}
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
WRITER = "2.25.282017546310274866117052431953064275307"
"""UID of this writer."""
SOURCE_IMAGE = "121322", "DCM", "Source image for image processing operation"
TOLERANCES = {"ImagePositionPatient": 0.5, "ImageOrientationPatient": 0.01, "PixelSpacing": 0.01}
"""How far a slice's place in its file may be from that in the volume; positions in distances between slices.

Slices that are not equally far apart stay where their files have them.
"""
SQUARE = 1e-4
"""How far rows and columns may be from a right angle."""
AFTER = 9000
"""Added to the number of the source's series, so that the new one follows those of the study."""


@dataclass(frozen=True, eq=False)
class Export:
    """What is to be written.

    Attributes
    ----------
    values : ndarray, shape (slices, rows, columns), or uint8 (slices, rows, columns, 3)
        As in the volume's acquired plane.
    geometry : Geometry
        Of the volume.
    provenance : Provenance
    source : Source, optional
        The DICOM files of the volume.
    modality : str
        Of a volume without such files, as in DICOM.
    stored : Stored, optional
        How a file that is not DICOM stores the values.
    in_study : bool
        Whether the files carry the patient's identity, as derived images in the patient's study.
    as_picture : bool
        Whether they are Secondary Capture, even where CT or MR is possible.
    blank : tuple of int
        Slices that show nothing of the patient, since the source lacks them.
    blank_note : str
        Names these slices in a sentence.
    identity : Identity
        Whom the files belong to if they are not in the study; exports with the same one belong together.

    Raises
    ------
    SegPaintError
        If the shape is not that of the geometry, or there is no study to be derived in.
    """

    values: Values
    geometry: Geometry
    provenance: Provenance
    source: Source | None = None
    modality: str = ""
    stored: Stored | None = None
    in_study: bool = False
    as_picture: bool = False
    blank: tuple[int, ...] = ()
    blank_note: str = ""
    identity: Identity = field(default_factory=Identity)

    def __post_init__(self) -> None:
        shape = self.values.shape
        if shape[:3] != self.geometry.shape or (len(shape) > 3 and shape[3:] != (3,)):
            raise SegPaintError(f"Values of the shape {shape} do not fill a volume of {self.geometry.shape}.")
        along_rows, along_columns = self.geometry.direction[:, 2], self.geometry.direction[:, 1]
        if abs(along_rows @ along_columns) > SQUARE:
            raise SegPaintError("The rows and columns of the volume are at no right angles; choose NIfTI.")
        if self.source is not None and len(self.source.frames) != shape[0]:
            raise SegPaintError(f"The source has {len(self.source.frames)} slices, and the volume {shape[0]}.")
        if not self.in_study:
            return
        if self.source is None:
            raise SegPaintError("Only images made from DICOM files can go into a patient's study.")
        if self.provenance.about.kind is Kind.MADE:
            raise SegPaintError("An image made from a mask shows no patient, so no patient's study takes it.")

    @property
    def is_color(self) -> bool:
        """Whether the values are colours."""
        return self.values.ndim == 4

    @property
    def slices(self) -> list[int]:
        """The slices that are written: those that the source has."""
        if self.source is None:
            return list(range(len(self.values)))
        return [index for index, frame in enumerate(self.source.frames) if frame is not None]


def images_of(export: Export) -> Iterator[Any]:
    """Make the images of a volume, one after the other.

    Yields
    ------
    pydicom.FileDataset
        With pixels and all that a file needs.
    """
    from pydicom.uid import generate_uid

    first = None if export.source is None else export.source.any_header
    modality = export.modality if first is None else str(tag(first, "Modality") or "")
    coding = None if export.is_color else coding_of(export.values, export.source, export.stored)
    is_scan = (
        modality in STORAGE and export.geometry.is_placed and export.geometry.is_measured
        and not export.is_color and not export.as_picture
    )  # fmt: skip
    now, series = datetime.now().astimezone(), generate_uid(prefix=None)
    for index in export.slices:
        header = None if export.source is None else export.source.header(index)
        data = _begun(STORAGE[modality] if is_scan else SECONDARY_CAPTURE, now)
        data.Modality, data.SeriesInstanceUID, data.InstanceNumber = modality or "OT", series, index + 1
        _put_kind(data, is_scan=is_scan)
        if header is not None:
            put_scan(data, header, modality if is_scan else "")
        _put_identity(data, header, export, index)
        put_marks(data, export.provenance)
        put_derivation(data, export.provenance)
        if export.blank_note:
            put_blank(data, export.blank_note, is_blank=index in export.blank)
        burned = burned_in(modality, header, export.provenance.about.kind)
        if burned:
            data.BurnedInAnnotation = burned
        _put_place(data, header, export, index)
        if coding is None:
            _put_colors(data, export.values[index])
        else:
            _put_values(data, header, export, coding, index)
        yield data


def _begun(storage: str, now: datetime) -> Any:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = storage  # type: ignore[assignment]
    meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = WRITER, "SEGPAINT"  # type: ignore[assignment]
    data: Any = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.SOPInstanceUID = storage, meta.MediaStorageSOPInstanceUID
    data.InstanceCreationDate = data.ContentDate = now.strftime("%Y%m%d")
    data.InstanceCreationTime = data.ContentTime = now.strftime("%H%M%S")
    return data


def _put_kind(data: Any, *, is_scan: bool) -> None:
    """Write what the standard asks of each class of images; what is not known is empty."""
    data.ImageType = ["DERIVED", "SECONDARY"]
    data.SeriesNumber, data.Laterality = AFTER, ""
    if not is_scan:
        data.ConversionType, data.PatientOrientation = "WSD", ""
        return
    data.PatientPosition = ""
    data.AcquisitionNumber = None
    if data.Modality == "CT":
        data.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
        data.KVP = None
    else:
        data.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
        data.ScanningSequence, data.SequenceVariant = "RM", "NONE"  # research mode
        data.ScanOptions = data.MRAcquisitionType = ""
        data.RepetitionTime = data.EchoTime = data.EchoTrainLength = None


def _put_identity(data: Any, header: Any, export: Export, index: int) -> None:
    frame = None if export.source is None else export.source.frames[index]
    if frame is None or not export.in_study:
        kind, frame_of_reference = export.provenance.about.kind, export.geometry.frame_of_reference
        put_nobody(data, header, kind, export.identity, frame_of_reference)
        return
    put_patient(data, header)
    put_scanner(data, header)
    if not data.get("FrameOfReferenceUID"):
        data.FrameOfReferenceUID = export.identity.uid("frame of reference", "")
    data.SeriesNumber = AFTER + int(number_of(tag(header, "SeriesNumber")) or 0)
    data.SourceImageSequence = [_reference(header, frame.number)]


def _reference(header: Any, number: int) -> Any:
    item = code(*SOURCE_IMAGE)
    reference: Any = type(item)()
    reference.ReferencedSOPClassUID = header.SOPClassUID
    reference.ReferencedSOPInstanceUID = header.SOPInstanceUID
    if (number_of(tag(header, "NumberOfFrames")) or 1) > 1:
        reference.ReferencedFrameNumber = number + 1
    reference.PurposeOfReferenceCodeSequence = [item]
    return reference


def _put_place(data: Any, header: Any, export: Export, index: int) -> None:
    """Write where a slice lies: as the source does, to the last digit."""
    geometry = export.geometry
    if geometry.is_measured:
        data.PixelSpacing = [decimal(step) for step in geometry.spacing[1:]]
        if "SliceThickness" not in data:
            data.SliceThickness = decimal(geometry.spacing[0])
    if not (geometry.is_placed and geometry.is_measured):  # no place is complete without the size of a pixel
        del data.FrameOfReferenceUID, data.PositionReferenceIndicator
        return
    direction = geometry.direction
    data.ImagePositionPatient = [decimal(part) for part in geometry.world((index, 0, 0))]
    data.ImageOrientationPatient = [decimal(part) for axis in (2, 1) for part in direction[:, axis]]
    if header is not None and _lies_there(data, header, geometry.spacing[0]):
        for name in TOLERANCES:
            setattr(data, name, [decimal(float(part)) for part in header[name].value])


def _lies_there(data: Any, header: Any, step: float) -> bool:
    """Check whether the source's file gives a slice the same place, but for rounding and uneven distances."""
    apart = {}
    for name in TOLERANCES:
        ours, theirs = np.asarray(data[name].value, float), tag(header, name)
        if theirs is None or np.shape(theirs) != ours.shape:
            return False
        apart[name] = float(np.abs(ours - np.asarray(theirs, float)).max())
    apart["ImagePositionPatient"] /= step
    return all(apart[name] <= most for name, most in TOLERANCES.items())


def _put_values(data: Any, header: Any, export: Export, coding: Coding, index: int) -> None:
    stored = coding.stored(index, export.values[index])
    if data.SOPClassUID in STORAGE.values() and stored.dtype == np.uint8:
        stored = stored.astype(np.uint16)  # CT and MR have 16 bits
    _put_pixels(data, stored, coding.bits if data.Modality != "CT" else max(coding.bits, 12))
    data.PhotometricInterpretation = "MONOCHROME2"
    scale = coding.scales[index]
    if data.SOPClassUID == STORAGE["CT"] or (scale.slope, scale.intercept) != ("1", "0"):
        data.RescaleSlope, data.RescaleIntercept = scale.slope, scale.intercept
        if "RescaleType" not in data:
            data.RescaleType = "HU" if data.Modality == "CT" else "US"
    elif "RescaleType" in data:
        del data.RescaleType
    if header is None:
        return
    frame = export.source.frames[index] if export.source is not None else None
    if frame is not None and frame.is_inverted:  # the values are turned round, and so would be its windows
        for name in ("WindowCenter", "WindowWidth"):
            if name in data:
                delattr(data, name)
    elif isinstance(padding := tag(header, "PixelPaddingValue"), int):
        limits = np.iinfo(str(stored.dtype))
        if limits.min <= padding <= limits.max:
            data.PixelPaddingValue = padding


def _put_colors(data: Any, colors: Values) -> None:
    _put_pixels(data, colors.astype(np.uint8), 8)
    data.PhotometricInterpretation, data.PlanarConfiguration = "RGB", 0
    for name in ("WindowCenter", "WindowWidth", "RescaleType"):
        if name in data:
            delattr(data, name)


def _put_pixels(data: Any, stored: Values, bits: int) -> None:
    data.Rows, data.Columns = stored.shape[:2]
    data.SamplesPerPixel = 3 if stored.ndim == 3 else 1
    data.BitsAllocated, data.BitsStored, data.HighBit = 8 * stored.dtype.itemsize, bits, bits - 1
    data.PixelRepresentation = int(stored.dtype.kind == "i")
    content = np.ascontiguousarray(stored, stored.dtype.newbyteorder("<")).tobytes()
    data.PixelData = content + b"\0" * (len(content) % 2)
    data["PixelData"].VR = "OB" if stored.dtype.itemsize == 1 else "OW"
