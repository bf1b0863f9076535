"""The verb `segpaint generate`: generates images without a window."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.sampling import DISTILLED, SAMPLERS
from segpaint.core.words import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segpaint.api import OpenCheckpoint
    from segpaint.core.labels.attributes import Attributes
    from segpaint.core.requests.request import Request
    from segpaint.core.terminal import Terminal
    from segpaint.paired.making import Makers
    from segpaint.paired.store import PairedSet

FIXED = ("use", "ablate", "free", "sampler", "steps", "seed", "per_mask", "guidance", "attribute", "map")
"""Options that a request or a specification replaces."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.paired.address import place_of
    from segpaint.paths import DEFAULT_CHECKPOINT
    from segpaint.scans.options import add_map_option

    add_map_option(parser)
    parser.add_argument(
        "masks", nargs="*", type=Path, metavar="MASK",
        help="an 8-bit PNG, value = label index; or NIfTI, NRRD, MHA: each slice with labels becomes an image, "
        "in a file of the same place",
    )  # fmt: skip
    parser.add_argument("--request", type=Path, help="make an image again from its .json, or from the image")
    parser.add_argument(
        "--made-up", type=int, metavar="N",
        help="make up so many patients: images of no mask, each with the mask that the model's segmenter finds",
    )  # fmt: skip
    parser.add_argument(
        "--set", type=Path, metavar="SPECIFICATION.json", dest="paired_set",
        help="make a paired set into --out, or go on with one",
    )  # fmt: skip
    parser.add_argument(
        "--shard", metavar="3/16",
        help="with --set: make the third of sixteen parts; auto: the part that Slurm or torchrun names",
    )  # fmt: skip
    parser.add_argument(
        "--ray", metavar="ADDRESS",
        help="with --set: make it on a Ray cluster, in a folder that its machines share; auto: the one of this "
        "machine; local: one that is started here",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoint", action="append", metavar="CHECKPOINT",
        help=f"name or folder (default {DEFAULT_CHECKPOINT}); with --set, a folder that it may use, and again "
        "for each other",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=place_of, required=True,
        help="folder for images, masks and requests; with --set, an address such as s3://bucket/folder, too",
    )  # fmt: skip
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--use", metavar="LABELS", help="use these labels alone: names or numbers, with commas")
    labels.add_argument(
        "--ablate", metavar="LABELS", help="leave these labels to the model; 'all' for blank masks"
    )
    parser.add_argument("--free", type=Path, metavar="MASK.png", help="where it is not 0, the model decides")
    parser.add_argument("--resize", action="store_true", help="resample masks of another size, nearest pixel")
    parser.add_argument(
        "--sampler", choices=[*SAMPLERS, *DISTILLED],
        help="default: the checkpoint's; few: 1, 2, 4 or 8 steps, where it was distilled",
    )  # fmt: skip
    parser.add_argument("--steps", type=int, help="denoising steps (default: the checkpoint's)")
    parser.add_argument("--seed", type=int, help="of the first image; counts up (default 0)")
    parser.add_argument("--per-mask", type=int, metavar="K", help="images per mask (default 1)")
    parser.add_argument("--guidance", type=float, help="1 is off (default: the checkpoint's)")
    parser.add_argument(
        "--attribute", action="append", metavar="NAME=VALUE",
        help="what the image is to show as a whole, such as pathology=benign; left out, it is unknown",
    )  # fmt: skip
    parser.add_argument(
        "--reference", type=Path, metavar="IMAGE.png",
        help="the patient's image that the image of --request was made from, if its file leaves it out",
    )  # fmt: skip
    parser.add_argument(
        "--include-reference", action="store_true",
        help="store the patient's original inside the results, too, so that they make the image again",
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace images made by other requests")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def run(arguments: argparse.Namespace) -> None:
    """Generate images."""
    given = (arguments.masks, arguments.request, arguments.paired_set, arguments.made_up is not None)
    if sum(map(bool, given)) != 1:
        raise SegPaintError("Give masks, one --request, one --set, or --made-up; see segpaint generate --help.")
    if len(arguments.checkpoint or ()) > 1 and not arguments.paired_set:
        raise SegPaintError("Give one --checkpoint; several are for --set.")
    for option in ("shard", "ray"):
        if getattr(arguments, option) and not arguments.paired_set:
            raise SegPaintError(f"--{option} belongs to --set; leave it out.")
    if isinstance(arguments.out, str) and not arguments.paired_set:
        raise SegPaintError(f"--out {arguments.out} is an address, which belongs to --set; give a folder.")
    if arguments.request:
        _refuse_fixed(arguments, "--request", FIXED)
    if arguments.made_up is not None:
        _refuse_fixed(arguments, "--made-up", ("use", "ablate", "free", "resize", "per_mask", "guidance"))
    if arguments.paired_set:
        _refuse_fixed(arguments, "--set", (*FIXED, "resize", "overwrite"))
        _make_set(arguments)
        return

    from rich.markup import escape

    from segpaint.api import open_checkpoint, read_request
    from segpaint.core.requests.made_up import plausible
    from segpaint.core.terminal import Terminal
    from segpaint.paths import DEFAULT_CHECKPOINT, find_offered
    from segpaint.training.progress_bar import ProgressBar

    again = read_request(arguments.request) if arguments.request else None
    if again is None or arguments.checkpoint:
        place = (arguments.checkpoint or [DEFAULT_CHECKPOINT])[0]
    else:
        place = find_offered(again.checkpoint)
    checkpoint = open_checkpoint(place, arguments.device)
    console = Terminal()
    if checkpoint.description.ignores_mask:
        console.print(
            f"The model {checkpoint.description.name} ignores the mask: its images depend on the seed alone.",
            soft_wrap=True,
        )  # fmt: skip
    if arguments.reference is not None:
        if again is None:
            raise SegPaintError("--reference belongs to --request; leave it out.")
        image = checkpoint.read_reference(arguments.reference, resize=arguments.resize)
        again = again.with_reference(image)
    scans = [path for path in arguments.masks if _is_volume(path)]
    if scans:
        _make_scans(arguments, checkpoint, scans, console)
        return
    if arguments.map:
        raise SegPaintError("--map is for masks that are volumes; leave it out.")
    if again is not None:
        jobs = [(arguments.out / f"{arguments.request.stem}.png", again)]
    elif arguments.made_up is not None:
        jobs = list(_made_up(arguments, checkpoint))
    else:
        jobs = list(_requests(arguments, checkpoint))
    _check_out(arguments, jobs, checkpoint)
    with ProgressBar(console=console) as bar:
        task = bar.add_task("", total=sum(request.steps for _, request in jobs))
        for path, request in jobs:
            bar.update(task, description=escape(path.name))
            for preview in checkpoint.previews(request):
                bar.advance(task)
                if preview.result is not None:
                    found = None
                    if arguments.made_up is not None:
                        found = plausible(checkpoint.find_labels(preview.result.pixels), checkpoint.description)
                        _check_mask(arguments, path, found, checkpoint)
                    preview.result.save(
                        path, overwrite=True, include_reference=arguments.include_reference, found=found
                    )  # what may be lost was refused before
    console.print(f"Images written to {arguments.out}: {len(jobs)}.")


def _refuse_fixed(arguments: argparse.Namespace, by: str, names: Sequence[str]) -> None:
    for name in names:
        if getattr(arguments, name) not in (None, False):
            raise SegPaintError(f"--{name.replace('_', '-')} is fixed by {by}; leave it out.")


def _make_set(arguments: argparse.Namespace) -> None:
    from segpaint.core.terminal import Terminal
    from segpaint.paired.make_set import open_set
    from segpaint.paired.specification import read_specification
    from segpaint.paths import find_checkpoint

    console, specification = Terminal(), read_specification(arguments.paired_set)
    given = [find_checkpoint(name) for name in arguments.checkpoint or ()]
    shard = arguments.shard or "1/1"
    with open_set(arguments.out, specification, given, arguments.device, shard, arguments.ray) as opened:
        _make_missing(*opened, console)


def _make_missing(made: PairedSet, makers: Makers, console: Terminal) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from segpaint.training.progress_bar import ProgressBar

    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    count, whole = len(made.positions), len(made.pairs)
    try:
        for note in made.notes:
            say(note)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with ProgressBar(*columns, console=console) as bar:
            task = bar.add_task("", total=count, completed=count - len(made.missing))
            makers.produce(made, lambda name, finished: bar.update(task, description=name, advance=finished))
        say(f"Pairs in {made.shown()}: {made.count}{'' if made.shard.is_whole else f' of {whole}'}.")
    except KeyboardInterrupt:
        say(
            f"Stopped: {made.count} of {counted(whole, 'pair')} are in {made.shown()}; "
            "the same command goes on."
        )
        raise


def _is_volume(path: Path) -> bool:
    from segpaint.io.volume_files.file_kinds import kind_of
    from segpaint.io.volume_files.opening import IN_FOLDERS

    return path.is_file() and kind_of(path) in IN_FOLDERS


def _make_scans(
    arguments: argparse.Namespace, checkpoint: OpenCheckpoint, masks: list[Path], console: Terminal
) -> None:
    """Make a scan of each mask that is a volume."""
    from segpaint.scans.making import make_scan
    from segpaint.scans.opening import open_chosen, parse_mapping, read_labels
    from segpaint.scans.slice_images import kept_slices
    from segpaint.scans.writing import check_free, format_of, scan_files, stem_of, write_scan
    from segpaint.training.progress_bar import ProgressBar

    _refuse_fixed(arguments, "a mask that is a volume", ("free", "resize", "per_mask"))
    if len(masks) < len(arguments.masks):
        raise SegPaintError("Some masks are volumes and some are pictures; give them in two commands.")

    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    mapping = parse_mapping(arguments.map or (), checkpoint.labels)
    for path in masks:
        volume = open_chosen(path, None, say)
        files = scan_files(arguments.out, f"{stem_of(path)}-made", format_of(path, volume))
        check_free(files, overwrite=arguments.overwrite)
        mask = read_labels(path, volume, checkpoint.labels, say, mapping)
        with kept_slices(files[-1], say) as parts:
            with ProgressBar(console=console) as bar:
                task = bar.add_task("")

                def report(index: int, step: int, steps: int) -> None:
                    bar.update(task, description=f"slice {index + 1}", total=steps, completed=step + 1)  # noqa: B023

                made = make_scan(
                    checkpoint, mask, volume.geometry, seed=arguments.seed or 0,
                    used=_used(arguments, checkpoint), sampler=arguments.sampler, steps=arguments.steps,
                    guidance=arguments.guidance, attributes=_attributes(arguments), progress=report,
                    parts=parts,
                )  # fmt: skip
            write_scan(files, made)
        say(f"Written to {arguments.out}: {', '.join(file.name for file in files)}.")


def _attributes(arguments: argparse.Namespace) -> Attributes:
    from segpaint.core.labels.attributes import parse_attributes

    return parse_attributes(arguments.attribute or ())


def _used(arguments: argparse.Namespace, checkpoint: OpenCheckpoint) -> tuple[int, ...]:
    """Return the labels that the masks speak of."""
    table = checkpoint.labels
    if arguments.use is not None:
        return table.parse(arguments.use.split(","))
    if arguments.ablate == "all":
        return ()
    left_out = () if arguments.ablate is None else table.parse(arguments.ablate.split(","))
    return tuple(index for index in table.indices if index not in left_out)


def _check_out(
    arguments: argparse.Namespace, jobs: list[tuple[Path, Request]], checkpoint: OpenCheckpoint
) -> None:
    """Check before hours of work whether the results can be written, and which files they replace."""
    from segpaint.core.files import check_writable
    from segpaint.io.results import read_request, result_files

    check_writable(arguments.out)
    for path, request in jobs:
        there = [file for file in result_files(path) if file.exists()]
        if there and not arguments.overwrite:
            try:
                made = read_request(path).withheld().model_dump_json()
                same = made == request.withheld().model_dump_json()
            except SegPaintError:
                same = False
            if not same:
                _refuse_to_lose(there[0])
            if arguments.made_up is None:
                _check_mask(arguments, path, request.final.mask, checkpoint)


def _check_mask(
    arguments: argparse.Namespace, path: Path, mask: NDArray[np.uint8], checkpoint: OpenCheckpoint
) -> None:
    """Check that no other mask lies beside an image: one that was found in it, or was changed since."""
    import numpy as np

    from segpaint.io.results import result_files

    _, file, _ = result_files(path)
    if file.exists() and not arguments.overwrite:
        try:
            same = np.array_equal(checkpoint.read_mask(file), mask)
        except SegPaintError:
            same = False
        if not same:
            _refuse_to_lose(file)


def _refuse_to_lose(file: Path) -> None:
    raise SegPaintError(
        f"{file} was made otherwise, and would be lost; choose another --out, or give --overwrite."
    )


def _made_up(arguments: argparse.Namespace, checkpoint: OpenCheckpoint) -> Iterator[tuple[Path, Request]]:
    """Ask for images of no mask, named by their seeds."""
    import numpy as np

    from segpaint.core.requests.request import check_count

    if arguments.made_up < 1:
        raise SegPaintError(f"--made-up {arguments.made_up}: give 1 or more.")
    check_count(arguments.made_up)
    blank, first_seed = np.zeros((checkpoint.size, checkpoint.size), np.uint8), arguments.seed or 0
    for seed in range(first_seed, first_seed + arguments.made_up):
        yield arguments.out / f"made-up-{seed}.png", checkpoint.request(
            blank, seed=seed, used=(), sampler=arguments.sampler, steps=arguments.steps, guidance=1.0,
            attributes=_attributes(arguments),
        )  # fmt: skip


def _requests(arguments: argparse.Namespace, checkpoint: OpenCheckpoint) -> Iterator[tuple[Path, Request]]:
    from segpaint.core.labels.labels import FREE
    from segpaint.core.requests.request import check_count
    from segpaint.io.masks import read_region

    used = _used(arguments, checkpoint)
    count = 1 if arguments.per_mask is None else arguments.per_mask
    if count < 1:
        raise SegPaintError(f"--per-mask {count}: give 1 or more.")
    check_count(count * len(arguments.masks))
    first_seed = arguments.seed or 0
    taken = {path.resolve() for path in (*arguments.masks, arguments.free) if path is not None}
    for path in arguments.masks:
        mask = checkpoint.read_mask(path, resize=arguments.resize)
        if arguments.free is not None:
            mask = mask.copy()
            mask[read_region(arguments.free, checkpoint.size, resize=arguments.resize)] = FREE
        first, _last = (
            checkpoint.request(
                mask,
                seed=seed,
                used=used,
                sampler=arguments.sampler,
                steps=arguments.steps,
                guidance=arguments.guidance,
                attributes=_attributes(arguments),
            )
            for seed in (first_seed, first_seed + count - 1)
        )
        for seed in range(first_seed, first_seed + count):
            request = first.model_copy(update={"seed": seed})  # which shares the mask
            suffix = f"_{seed}" if count > 1 else ""
            image = arguments.out / f"{path.stem}{suffix}.png"
            for written in (image, image.with_name(f"{image.stem}_mask.png")):
                if written.resolve() in taken:
                    raise SegPaintError(
                        f"{written} would be overwritten: it is a given mask, or the name of two images; "
                        "rename the masks or choose another --out."
                    )
                taken.add(written.resolve())
            yield image, request
