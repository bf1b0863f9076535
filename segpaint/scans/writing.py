"""Writes edited scans and masks in the geometry of their source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_together
from segpaint.core.volumes.frame import Indices
from segpaint.core.volumes.volume import Volume
from segpaint.io.volume_files.volume_writers import SEGMENTS, encode_volume, write_volume
from segpaint.scans.editing import EditedScan, Scan
from segpaint.scans.making import MadeScan

VOLUMES = {"nifti": (".nii.gz", ".nii.gz"), "nrrd": (".nrrd", SEGMENTS)}
"""Endings of the image and of the mask, by format."""


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
        If there is one, unless replacing it was asked for.
    """
    there = [path for path in files if path.exists()]
    if there and not overwrite:
        raise SegPaintError(f"{there[0]} is there already; choose another --out, or give --overwrite.")


def scan_files(folder: Path, stem: str, word: str, kind: str) -> list[Path]:
    """Name the image, the mask, and the record of what was made.

    Parameters
    ----------
    word : str
        What became of the scan: "edited", "made".
    kind : str
        A key of `VOLUMES`.
    """
    image, mask = VOLUMES[kind]
    return [folder / f"{stem}-{word}{image}", folder / f"{stem}-mask{mask}", folder / f"{stem}-{word}.json"]


def mask_file(folder: Path, stem: str, kind: str) -> Path:
    """Name the file of a mask alone."""
    return folder / f"{stem}-mask{VOLUMES[kind][1]}"


def write_mask(path: Path, scan: Scan, masks: Mapping[int, Indices]) -> None:
    """Write the masks of some slices as a volume in the geometry of the scan; other slices are empty.

    Parameters
    ----------
    masks : mapping of int to ndarray of uint8, shape (rows, columns)
        By slice, as it is looked at.
    """
    geometry = scan.volume.geometry
    values = np.zeros(geometry.shape, np.uint8)
    seen = scan.volume.view(scan.plane).apply(values)
    for index, mask in masks.items():
        seen[index] = mask
    write_volume(path, values, geometry, labels=scan.checkpoint.labels.labels)


def write_scan(files: list[Path], made: EditedScan | MadeScan) -> None:
    """Write an edited scan, or one that was made, its mask, and how it was made, all or none.

    The record holds the request of each slice without a patient's image.
    """
    image, mask, record = files
    about = {"Synthetic": made.about.sentence, "Kind": made.about.kind.value}
    requests = {str(index + 1): one.withheld().model_dump(mode="json") for index, one in made.requests.items()}
    described = {**made.about.as_dict(), **made.record, "slices": requests}
    write_together(
        {
            image: encode_volume(image.name, made.values, made.geometry, stored=made.stored, notes=about),
            mask: encode_volume(mask.name, made.after, made.geometry, labels=made.labels.labels),
            record: (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode(),
        },
        private=made.about.shows_patient,
    )


def format_of(path: Path, volume: Volume) -> str:
    """Choose the format that a scan came in, as far as it is one that is written."""
    if volume.name.lower().endswith((".nrrd", ".nhdr")) or path.name.lower().endswith((".nrrd", ".nhdr")):
        return "nrrd"
    return "nifti"
