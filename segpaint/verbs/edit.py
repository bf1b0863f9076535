"""The verb `segpaint edit`: edits the anatomy in a scan, without a window."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segpaint.core.volumes.frame import Indices
    from segpaint.scans.editing import EditedScan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.scans.options import add_map_option, add_scan_options

    add_scan_options(parser)
    add_map_option(parser)
    parser.add_argument(
        "--mask",
        type=Path,
        help="the labels in the scan (default: NAME_mask.png beside a picture; else the model's segmenter "
        "finds them)",
    )
    change = parser.add_mutually_exclusive_group(required=True)
    change.add_argument(
        "--gesture", action="append", metavar="GESTURE:LABEL:AMOUNT:WAY",
        help="such as 'thicken:LV myocardium:3mm:outward', 'shrink:2:4px', 'remove-islands:1'; again for more",
    )  # fmt: skip
    change.add_argument("--edited", type=Path, metavar="MASK", help="the labels as they are to be")
    parser.add_argument("--margin", type=float, default=6.0, help="pixels around the edit that may change, too")
    parser.add_argument(
        "--way",
        choices=["close-warp", "detailed-warp", "warp", "partial-inversion", "exact-inversion", "inversion"],
        default="close-warp",
        help="whether the slice is first warped to fit the new labels, or led back to noise "
        "(default close-warp)",
    )  # fmt: skip
    parser.add_argument(
        "--steps", type=int, help="denoising steps (default: the checkpoint's; else as many as the way needs)"
    )
    parser.add_argument("--guidance", type=float, help="1 is off (default: the checkpoint's)")
    parser.add_argument(
        "--attribute", action="append", metavar="NAME=VALUE",
        help="what the image is to show as a whole, such as pathology=benign; left out, it is unknown",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--in-study", action="store_true",
        help="write DICOM as derived images in the patient's study, with the patient's identity",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Edit a scan."""
    from segpaint.core.labels.attributes import parse_attributes
    from segpaint.core.masks.worded import parse_gesture
    from segpaint.core.terminal import Terminal
    from segpaint.io.references import mask_beside
    from segpaint.scans.editing import edit_scan
    from segpaint.scans.opening import parse_mapping
    from segpaint.scans.options import check_format, check_frame, chosen_slices, known_masks, opened, out_format
    from segpaint.scans.slice_images import kept_slices
    from segpaint.scans.slice_picture import about_slice, write_slice
    from segpaint.scans.writing import PNG, check_free, is_picture, scan_files, stem_of, write_scan
    from segpaint.training.progress_bar import ProgressBar

    console = Terminal()

    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    scan = opened(arguments, say)
    table = scan.checkpoint.labels
    mapping = parse_mapping(arguments.map or (), table)
    gestures = [parse_gesture(text, table) for text in arguments.gesture or ()]
    kind = out_format(arguments, scan)
    files = scan_files(arguments.out, f"{stem_of(arguments.image)}-edited", kind)
    check_free(files, overwrite=arguments.overwrite)
    indices = chosen_slices(arguments, scan, say)
    check_format(kind, indices)
    beside = mask_beside(arguments.image) if arguments.mask is None and is_picture(arguments.image) else None
    if beside is not None:
        say(f"The labels are those of {beside}.")
    given = arguments.mask or beside
    masks, wanted = (known_masks(path, scan, say, mapping) for path in (given, arguments.edited))
    frame = scan.frame(masks or wanted)
    check_frame(scan, frame, say)
    if not masks:
        masks = scan.find_labels(indices, frame)
        say("The model's segmenter found the labels: its opinion.")

    for gesture in gestures:
        if not any(table.shape_of(masks[index], gesture.label).any() for index in indices):
            raise SegPaintError(
                f"{table[gesture.label].name} is in none of the chosen slices; choose others, or give a --mask."
            )

    def change(labels: Indices) -> Indices:
        for gesture in gestures:
            labels = gesture.run(labels, table, scan.spacing_in(frame))
        return labels

    with kept_slices(files[-1], say) as parts:
        with ProgressBar(console=console) as bar:
            task = bar.add_task("")

            def report(index: int, step: int, steps: int) -> None:
                bar.update(task, description=f"slice {index + 1}", total=steps, completed=step + 1)

            edited = edit_scan(
                scan, masks, indices, wanted or change, frame=frame, margin=arguments.margin, way=arguments.way,
                seed=arguments.seed, steps=arguments.steps, guidance=arguments.guidance,
                attributes=parse_attributes(arguments.attribute or ()), progress=report, parts=parts,
            )  # fmt: skip
        if not given and not arguments.edited:
            edited = replace(edited, finder=scan.checkpoint.description.name)
        if kind == PNG:
            write_slice(files[0], edited, indices[0])
            edited = replace(edited, about=about_slice(edited, indices[0]))
        else:
            write_scan(files, edited, in_study=arguments.in_study)
    for line in _report(edited):
        say(line)
    say(f"Written to {arguments.out}: {', '.join(path.name for path in files)}.")


def _report(edited: EditedScan) -> Iterator[str]:
    """Describe what changed, in sentences."""
    scan = edited.scan
    unit = "mm²" if scan.volume.geometry.is_measured else "px"
    for label in scan.checkpoint.labels:
        for index, (before, after) in edited.areas(label.index).items():
            if before != after:
                yield f"Slice {index + 1}: {label.name} {before:,.0f} → {after:,.0f} {unit}."
    if edited.comparison:
        yield edited.comparison
    still = "The scan is now" if edited.about.shows_patient else "The scan shows no patient still. It is now"
    yield f"{still} {edited.about.reason}."
