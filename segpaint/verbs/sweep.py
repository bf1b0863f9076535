"""The verb `segpaint sweep`: makes matched pairs for a series of amounts of one gesture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError
from segpaint.core.words import counted

if TYPE_CHECKING:
    from segpaint.paired.sweep import Sweep
    from segpaint.scans.opening import Say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.paths import DEFAULT_CHECKPOINT

    parser.add_argument(
        "image", type=Path, metavar="IMAGE", help="an image made here, or a patient's image, as an 8-bit PNG"
    )
    parser.add_argument(
        "--gesture", required=True, metavar="GESTURE:LABEL:WAY",
        help="such as 'grow:LV cavity', 'thicken:LV myocardium:outward', 'move:2:down'; below 0 it shrinks, "
        "thins, or moves the other way",
    )  # fmt: skip
    parser.add_argument(
        "--from", default="-20", dest="first", metavar="AMOUNT",
        help="in percent, or with its unit, such as '-2 mm' (default -20)",
    )  # fmt: skip
    parser.add_argument("--to", default="20", dest="last", metavar="AMOUNT", help="default 20")
    parser.add_argument(
        "--amounts", type=int, default=9, metavar="N", help="how many, with these two (default 9)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the matched pairs; it may hold some"
    )
    parser.add_argument(
        "--checkpoint", help=f"name or folder (default: that of a made image; else {DEFAULT_CHECKPOINT})"
    )
    parser.add_argument(
        "--mask", type=Path, metavar="MASK.png",
        help="the labels in a patient's image; without it, the model's segmenter finds them",
    )  # fmt: skip
    parser.add_argument(
        "--spacing", type=float, metavar="MM",
        help="width of a pixel of a patient's image, for amounts in mm (default: that of the model's images, "
        "unless it is resampled)",
    )  # fmt: skip
    parser.add_argument("--resize", action="store_true", help="resample an image or mask of another size")
    edit = parser.add_argument_group("for a patient's image")
    edit.add_argument("--margin", type=float, help="pixels around the edit that may change, too (default 6)")
    edit.add_argument(
        "--way",
        choices=["close-warp", "detailed-warp", "warp", "partial-inversion", "exact-inversion", "inversion"],
        help="whether the image is first warped to fit the new labels, or led back to noise "
        "(default close-warp)",
    )  # fmt: skip
    edit.add_argument("--steps", type=int, help="denoising steps (default: the checkpoint's)")
    edit.add_argument("--guidance", type=float, help="1 is off (default: the checkpoint's)")
    edit.add_argument("--seed", type=int, help="default 0")
    edit.add_argument(
        "--attribute", action="append", metavar="NAME=VALUE",
        help="what the image is to show as a whole, such as pathology=benign; left out, it is unknown",
    )  # fmt: skip
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


OWN = ("mask", "spacing", "margin", "way", "steps", "guidance", "seed", "attribute")
"""Options that a made image brings itself."""


def run(arguments: argparse.Namespace) -> None:
    """Make the pairs, or go on with them."""
    from contextlib import closing

    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from segpaint.core.terminal import Terminal
    from segpaint.io.results import holds_request, maker_of, read_request
    from segpaint.paired.making import produce
    from segpaint.paired.swept_set import SweptSet
    from segpaint.paths import find_checkpoint, find_offered
    from segpaint.scans.options import usual_checkpoint
    from segpaint.training.progress_bar import ProgressBar

    console = Terminal()

    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    is_made = arguments.mask is None and holds_request(arguments.image)
    if arguments.checkpoint is not None or not is_made:
        place = find_checkpoint(arguments.checkpoint or usual_checkpoint(maker_of(arguments.image)))
    else:
        place = find_offered(read_request(arguments.image).checkpoint)
    sweep, notes = _begin(arguments, place, say, is_made=is_made)
    if sweep.begins_with_patient:
        say(
            f"PATIENT DATA: {arguments.image}, whole, is written into {arguments.out} as the image before, "
            "because this command asks for it."
        )
    if sweep.made_by is None and arguments.mask is None:
        say("The model's segmenter found the labels: its opinion.")
    for note in notes:
        say(note)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    with closing(SweptSet(arguments.out, sweep, (place,))) as made:
        count = len(made.pairs)
        try:
            with ProgressBar(*columns, TimeRemainingColumn(), console=console) as bar:
                task = bar.add_task("", total=count, completed=count - len(made.missing))
                produce(
                    made,
                    arguments.device,
                    lambda name, finished: bar.update(task, description=name, advance=finished),
                )
        except KeyboardInterrupt:
            say(
                f"Stopped: {count - len(made.missing)} of {counted(count, 'matched pair')} are in "
                f"{arguments.out}; the same command goes on."
            )
            raise
        found = made.notes
    say(f"Matched pairs of this sweep in {arguments.out}: {count}.")
    for note in found:
        say(note)


def _begin(
    arguments: argparse.Namespace, place: Path, say: Say, *, is_made: bool
) -> tuple[Sweep, tuple[str, ...]]:
    from segpaint.api import open_checkpoint
    from segpaint.core.labels.attributes import parse_attributes
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.requests.origins import MARGIN, USUAL_WAY
    from segpaint.io.references import oddities_beside
    from segpaint.io.results import maker_of
    from segpaint.paired.make_sweep import begin_sweep
    from segpaint.paired.sweep import Spread
    from segpaint.scans.options import about_usual

    spread = Spread.parse(arguments.first, arguments.last, arguments.amounts)
    checkpoint, model = open_checkpoint(place, arguments.device), read_checkpoint(place)
    if is_made:
        for name in OWN:
            if getattr(arguments, name) is not None:
                raise SegPaintError(f"--{name} is for a patient's image; {arguments.image} was made here.")
        spacing = model.description.pixel_spacing
        return begin_sweep(model, checkpoint.read_result(arguments.image), arguments.gesture, spread, spacing)
    if arguments.checkpoint is None:
        say(about_usual(model.description))
    odd = oddities_beside(arguments.image, model.description)
    if odd.labels:
        say(f"{odd.labels} If so, give its image here, and this file with --mask.")
    for sentence in odd.others:
        say(sentence)
    image = checkpoint.read_reference(arguments.image, resize=arguments.resize)
    if arguments.mask is not None:
        mask = checkpoint.read_mask(arguments.mask, resize=arguments.resize)
    elif checkpoint.can_find_labels:
        mask = checkpoint.find_labels(image)
    else:
        raise SegPaintError("This model has no segmenter to find the labels; give a --mask.")
    asked = {
        "margin": MARGIN if arguments.margin is None else arguments.margin, "way": arguments.way or USUAL_WAY,
        "made_by": maker_of(arguments.image),
    }  # fmt: skip
    settings = {
        "seed": arguments.seed or 0, "steps": arguments.steps, "guidance": arguments.guidance,
        "attributes": parse_attributes(arguments.attribute or ()),
    }  # fmt: skip
    # What is resampled has another scale, which nobody knows.
    spacing = arguments.spacing or (None if arguments.resize else model.description.pixel_spacing)
    return begin_sweep(
        model, (image, mask), arguments.gesture, spread, spacing, asked, settings, arguments.device
    )
