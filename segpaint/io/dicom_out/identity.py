"""Whose image a DICOM file is: nobody's, by DICOM's own profile of de-identification, or the patient's.

De-identified headers follow the Basic Application Level Confidentiality Profile (DICOM PS3.15, table E.1-1).
They are not scrubbed but built anew: of the source, they take over numbers that describe the scan, and words of
fixed lists. No text that somebody typed, no date, no UID, and no private attribute is among them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from math import isfinite
from typing import Any

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.kinds import Kind
from segpaint.io.dicom_out.coding import decimal

NUMBERS = {
    "": (
        "SliceThickness", "ReconstructionDiameter", "WindowCenter", "WindowWidth",
        "LossyImageCompressionRatio",
    ),
    "CT": (
        "KVP", "DataCollectionDiameter", "GantryDetectorTilt", "ExposureTime", "XRayTubeCurrent", "Exposure",
        "SpiralPitchFactor", "CTDIvol",
    ),
    "MR": (
        "SpacingBetweenSlices", "RepetitionTime", "EchoTime", "InversionTime", "NumberOfAverages",
        "ImagingFrequency", "EchoNumbers", "MagneticFieldStrength", "NumberOfPhaseEncodingSteps",
        "EchoTrainLength", "PercentSampling", "PercentPhaseFieldOfView", "PixelBandwidth", "FlipAngle",
        "TriggerTime",
    ),
}  # fmt: skip
"""Attributes of the scan that hold numbers alone: of all images, and of each modality."""
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "": {
        "SyntheticData": ("YES", "NO"),
        "Laterality": ("R", "L"),
        "RescaleType": ("HU", "US"),
        "BurnedInAnnotation": ("YES", "NO"),
        "LossyImageCompression": ("00", "01"),
        "LossyImageCompressionMethod": (
            "ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_2", "ISO_13818_2", "ISO_14496_10",
        ),
    },
    "CT": {"PatientPosition": ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL")},
    "MR": {
        "PatientPosition": ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL"),
        "ScanningSequence": ("SE", "IR", "GR", "EP", "RM"),
        "SequenceVariant": ("SK", "MTC", "SS", "TRSS", "SP", "MP", "OSP", "NONE"),
        "ScanOptions": ("PER", "RG", "CG", "PPG", "FC", "PFF", "PFP", "SP", "FS"),
        "MRAcquisitionType": ("2D", "3D"),
    },
}  # fmt: skip
"""Attributes of the scan that hold words, with those of the standard's lists that are taken over."""
STUDY = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianName", "StudyID", "StudyDescription", "PositionReferenceIndicator",
)  # fmt: skip
SCAN = (
    "FrameOfReferenceUID", "LongitudinalTemporalInformationModified", "AcquisitionDate", "AcquisitionTime",
    "AcquisitionDateTime", "AcquisitionNumber", "BodyPartExamined", "ProtocolName", "ContrastBolusAgent",
    "ConvolutionKernel", "InstitutionName",
)  # fmt: skip
"""What files in the patient's study have beside `NUMBERS` and `WORDS`."""
REFERRED = ("StudyInstanceUID", "SOPClassUID", "SOPInstanceUID")
"""What a derived image in a study refers to."""
REQUIRED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "ReferringPhysicianName",
    "StudyDate", "StudyTime", "StudyID", "PositionReferenceIndicator",
)  # fmt: skip
"""What must be there, if only empty."""
PATIENT = 0x0010, 0x0012
"""The groups of attributes that describe a patient, a trial, and how a patient was made unknown before."""
METHOD = "PS3.15 Basic Profile; header made anew from numbers of the scan"
WRITTEN: dict[str, Callable[[float], Any]] = {"DS": decimal, "IS": int, "FD": float}
"""How numbers are written in each of DICOM's types."""
PROFILE = "113100", "DCM", "Basic Application Confidentiality Profile"
CHECKED = ("CT", "MR")
"""Modalities whose scanners write no names onto their images."""


class Identity:
    """Stands for a patient who is not to be known; files with the same one belong together.

    Attributes
    ----------
    name : str
        Drawn at random.
    """

    def __init__(self) -> None:
        self.name = f"SEGPAINT-{secrets.token_hex(4).upper()}"
        self._uids: dict[tuple[str, str], str] = {}

    def uid(self, role: str, original: str = "") -> str:
        """Draw a new UID for another one, the same each time; nobody can compute it from that.

        Parameters
        ----------
        role : str
            What it names, such as a study.
        original : str
            Of the source; empty if there is none.
        """
        from pydicom.uid import generate_uid

        return self._uids.setdefault((role, original), str(generate_uid(prefix=None)))


