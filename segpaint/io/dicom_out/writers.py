"""Writes a volume as a DICOM series, with its mask: all files appear together or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.whole_folders import NOTHING, whole_folder, write_new
from segpaint.io.dicom_out.identity import tag
from segpaint.io.dicom_out.images import Export, images_of
from segpaint.io.dicom_out.marks import Provenance
from segpaint.io.dicom_out.masks import Segments, segmentation_of
from segpaint.io.dicom_out.source import Source

SEGMENTATION = "mask.dcm"
NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
"""What a mask of a patient's own images refers to."""


def write_series(
    folder: Path, export: Export, segments: Segments | None = None, beside: Mapping[Path, bytes] = NOTHING
) -> list[Path]:
    """Write a volume into a folder, a file for each slice, and its mask as DICOM SEG.

    A series has new UIDs. It carries no patient's identity unless `Export.in_study` is set.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty. Only its owner may enter it if the images show a patient.
    segments : Segments, optional
        The mask, which refers to the images written.
    beside : mapping of Path to bytes
        Files that appear with the folder or not at all.

    Returns
    -------
    list of Path
        The images by slice, then the mask; of images without a place, a mask for each slice that has labels.

    Raises
    ------
    SegPaintError
        If the folder holds something or cannot be written, or the mask does not fit.
    """
    private, names, images = export.provenance.about.shows_patient or export.in_study, [], []
    with whole_folder(folder, private=private, beside=beside) as unfinished:
        for image in images_of(export):
            names.append(f"{image.InstanceNumber:05}.dcm")
            write_new(unfinished / names[-1], encoded(image), private=private)
            del image.PixelData
            images.append(image)
        if segments is not None:
            for name, made in _masks(segments, images, export):
                names.append(name)
                write_new(unfinished / name, encoded(made), private=private)
    return [folder / name for name in names]


def _masks(segments: Segments, images: Sequence[Any], export: Export) -> Iterator[tuple[str, Any]]:
    """Make the mask of a series: one file, but one for each slice where the images have no place."""
    slices, provenance = export.slices, export.provenance
    if "FrameOfReferenceUID" in images[0] or not segments.values[slices].any():
        yield SEGMENTATION, segmentation_of(segments, images, slices, provenance)
        return
    series = None
    for index, image in zip(slices, images, strict=True):
        if segments.values[index].any():
            made = segmentation_of(segments, [image], [index], provenance)
            series = made.SeriesInstanceUID = series or made.SeriesInstanceUID
            made.InstanceNumber = image.InstanceNumber
            yield f"mask-{image.InstanceNumber:05}.dcm", made


def write_segmentation(
    path: Path, segments: Segments, source: Source, provenance: Provenance | None = None
) -> None:
    """Write a mask alone, as DICOM SEG in the patient's study, which refers to the patient's own images.

    Parameters
    ----------
    source : Source
        The images; the file carries their patient's identity.
    provenance : Provenance, optional
        If the mask shows something else than the patient.

    Raises
    ------
    SegPaintError
        If the mask does not fit, the images lack what is referred to, or the file cannot be written.
    """
    check_references(source)
    slices = [index for index, frame in enumerate(source.frames) if frame is not None]
    images = [source.header(index) for index in slices]
    write_atomically(path, encoded(segmentation_of(segments, images, slices, provenance)), private=True)


def check_references(source: Source) -> None:
    """Check that a mask can refer to the images of a patient.

    Raises
    ------
    SegPaintError
        If they lack what is referred to.
    """
    headers = [source.header(index) for index, frame in enumerate(source.frames) if frame is not None]
    if "FrameOfReferenceUID" not in headers[0] and len(headers) > 1:
        raise SegPaintError(f"{source.path} and others have no place; write the mask in another format.")
    if lacking := next((name for name in NEEDED if not tag(headers[0], name)), None):
        raise SegPaintError(
            f"{source.path} lacks its {lacking}, so nothing can refer to it; write another format."
        )
    if len({str(header.SOPInstanceUID) for header in headers}) < len(headers):
        raise SegPaintError(f"{source.path} holds several slices; write the mask in another format.")


def encoded(data: Any) -> bytes:
    """Encode a DICOM file."""
    import pydicom

    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, data, enforce_file_format=True)
    return buffer.getvalue()
