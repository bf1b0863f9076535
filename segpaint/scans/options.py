"""The options that all commands on scans have, and what they mean."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segpaint.core.requests.checkpoint import Description
    from segpaint.core.volumes.frame import Frame, Indices
    from segpaint.core.volumes.planes import Plane
    from segpaint.core.volumes.volume import Volume
    from segpaint.scans.editing import EditableScan
    from segpaint.scans.opening import Say


def add_scan_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.paths import DEFAULT_CHECKPOINT

    parser.add_argument(
        "image", type=Path, metavar="IMAGE",
        help="a scan or picture: a folder or file of DICOM, NIfTI, NRRD, MHA, TIFF, PNG, JPEG, NPY",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
    parser.add_argument(
        "--checkpoint", help=f"name or folder (default: that of a made image; else {DEFAULT_CHECKPOINT})"
    )
    parser.add_argument("--series", help="name or number, where a folder holds several scans")
    parser.add_argument(
        "--plane", choices=["acquired", "axial", "coronal", "sagittal"], default="acquired",
        help="how the scan is cut (default: as it was acquired)",
    )  # fmt: skip
    parser.add_argument(
        "--width",
        type=float,
        metavar="MM",
        help="of a picture that does not give how wide it is, in millimetres",
    )
    parser.add_argument("--slices", metavar="NUMBERS", help="counted from 1, such as 3-5,8 (default: all)")
    parser.add_argument("--time", type=int, default=1, help="of a film, the number from 1 (default 1)")
    parser.add_argument(
        "--format", choices=["dicom", "nifti", "nrrd", "png"],
        help="of what is written (default: the scan's); png holds one slice",
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace files of the same names")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def add_map_option(parser: argparse.ArgumentParser) -> None:
    """Declare the option for the meanings of a mask's values."""
    parser.add_argument(
        "--map", action="append", metavar="VALUE=LABEL",
        help="what a value, or a name, of a mask that is a volume means, such as 7=heart; again for more",
    )  # fmt: skip


def opened(arguments: argparse.Namespace, say: Say) -> EditableScan:
    """Open the scan and the checkpoint."""
    from segpaint.api import open_checkpoint
    from segpaint.core.volumes.odd_volumes import oddities_of
    from segpaint.core.volumes.planes import Plane
    from segpaint.scans.editing import EditableScan
    from segpaint.scans.opening import open_chosen

    volume = open_chosen(arguments.image, arguments.series, say)
    checkpoint = open_checkpoint(arguments.checkpoint or usual_checkpoint(volume.made_by), arguments.device)
    model = checkpoint.description
    if arguments.checkpoint is None:
        say(about_usual(model))
    if arguments.width is not None:
        volume = _as_wide(volume, Plane(arguments.plane), arguments.width)
    scan = EditableScan(checkpoint, volume, Plane(arguments.plane), arguments.time - 1)
    spacing = model.pixel_spacing
    if scan.is_models_own and spacing is not None and not volume.geometry.is_measured:
        scan = replace(scan, volume=volume.with_width(Plane.ACQUIRED, checkpoint.size * spacing))
    odd = oddities_of(volume, model)
    if odd.labels:
        way = "with --mask" if "mask" in arguments else "as a mask"
        say(f"{odd.labels} If so, give its scan here, and this file {way}.")
    if doubt := model.doubt(volume.modality) or odd.doubt:
        say(f"{doubt} Another one can be given with --checkpoint.")
    for sentence in odd.others:
        say(sentence)
    return scan


def usual_checkpoint(made_by: str) -> str:
    """Name the checkpoint to use if none is chosen: the one that made an image, or the default.

    Parameters
    ----------
    made_by : str
        Name of the model that made the image; empty if none did.
    """
    from segpaint.paths import DEFAULT_CHECKPOINT, checkpoint_folders

    known = {folder.resolve().name for folder in checkpoint_folders()}
    return made_by if made_by in known else DEFAULT_CHECKPOINT


def about_usual(model: Description) -> str:
    """Report in a sentence which model is used where none was chosen."""
    return f"The model is {model.name}, for {model.modality}; another one can be given with --checkpoint."


def _as_wide(volume: Volume, plane: Plane, width: float) -> Volume:
    from segpaint.core.volumes.scale import LEAST_WIDTH, MOST_WIDTH

    if volume.geometry.is_measured:
        raise SegPaintError(f"{volume.name} gives the size of its pixels itself; leave out --width.")
    if not LEAST_WIDTH <= width <= MOST_WIDTH:
        raise SegPaintError(f"--width {width:g}: give {LEAST_WIDTH} to {MOST_WIDTH} mm, of the whole picture.")
    return volume.with_width(plane, width)


def chosen_slices(arguments: argparse.Namespace, scan: EditableScan, say: Say) -> list[int]:
    """Return the indices of the chosen slices that can be read; damaged ones are reported."""
    from segpaint.scans.opening import parse_slices

    count = scan.geometry.shape[0]
    chosen = list(range(count)) if arguments.slices is None else parse_slices(arguments.slices, count)
    for index in chosen:
        scan.cut(index)
    for damaged in scan.volume.damaged:
        say(scan.volume.remark_on(damaged))
    whole = [index for index in chosen if not scan.volume.is_damaged(scan.plane, index, scan.time)]
    if not whole:
        raise SegPaintError("None of the chosen slices can be read; choose others with --slices.")
    return whole


def known_masks(
    path: Path | None, scan: EditableScan, say: Say, mapping: Mapping[str, int]
) -> dict[int, Indices]:
    """Read the masks of all slices, as they are looked at; none without a file."""
    import numpy as np

    from segpaint.scans.opening import read_labels

    if path is None:
        return {}
    labels = read_labels(path, scan.volume, scan.checkpoint.labels, say, mapping)
    seen = scan.volume.view(scan.plane).apply(labels)
    return {index: np.ascontiguousarray(mask, np.uint8) for index, mask in enumerate(seen)}


def out_format(arguments: argparse.Namespace, scan: EditableScan) -> str:
    """Return the format to write."""
    from segpaint.scans.writing import format_of

    return str(arguments.format or format_of(arguments.image, scan.volume))


def check_format(kind: str, indices: list[int]) -> None:
    """Refuse to write several slices as one picture.

    Raises
    ------
    SegPaintError
        If the format holds one slice, and several are chosen.
    """
    from segpaint.scans.writing import PNG

    if kind == PNG and len(indices) > 1:
        raise SegPaintError("A PNG holds one slice; choose one with --slices, or another --format.")


def check_frame(scan: EditableScan, frame: Frame, say: Say) -> None:
    """Report where the model sees pixels of another size than it was trained on."""
    spacing, trained = scan.spacing_in(frame), scan.checkpoint.description.pixel_spacing
    if spacing is None and trained is not None:
        say(
            f"The scan does not give the size of its pixels, and the model was trained on {trained:g} mm. "
            "What the model sees lies around all of the body. Give --width if you know how wide the picture is."
        )
    elif spacing is not None and trained is not None and not frame.is_usual(scan.geometry.spacing[1:], trained):
        say(f"The model was trained on pixels of {trained:g} mm, and sees some of {spacing:.2g} mm here.")
