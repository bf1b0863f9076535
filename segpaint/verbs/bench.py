"""The verb `segpaint bench`: measurements of this machine, as ratios within one run."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "what",
        choices=["gui", "sample", "train"],
        help="gui: how long the window's event loop waits; sample: images and edits against a plain loop; "
        "train: speed of training against a plain loop",
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="gui: per measurement (default 10)")
    parser.add_argument(
        "--checkpoint", help="gui, sample: name or folder (default of sample: all that come along)"
    )
    parser.add_argument(
        "--rounds", type=int, default=5,
        help="train: counted steps of each loop; sample: counted turns of each mask (default 5)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, help="sample: a file for the figures")
    parser.add_argument("--data", type=Path, help="train: a data set (default: drawn slices)")
    parser.add_argument("--batch-size", type=int, default=16, help="train: images per step (default 16)")


def run(arguments: argparse.Namespace) -> None:
    """Measure and print.

    Raises
    ------
    SegPaintError
        If the window is slower than promised, or an option is invalid.
    """
    if arguments.what != "gui":
        {"sample": _bench_sampling, "train": _bench_train}[arguments.what](arguments)
        return
    from segpaint.app import bench_window

    if not bench_window(arguments.checkpoint, arguments.seconds):
        raise SegPaintError("A limit was not kept; the tables above say which.")


def _bench_train(arguments: argparse.Namespace) -> None:
    from segpaint.training.settings import TrainingSettings
    from segpaint.training.training_benchmark import bench_training

    _check_positive(arguments, "rounds", "batch_size")
    settings = TrainingSettings(name="benchmark", batch_size=arguments.batch_size)
    bench_training(arguments.data, arguments.rounds, settings)


def _bench_sampling(arguments: argparse.Namespace) -> None:
    from segpaint.evaluation.sampling_benchmark import bench_sampling
    from segpaint.paths import checkpoint_folders, find_checkpoint

    _check_positive(arguments, "rounds")
    folders = checkpoint_folders() if arguments.checkpoint is None else [find_checkpoint(arguments.checkpoint)]
    bench_sampling(folders, arguments.rounds, arguments.json)


def _check_positive(arguments: argparse.Namespace, *options: str) -> None:
    for option in options:
        if getattr(arguments, option) < 1:
            raise SegPaintError(f"--{option.replace('_', '-')} {getattr(arguments, option)}: give 1 or more.")
