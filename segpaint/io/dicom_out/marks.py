"""States in a DICOM file what the image is, and how it was made.

Synthetic Data (0008,001C) is YES if some of the content was made artificially (DICOM PS3.3, C.12.1), so also
for edited images. Which kind it is stands in the texts beside it, and as a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segpaint import __version__
from segpaint.core.requests.kinds import NOTES, About
from segpaint.core.requests.request import Request
from segpaint.io.dicom_out.identity import METHOD, code, element, tag

NAME = "SegPaint"
SCHEME = "99SEGPAINT"
"""Designates the codes of `Kind`, since the standard has none for them."""
CAUTION = "NOT FOR DIAGNOSIS"
LONG, TEXT = 64, 1024
"""Characters of a long string, and of a short text."""
SYNTHESIZING = "109100", "DCM", "Synthesizing Equipment"
DEIDENTIFYING = "109104", "DCM", "De-identifying Equipment"
ACQUIRING = "109101", "DCM", "Acquisition Equipment"


@dataclass(frozen=True)
class Provenance:
    """What an image is, and what made it.

    Attributes
    ----------
    about : About
        Of the whole volume, with the count of pixels that are the patient's own.
    fingerprint : str
        Of the checkpoint.
    seed : int
    """

    about: About
    fingerprint: str
    seed: int

    @classmethod
    def of(cls, request: Request, about: About) -> Provenance:
        """Take checkpoint and seed from a request."""
        return cls(about, request.fingerprint, request.seed)

    @property
    def sentence(self) -> str:
        """The description of the derivation."""
        return _cut(
            f"Synthetic? {self.about.sentence}. Checkpoint {self.about.model}, fingerprint {self.fingerprint}, "
            f"seed {self.seed}, {NAME} {__version__}. {CAUTION}.",
            TEXT,
        )

    @property
    def title(self) -> str:
        """The description of the series."""
        return f"{NOTES[self.about.kind]}, {CAUTION}, {self.about.model}"


def put_marks(data: Any, provenance: Provenance) -> None:
    """Mark an image or a mask.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed; whether it is de-identified is read from it.
    """
    about = provenance.about
    is_known = data.get("SyntheticData") == "YES"  # of a source that was made by a program, too
    data.SyntheticData = "NO" if about.is_unchanged and not is_known else "YES"
    data.SeriesDescription = plain(provenance.title)
    data.ContentQualification = "RESEARCH"
    data.Manufacturer = data.ManufacturerModelName = NAME
    data.SoftwareVersions = __version__
    used = [_equipment(SYNTHESIZING, provenance.sentence)]
    if data.get("DeidentificationMethod") == METHOD:
        used.append(_equipment(DEIDENTIFYING, METHOD))
    others = data.get("ContributingEquipmentSequence", ())
    data.ContributingEquipmentSequence = [*(item for item in others if item.Manufacturer != NAME), *used]


def put_derivation(data: Any, provenance: Provenance) -> None:
    """Describe how the pixels of an image came about.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed.
    """
    kind = provenance.about.kind
    data.DerivationDescription = provenance.sentence
    data.DerivationCodeSequence = [code(kind.name, SCHEME, NOTES[kind].capitalize())]
    scheme = type(data.DerivationCodeSequence[0])()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeName = SCHEME, "Kinds of results of SegPaint"
    data.CodingSchemeIdentificationSequence = [scheme]


def put_blank(data: Any, note: str, *, is_blank: bool) -> None:
    """Name slices that show nothing of the patient, in each image of the series.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed.
    is_blank : bool
        Whether the image is such a slice.
    """
    data.ImageComments = f"THIS SLICE IS BLANK. {note}" if is_blank else note
    data.DerivationDescription = _cut(f"{data.ImageComments} {data.DerivationDescription}", TEXT)


def put_scanner(data: Any, header: Any) -> None:
    """Name the scanner of the source, where the patient may be known.

    Parameters
    ----------
    data : pydicom.Dataset
        Is changed.
    header : pydicom.Dataset
        Of the source.
    """
    if tag(header, "Manufacturer"):
        scanner = _equipment(ACQUIRING, "Acquired the source")
        scanner.Manufacturer = tag(header, "Manufacturer")
        for name in ("ManufacturerModelName", "StationName", "DeviceSerialNumber", "SoftwareVersions"):
            if (found := element(header, name)) is not None:
                scanner.add(found)
            elif name in scanner:
                del scanner[name]
        data.ContributingEquipmentSequence = [scanner]


def plain(text: str) -> str:
    """Fit a text into a long string of DICOM, in which a backslash would begin another value."""
    return _cut("".join(sign if sign.isprintable() else " " for sign in text.replace("\\", "/")), LONG)


def _cut(text: str, most: int) -> str:
    """Cut a text that is too long; the standard counts characters, but some programs count bytes."""
    content = text.encode()
    return text if len(content) <= most else content[: most - 3].decode(errors="ignore") + "..."


def _equipment(purpose: tuple[str, str, str], contribution: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [code(*purpose)]
    item.Manufacturer = item.ManufacturerModelName = NAME
    item.SoftwareVersions = __version__
    item.ContributionDescription = contribution
    return item