def put_nobody(data: Any, header: Any, kind: Kind, identity: Identity, frame_of_reference: str) -> None:
    """Write patient and study of a file that carries no patient's identity.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed.
    header : pydicom.Dataset or None
        Of the source.
    frame_of_reference : str
        Of the source's geometry; another one is written.
    """
    data.PatientID = identity.name
    data.PatientName = f"{'Synthetic' if kind is Kind.MADE else 'Deidentified'}^{identity.name}"
    data.PatientBirthDate = data.PatientSex = data.AccessionNumber = data.ReferringPhysicianName = ""
    data.StudyDate = data.StudyTime = data.PositionReferenceIndicator = ""
    data.StudyID = "1"
    data.StudyInstanceUID = identity.uid("study", _text(header, "StudyInstanceUID"))
    data.FrameOfReferenceUID = identity.uid("frame of reference", frame_of_reference)
    if kind is not Kind.MADE or header is not None:
        # Where a name may be on the image itself, it cannot be promised that the identity is removed.
        data.PatientIdentityRemoved = "YES" if burned_in(data.get("Modality"), header, kind) == "NO" else "NO"
        data.DeidentificationMethod = METHOD
        data.DeidentificationMethodCodeSequence = [code(*PROFILE)]
        data.LongitudinalTemporalInformationModified = "REMOVED"


def put_patient(data: Any, header: Any) -> None:
    """Write patient and study of a file that is derived from a patient's, in the same study.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed.
    header : pydicom.Dataset
        Of the source.

    Raises
    ------
    SegPaintError
        If the source belongs to no study.
    """
    if lacking := next((name for name in REFERRED if not tag(header, name)), None):
        raise SegPaintError(f"The source has no {lacking}, so nothing can be derived from it in its study.")
    for group in PATIENT:
        for key in header.group_dataset(group).keys():  # noqa: SIM118 - the values may not be readable
            if (found := element(header, key)) is not None:
                data.add(found)
    for name in (*STUDY, *SCAN):
        if (found := element(header, name)) is not None:
            data.add(found)
    for name in REQUIRED:
        if name not in data:
            setattr(data, name, "")


def put_scan(data: Any, header: Any, scanner: str) -> None:
    """Take over the numbers of a scan, and words of fixed lists.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed.
    header : pydicom.Dataset
        Of the source.
    scanner : {"CT", "MR", ""}
        The modality whose attributes the file has.
    """
    from pydicom.datadict import dictionary_VR

    for name in NUMBERS[""] + (NUMBERS[scanner] if scanner else ()):
        numbers = [number_of(value) for value in _listed(header, name)]
        if numbers and None not in numbers:
            kind = dictionary_VR(name)
            written = [WRITTEN[kind](number) for number in numbers if number is not None]
            setattr(data, name, written if len(written) > 1 else written[0])
    for name, known in (WORDS[""] | WORDS[scanner]).items():
        words = [word for word in map(str, _listed(header, name)) if word in known]
        if words:
            setattr(data, name, words if len(words) > 1 else words[0])


def burned_in(modality: str | None, header: Any, kind: Kind) -> str:
    """Find out whether the patient's name may stand on the image: YES, NO, or empty if that is not known.

    Parameters
    ----------
    header : pydicom.Dataset or None
        Of the source.
    """
    if kind is Kind.MADE:
        return "NO"
    stated = _text(header, "BurnedInAnnotation").upper()
    if stated in ("YES", "NO"):
        return stated
    is_scan = header is not None and _text(header, "ImageType").find("ORIGINAL") >= 0
    return "NO" if is_scan and modality in CHECKED else ""


def code(value: str, scheme: str, meaning: str) -> Any:
    """Make the item of a code sequence."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def tag(header: Any, name: str) -> Any:
    """Read an attribute that strangers wrote; None if it is missing, or nobody can read it.

    Parameters
    ----------
    header : pydicom.Dataset or None
    """
    found = element(header, name)
    return None if found is None else found.value


def element(header: Any, name: Any) -> Any:
    """Read an attribute with its kind, see `tag`."""
    try:
        return header[name] if header is not None and name in header else None
    except Exception:  # pydicom decodes it here, and raises nearly anything
        return None


def _text(header: Any, name: str) -> str:
    value = tag(header, name)
    return "" if value is None else str(value)


def _listed(header: Any, name: str) -> list[Any]:
    value = tag(header, name)
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str | int | float) else list(value)


def number_of(value: Any) -> float | None:
    """Convert a value to a finite number; None if it is none, whatever the attribute should hold."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) else None
