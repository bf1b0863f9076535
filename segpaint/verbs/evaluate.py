"""The verb `segpaint evaluate`."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.sampling import DISTILLED, SAMPLERS

if TYPE_CHECKING:
    from segpaint.evaluation.downstream.plan import DownstreamSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--checkpoint", required=True, help="name or folder; must hold a segmenter")
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, masks/all/, labels.json")
    parser.add_argument(
        "--json", type=Path, required=True, help="file for the figures; the report goes beside it"
    )
    parser.add_argument(
        "--labels", nargs="+", metavar="LABEL", help="use and measure these alone (default: all)"
    )
    parser.add_argument("--masks", type=int, default=200, help="unseen masks to use (default 200)")
    parser.add_argument("--per-mask", type=int, default=1, help="images for each full mask (default 1)")
    parser.add_argument(
        "--per-label", type=int, default=32, help="masks for each label on its own (default 32)"
    )
    parser.add_argument(
        "--per-value", type=int, default=32, help="masks for each value of an attribute (default 32)"
    )
    parser.add_argument(
        "--edits", type=int, default=0, metavar="N",
        help="edit so many unseen slices by gestures, and measure how far images follow, with and without a "
        "reference, and how true they are; also inversion and similarity (default 0; some minutes each)",
    )  # fmt: skip
    parser.add_argument(
        "--inversions", type=int, metavar="N",
        help="lead so many unseen slices to noise and back, and to images of growing similarity (default: as "
        "many as --edits; half a minute each)",
    )  # fmt: skip
    parser.add_argument(
        "--verdicts", type=int, default=0, metavar="N",
        help="edit so many unseen slices, and measure how often the verdict on an edit is right, on pictures "
        "whose outcome is known (default 0; some seconds each)",
    )  # fmt: skip
    parser.add_argument(
        "--downstream", type=Path, nargs="?", const=True, metavar="FOLDER",
        help="train segmenters on real slices, on pairs that the checkpoint makes, and on both, and test them "
        "on the unseen patients (some hours); what is finished is kept in FOLDER (default: beside the report)",
    )  # fmt: skip
    parser.add_argument(
        "--downstream-patients", nargs="+", metavar="N", default=["5", "10", "20", "all"],
        help="how many training patients each segmenter gets (default 5 10 20 all)",
    )  # fmt: skip
    parser.add_argument(
        "--downstream-seeds", type=int, default=3, metavar="N",
        help="train each so often, with other patients (default 3)",
    )  # fmt: skip
    parser.add_argument(
        "--downstream-steps", type=int, default=500, metavar="N",
        help="optimizer steps of each (default 500)",
    )  # fmt: skip
    parser.add_argument(
        "--downstream-batch", type=int, default=16, metavar="N", help="pairs in each of them (default 16)"
    )
    parser.add_argument(
        "--downstream-pairs", type=int, default=2, metavar="N",
        help="pairs to make for each real slice, and as many of rare anatomy (default 2)",
    )  # fmt: skip
    parser.add_argument(
        "--downstream-every-mask", action="store_true",
        help="make them of the masks of all training patients, not of those that the segmenter gets alone",
    )  # fmt: skip
    parser.add_argument(
        "--judge", type=Path, action="append", default=[], metavar="FOLDER",
        help="a folder with a segmenter (train-segmenter --out) that judges, too; again for more",
    )  # fmt: skip
    parser.add_argument(
        "--features", type=Path, metavar="FOLDER",
        help="a folder with a feature network (TorchScript, or a segmenter) for FID, KID, precision and "
        "recall; none is downloaded",
    )  # fmt: skip
    parser.add_argument(
        "--split", choices=["val", "test"], default="val", help="the unseen patients to use (default val)"
    )
    parser.add_argument("--sampler", choices=[*SAMPLERS, *DISTILLED], help="default: recommended")
    parser.add_argument("--steps", type=int, help="denoising steps (default: recommended)")
    parser.add_argument("--guidance", type=float, help="1 is off (default: recommended)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    parser.add_argument(
        "--shard", metavar="3/16",
        help="make the third of sixteen parts of the images alone, those of --edits, too; auto: the part that "
        "Slurm or torchrun names. The same command without it then measures",
    )  # fmt: skip
    parser.add_argument(
        "--card", action="store_true", help="put the report into the checkpoint and its model card"
    )


def run(arguments: argparse.Namespace) -> None:
    """Evaluate and report."""
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.requests.sampling import Sampling
    from segpaint.core.terminal import Terminal
    from segpaint.evaluation.card import put_into_card
    from segpaint.evaluation.evaluation_run import evaluate
    from segpaint.evaluation.report import pictures, summary
    from segpaint.paired.shards import parse_shard
    from segpaint.paths import find_checkpoint
    from segpaint.training.attribute_values import TABLE
    from segpaint.training.dataset import read_data_set

    downstream = [f"downstream_{part}" for part in ("seeds", "steps", "batch", "pairs")]
    for option in ("masks", "per_mask", "per_label", "per_value", "steps", *downstream):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise SegPaintError(f"--{option.replace('_', '-')} {value}: give 1 or more.")
    for option in ("edits", "inversions", "verdicts"):
        value = getattr(arguments, option)
        if value is not None and value < 0:
            raise SegPaintError(f"--{option} {value}: give 0 or more.")
    if arguments.json.suffix != ".json":
        raise SegPaintError(f"--json {arguments.json}: give a file name that ends in .json.")
    checkpoint = read_checkpoint(find_checkpoint(arguments.checkpoint))
    attributes = checkpoint.description.attributes if (arguments.data / TABLE).is_file() else ()
    console, data = Terminal(), read_data_set(arguments.data, unseen=arguments.split, attributes=attributes)
    data.report(console)
    if arguments.sampler is not None and arguments.steps is None:
        arguments.steps = checkpoint.description.steps_with(arguments.sampler)
    figures = evaluate(
        checkpoint,
        data,
        arguments.json,
        Sampling.of(arguments, checkpoint.description),
        measured=checkpoint.table.parse(arguments.labels) if arguments.labels else checkpoint.table.indices,
        masks=arguments.masks,
        per_mask=arguments.per_mask,
        per_label=arguments.per_label,
        per_value=arguments.per_value,
        edits=arguments.edits,
        inversions=arguments.edits if arguments.inversions is None else arguments.inversions,
        judges=arguments.judge,
        features=arguments.features,
        verdicts=arguments.verdicts,
        downstream=_downstream(arguments),
        device=arguments.device,
        shard=parse_shard(arguments.shard, os.environ) if arguments.shard else None,
    )
    if figures is None:
        return
    console.print(summary(figures))
    console.print(f"The report is {arguments.json.with_suffix('') / 'report.md'}.")
    if arguments.card:
        put_into_card(checkpoint.folder, arguments.json, summary(figures), pictures(figures))


def _downstream(arguments: argparse.Namespace) -> "DownstreamSettings | None":
    """Read the options of the segmenters that are trained on made pairs; None if there are to be none."""
    from segpaint.evaluation.downstream.plan import DownstreamSettings

    patients = [_patients(word) for word in arguments.downstream_patients]
    if arguments.downstream is None:
        return None
    return DownstreamSettings(
        folder=None if arguments.downstream is True else arguments.downstream,
        patients=tuple(patients),
        seeds=arguments.downstream_seeds,
        steps=arguments.downstream_steps,
        batch_size=arguments.downstream_batch,
        pairs=arguments.downstream_pairs,
        every_mask=arguments.downstream_every_mask,
    )


def _patients(word: str) -> int | None:
    if word == "all":
        return None
    if not word.isdecimal() or int(word) < 1:
        raise SegPaintError(f"--downstream-patients {word}: give numbers from 1, or all.")
    return int(word)
