"""The verb `segpaint train-segmenter`."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("data", type=Path, help="folder with images/, masks/all/ and labels.json")
    parser.add_argument("--checkpoint", required=True, help="checkpoint to put it into, by folder or name")
    parser.add_argument("--steps", type=int, default=2000, help="optimizer steps (default 2000)")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help="put it there, not into the checkpoint, as a second judge (evaluate --judge FOLDER)",
    )  # fmt: skip
    parser.add_argument(
        "--widths", type=int, nargs="+", default=[64, 96, 96], metavar="CHANNELS",
        help="channels of each level, multiples of 16 (default 64 96 96)",
    )  # fmt: skip
    parser.add_argument(
        "--fold", type=int, choices=[1, 2, 4, 8], default=4,
        help="pixels of the image on each side of the finest level's (default 4; 1: full resolution, slow)",
    )  # fmt: skip
    parser.add_argument(
        "--also", type=Path, action="append", default=[], metavar="FOLDER",
        help="a paired set (layout published) that it learns from, too, again for more; half of what is drawn "
        "stays real; with --out alone",
    )  # fmt: skip
    parser.add_argument(
        "--split",
        choices=["val", "test"],
        default="val",
        help="the unseen patients to measure on (default val)",
    )
    parser.add_argument(
        "--margin", action="store_true",
        help="every image has a margin of background: turn and shrink whole bodies, cut none",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Train a segmenter on real images, and perhaps made ones, and add it to the checkpoint or a folder."""
    from dataclasses import replace

    from segpaint.core.diffusion.device import pick_device
    from segpaint.core.diffusion.segmenter import FOLDER, write_segmenter
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.requests.faithfulness import POOR
    from segpaint.core.requests.sampling import SEEDS
    from segpaint.core.terminal import Terminal
    from segpaint.paths import find_checkpoint
    from segpaint.training.dataset import read_data_set
    from segpaint.training.mixing import mixed
    from segpaint.training.progress_bar import ProgressBar
    from segpaint.training.segmenter_training import (
        SegmenterSettings,
        dice_on,
        fresh_segmenter,
        train_segmenter,
    )

    if not 0 <= arguments.seed < SEEDS:
        raise SegPaintError(f"--seed {arguments.seed}: give 0 or more, and less than {SEEDS}.")
    for option in ("steps", "batch_size"):
        if getattr(arguments, option) < 1:
            name = option.replace("_", "-")
            raise SegPaintError(f"--{name} {getattr(arguments, option)}: give 1 or more.")
    if arguments.also and arguments.out is None:
        raise SegPaintError(
            "--also belongs to --out: the segmenter in a checkpoint judges its images, so it learns from real "
            "ones alone."
        )
    checkpoint = read_checkpoint(find_checkpoint(arguments.checkpoint))
    data = read_data_set(arguments.data, unseen=arguments.split)
    data.report(Terminal())
    data.check_labels(checkpoint)
    real, also = len(data.train), [read_data_set(folder) for folder in arguments.also]
    for one in also:
        one.report(Terminal())
    if also:
        data = mixed(data, also)
    defaults = SegmenterSettings()
    settings = replace(
        defaults,
        steps=arguments.steps,
        batch_size=arguments.batch_size,
        seed=arguments.seed,
        augmentation=defaults.augmentation.model_copy(update={"cover": not arguments.margin}),
    )
    device = pick_device()
    segmenter = fresh_segmenter(data, device, settings.seed, tuple(arguments.widths), arguments.fold)
    console = Terminal()
    with ProgressBar(console=console) as bar:
        task = bar.add_task("segmenter", total=settings.steps)
        for loss in train_segmenter(data, settings, device, segmenter):
            bar.update(task, advance=1, description=f"segmenter, loss {loss:.3f}")
    seen = data.val if len(data.val) else data.train
    scores = {name: round(value, 4) for name, value in dice_on(segmenter, seen, device).items()}
    description = segmenter.description.model_copy(
        update={
            "dice": scores,
            "training": {
                "images": real,
                **({"made pairs": sum(len(one.train) for one in also)} if also else {}),
                "steps": settings.steps,
                "batch size": settings.batch_size,
                "seed": settings.seed,
                "dice measured on": "unseen slices" if len(data.val) else "its own training slices",
            },
        }
    )
    folder = checkpoint.folder if arguments.out is None else arguments.out
    write_segmenter(folder, segmenter, description)
    for name, score in scores.items():
        console.print(f"{name}: Dice {score:.3f}")
    poor = [name for name, score in scores.items() if score < POOR]
    if poor:
        console.print(
            f"It finds too little of {', '.join(poor)} to judge images by; train it longer, with more --steps."
        )
    console.print(f"The segmenter is in {folder / FOLDER}.")
