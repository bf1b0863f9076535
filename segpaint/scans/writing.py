"""Writes edited scans and masks in the geometry of their source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_together
from segpaint.core.requests.kinds import KIND, SYNTHETIC
from segpaint.core.volumes.frame import Indices
from segpaint.core.volumes.volume import Volume
from segpaint.io.dicom_out.images import Export
from segpaint.io.dicom_out.marks import Provenance
from segpaint.io.dicom_out.masks import Segments
from segpaint.io.dicom_out.source import Source
from segpaint.io.dicom_out.writers import check_references, write_segmentation, write_series
from segpaint.io.image_files import encode_mask
from segpaint.io.results import result_files
from segpaint.io.volume_files.volume_writers import SEGMENTS, encode_volume, write_volume
from segpaint.scans.editing import EditableScan, EditedScan
from segpaint.scans.making import MadeScan
from segpaint.scans.opening import Say

VOLUMES = {"nifti": (".nii.gz", ".nii.gz"), "nrrd": (".nrrd", SEGMENTS)}
"""Endings of the image and of the mask, by format."""
DICOM, PNG = "dicom", "png"
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")


def stem_of(path: Path) -> str:
    """Return the name of a scan without its ending."""
    name = path.name or path.resolve().name
    for ending in (".nii.gz", SEGMENTS):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return path.stem if path.is_file() else name


def check_free(files: list[Path], *, overwrite: bool) -> None:
    """Refuse to replace files.

    Raises
    ------
    SegPaintError
        If there is one, unless replacing it was asked for; a folder of DICOM is never replaced.
    """
    for folder in (path for path in files if path.is_dir() and any(path.iterdir())):
        raise SegPaintError(f"{folder} is a folder with files in it; remove it, or choose another --out.")
    there = [path for path in files if path.is_file()]
    if there and not overwrite:
        raise SegPaintError(f"{there[0]} is there already; choose another --out, or give --overwrite.")


def scan_files(folder: Path, name: str, kind: str) -> list[Path]:
    """Name what is written of a scan: image, mask, and record; of DICOM, the folder of both and the record.

    Parameters
    ----------
    name : str
        Of the image, without an ending.
    kind : str
        A key of `VOLUMES`, `DICOM`, or `PNG`.
    """
    if kind == PNG:
        return result_files(folder / f"{name}.png")
    record = folder / f"{name}.json"
    if kind == DICOM:
        return [folder / name, record]
    image, mask = VOLUMES[kind]
    return [folder / f"{name}{image}", folder / f"{name}-mask{mask}", record]


def mask_file(folder: Path, stem: str, kind: str) -> Path:
    """Name the file of a mask alone."""
    ending = {DICOM: ".dcm", PNG: ".png"}.get(kind) or VOLUMES[kind][1]
    return folder / f"{stem}-mask{ending}"


def mask_format(path: Path, volume: Volume, say: Say) -> str:
    """Choose the format for a mask alone: DICOM only where it can refer to the images."""
    chosen = format_of(path, volume)
    source = Source.of(volume) if chosen == DICOM else None
    if source is None:
        return chosen
    try:
        check_references(source)
    except SegPaintError as error:
        say(f"{error} NIfTI is written.")
        return "nifti"
    return DICOM


def write_mask(path: Path, scan: EditableScan, masks: Mapping[int, Indices]) -> None:
    """Write the masks of some slices, found by the segmenter, in the geometry of the scan; others are empty.

    As DICOM SEG, they refer to the patient's own images, and belong to that study. A PNG holds one slice.

    Parameters
    ----------
    masks : mapping of int to ndarray of uint8, shape (rows, columns)
        By slice, as it is looked at.
    """
    geometry, table = scan.volume.geometry, scan.checkpoint.labels
    if path.suffix == ".png":
        [mask] = masks.values()
        write_together({path: encode_mask(mask, table)})
        return
    values = np.zeros(geometry.shape, np.uint8)
    seen = scan.volume.view(scan.plane).apply(values)
    for index, mask in masks.items():
        seen[index] = mask
    source = Source.of(scan.volume, scan.time) if path.suffix == ".dcm" else None
    if source is None:
        write_volume(path, values, geometry, labels=table.labels)
    else:
        found = Segments(values, table.labels, finder=scan.checkpoint.description.name, by_hand=False)
        write_segmentation(path, found, source)


def write_scan(files: list[Path], made: EditedScan | MadeScan, *, in_study: bool = False) -> None:
    """Write an edited scan, or one that was made, its mask, and how it was made, all or none.

    The record holds the request of each slice without a patient's image.

    Parameters
    ----------
    in_study : bool
        Whether DICOM files carry the patient's identity, as derived images in the patient's study.
    """
    about = {SYNTHETIC: made.about.sentence, KIND: made.about.word}
    if made.blank_note:
        about["Blank slices"] = made.blank_note
    requests = {str(index + 1): one.withheld().model_dump(mode="json") for index, one in made.requests.items()}
    described = {**made.about.as_dict(), **made.record, "slices": requests}
    record = (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()
    private = made.about.shows_patient
    match files:
        case [folder, record_file]:
            segments = Segments(made.after, made.labels.labels, finder=made.finder)
            write_series(folder, _export(made, in_study=in_study), segments, {record_file: record})
        case [image, mask, record_file]:
            volume = encode_volume(image.name, made.values, made.geometry, stored=made.stored, notes=about)
            labels = encode_volume(mask.name, made.after, made.geometry, labels=made.labels.labels)
            write_together({image: volume, mask: labels, record_file: record}, private=private)


def _export(made: EditedScan | MadeScan, *, in_study: bool) -> Export:
    first = next(iter(made.requests.values()))
    return Export(
        made.values, made.geometry, Provenance.of(first, made.about), made.source, made.modality, made.stored,
        in_study, blank=made.blank, blank_note=made.blank_note,
    )  # fmt: skip


def is_picture(path: Path) -> bool:
    """Check whether a file is a picture of one slice, by its ending."""
    return path.is_file() and path.suffix.lower() in PICTURES


def format_of(path: Path, volume: Volume) -> str:
    """Choose the format that a scan came in, as far as it is one that is written."""
    if volume.sources:
        return DICOM
    if is_picture(path):
        return PNG
    return "nrrd" if path.name.lower().endswith((".nrrd", ".nhdr")) else "nifti"
