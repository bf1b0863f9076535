"""The verb `segpaint bench`: measurements of this machine, as ratios within one run."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError

OF_SETS = "abdomen-ct-256"
"""The model that a large set is planned with: one of 256 x 256 pixels."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "what",
        choices=["gui", "live", "sample", "set", "start", "train"],
        help="gui: how long the window's event loop waits; live: from a stroke to its picture; sample: images "
        "and edits against a plain loop; set: the plan of a large paired set, and the making of a small one; "
        "start: the window's first picture against that of a bare window; train: speed of training against a "
        "plain loop",
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="gui: per measurement (default 10)")
    parser.add_argument(
        "--checkpoint",
        help="gui, live, sample, set: name or folder (default of live and sample: all that come along; of set: "
        f"{OF_SETS})",
    )
    parser.add_argument(
        "--rounds", type=int, default=5,
        help="train: counted steps of each loop; sample: counted turns of each mask; start: counted starts "
        "of each window (default 5)",
    )  # fmt: skip
    parser.add_argument(
        "--strokes", type=int, default=20, help="live: strokes that are painted with each model (default 20)",
    )  # fmt: skip
    parser.add_argument("--pairs", type=int, default=100_000, help="set: that are planned (default 100000)")
    parser.add_argument("--images", type=int, default=320, help="set: that are made (default 320)")
    parser.add_argument("--json", type=Path, help="live, sample, set: a file for the figures")
    parser.add_argument("--data", type=Path, help="train: a data set (default: drawn slices)")
    parser.add_argument("--batch-size", type=int, default=16, help="train: images per step (default 16)")


def run(arguments: argparse.Namespace) -> None:
    """Measure and print.

    Raises
    ------
    SegPaintError
        If the window or the plan of a set is slower than promised, or an option is invalid.
    """
    if arguments.what != "gui":
        benches = {
            "live": _bench_live, "sample": _bench_sampling, "set": _bench_sets, "start": _bench_start,
            "train": _bench_train,
        }  # fmt: skip
        benches[arguments.what](arguments)
        return
    from segpaint.app import bench_window

    if not bench_window(arguments.checkpoint, arguments.seconds):
        raise SegPaintError("A limit was not kept; the tables above say which.")


def _bench_start(arguments: argparse.Namespace) -> None:
    from segpaint.app import bench_start

    _check_positive(arguments, "rounds")
    if not bench_start(arguments.rounds):
        raise SegPaintError("A start takes longer than promised; the table above shows it.")


def _bench_train(arguments: argparse.Namespace) -> None:
    from segpaint.training.settings import TrainingSettings
    from segpaint.training.training_benchmark import bench_training

    _check_positive(arguments, "rounds", "batch_size")
    settings = TrainingSettings(name="benchmark", batch_size=arguments.batch_size)
    bench_training(arguments.data, arguments.rounds, settings)


def _bench_sampling(arguments: argparse.Namespace) -> None:
    from segpaint.evaluation.sampling_benchmark import bench_sampling

    _check_positive(arguments, "rounds")
    bench_sampling(_folders(arguments), arguments.rounds, arguments.json)


def _bench_sets(arguments: argparse.Namespace) -> None:
    from segpaint.evaluation.set_benchmark import bench_sets
    from segpaint.paths import find_checkpoint

    _check_positive(arguments, "pairs", "images")
    folder = find_checkpoint(arguments.checkpoint or OF_SETS)
    if not bench_sets(folder, arguments.pairs, arguments.images, arguments.json):
        raise SegPaintError("A set takes longer to its first pair than promised; the table above shows it.")


def _bench_live(arguments: argparse.Namespace) -> None:
    from segpaint.app import bench_live_strokes

    _check_positive(arguments, "strokes")
    bench_live_strokes(_folders(arguments), arguments.strokes, arguments.json)


def _folders(arguments: argparse.Namespace) -> list[Path]:
    from segpaint.paths import checkpoint_folders, find_checkpoint

    given: str | None = arguments.checkpoint
    return checkpoint_folders() if given is None else [find_checkpoint(given)]


def _check_positive(arguments: argparse.Namespace, *options: str) -> None:
    for option in options:
        if getattr(arguments, option) < 1:
            raise SegPaintError(f"--{option.replace('_', '-')} {getattr(arguments, option)}: give 1 or more.")
