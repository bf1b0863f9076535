"""The verb `segpaint generate`: the window's twin without a window."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError, first_problem

if TYPE_CHECKING:
    from segpaint.core.engine import Engine
    from segpaint.core.request import Request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.paths import DEFAULT_CHECKPOINT

    parser.add_argument("masks", nargs="*", type=Path, metavar="MASK.png", help="8-bit, value = label index")
    parser.add_argument("--request", type=Path, help="make an image again from its .json, or from the image")
    parser.add_argument("--checkpoint", default=None, help=f"name or folder (default {DEFAULT_CHECKPOINT})")
    parser.add_argument("--out", type=Path, required=True, help="folder for images, masks and requests")
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--use", metavar="LABELS", help="use these labels alone: names or numbers, with commas")
    labels.add_argument(
        "--ablate", metavar="LABELS", help="leave these labels to the model; 'all' for blank masks"
    )
    parser.add_argument("--free", type=Path, metavar="MASK.png", help="where it is not 0, the model decides")
    parser.add_argument("--resize", action="store_true", help="resample masks of another size, nearest pixel")
    parser.add_argument("--sampler", choices=["dpm++", "ddim", "ddpm"], help="default: the checkpoint's")
    parser.add_argument("--steps", type=int, help="denoising steps (default: the checkpoint's)")
    parser.add_argument("--seed", type=int, help="of the first image; counts up (default 0)")
    parser.add_argument("--per-mask", type=int, metavar="K", help="images per mask (default 1)")
    parser.add_argument("--guidance", type=float, help="1 is off (default: the checkpoint's)")
    parser.add_argument("--overwrite", action="store_true", help="replace images made by other requests")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def run(arguments: argparse.Namespace) -> None:
    """Generate as asked for."""
    if bool(arguments.masks) == bool(arguments.request):
        raise SegPaintError("Give masks, or one --request; see segpaint generate --help.")
    if arguments.request:
        fixed = ("use", "ablate", "free", "sampler", "steps", "seed", "per_mask", "guidance")
        for name in fixed:
            if getattr(arguments, name) is not None:
                raise SegPaintError(f"--{name.replace('_', '-')} is fixed by --request; leave it out.")

    from rich.console import Console
    from rich.progress import Progress

    from segpaint.core.checkpoint import read_checkpoint
    from segpaint.io.results import read_request, write_result
    from segpaint.paths import DEFAULT_CHECKPOINT, find_checkpoint

    again = read_request(arguments.request) if arguments.request else None
    name = arguments.checkpoint or (again.checkpoint if again else DEFAULT_CHECKPOINT)
    checkpoint = read_checkpoint(find_checkpoint(name))

    from segpaint.core.device import pick_device
    from segpaint.core.engine import Engine
    from segpaint.core.pixels import to_pixels

    console = Console(stderr=True)
    if checkpoint.description.ignores_mask:
        console.print(
            f"The model {checkpoint.description.name} ignores the mask: its images depend on the seed alone.",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
    engine = Engine(checkpoint, pick_device(arguments.device))
    if again is not None:
        engine.check(again)
        jobs = [(arguments.out / f"{arguments.request.stem}.png", again)]
    else:
        jobs = list(_requests(arguments, engine))
    _check_out(arguments, jobs)
    with Progress(console=console) as bar:
        task = bar.add_task("", total=sum(request.steps for _, request in jobs))
        for path, request in jobs:
            bar.update(task, description=path.name)
            try:
                for step in engine.run(request):
                    bar.advance(task)
                    image = step.sample
            except (RuntimeError, ValueError) as error:  # out of memory, most of all
                reason = str(error).strip().partition("\n")[0].rstrip(".")
                raise SegPaintError(f"The network failed while it made {path.name}: {reason}.") from error
            write_result(path, to_pixels(image), request, checkpoint.table)
    console.print(f"Images written to {arguments.out}: {len(jobs)}.", highlight=False)


def _check_out(arguments: argparse.Namespace, jobs: list[tuple[Path, Request]]) -> None:
    """Find out before hours of work whether the results can be written, and over what."""
    from segpaint.core.files import check_writable
    from segpaint.io.results import read_request

    check_writable(arguments.out)
    for path, request in jobs:
        if path.exists() and not arguments.overwrite:
            try:
                same = read_request(path).model_dump_json() == request.model_dump_json()
            except SegPaintError:
                same = False
            if not same:
                raise SegPaintError(
                    f"{path} was made otherwise, and would be lost; choose another --out, or give --overwrite."
                )


def _requests(arguments: argparse.Namespace, engine: Engine) -> Iterator[tuple[Path, Request]]:
    from pydantic import ValidationError

    from segpaint.core.device import faster_precision
    from segpaint.core.labels import FREE
    from segpaint.core.request import Request
    from segpaint.io.masks import read_mask, read_region

    description, table = engine.checkpoint.description, engine.checkpoint.table
    used = table.indices
    if arguments.use is not None:
        used = table.parse(arguments.use.split(","))
    elif arguments.ablate == "all":
        used = ()
    elif arguments.ablate is not None:
        used = tuple(index for index in used if index not in table.parse(arguments.ablate.split(",")))
    count = 1 if arguments.per_mask is None else arguments.per_mask
    if count < 1:
        raise SegPaintError(f"--per-mask {count}: give 1 or more.")
    first_seed = arguments.seed or 0
    taken = {path.resolve() for path in (*arguments.masks, arguments.free) if path is not None}
    for path in arguments.masks:
        mask = read_mask(path, table, description.size, resize=arguments.resize)
        if arguments.free is not None:
            region = read_region(arguments.free, description.size, resize=arguments.resize)
            mask = mask.copy()
            mask[region] = FREE
        for seed in range(first_seed, first_seed + count):
            try:
                request = Request(
                    checkpoint=engine.checkpoint.folder.resolve().name,
                    fingerprint=engine.checkpoint.fingerprint,
                    used=used,
                    sampler=arguments.sampler or description.sampler,
                    steps=description.steps if arguments.steps is None else arguments.steps,
                    seed=seed,
                    guidance=description.guidance if arguments.guidance is None else arguments.guidance,
                    precision=faster_precision(engine.network.device),
                    mask=mask,
                )
            except ValidationError as error:
                option, _, problem = first_problem(error).partition(": ")
                raise SegPaintError(f"--{option} {getattr(arguments, option)}: {problem}.") from error
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
