"""The verb `segpaint distill`."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.training.options import add_options, given_options
from segpaint.training.settings import Augmentation

MILD = {"share": 0.6, "rotation": 6, "scale": 0.06, "shift": 0.03, "elastic": 1, "brightness": 0}
"""Augmentation by default: the network is to make what the checkpoint makes, and that is shown the data."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("checkpoint", help="checkpoint to learn from, by folder or name")
    parser.add_argument(
        "--data", type=Path, required=True,
        help="the data that it was trained on: a folder with images/, masks/all/ and labels.json",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help="put the network there, not into the checkpoint",
    )  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on where it was saved")
    parser.add_argument("--max-minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--max-steps", type=int, default=2000, help="stop at this step (default 2000)")
    parser.add_argument("--batch-size", type=int, default=16, help="default 16")
    parser.add_argument("--learning-rate", type=float, default=3e-4, help="default 0.0003")
    parser.add_argument("--seed", type=int, default=0, help="default 0")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    add_options(parser.add_argument_group("augmentation"), Augmentation)


def run(arguments: argparse.Namespace) -> None:
    """Train a network for few steps."""
    from pydantic import ValidationError

    from segpaint.core.errors import first_problem
    from segpaint.core.requests.checkpoint import FEW_STEPS_FOLDER, read_checkpoint
    from segpaint.core.terminal import Terminal
    from segpaint.paths import find_checkpoint
    from segpaint.training.dataset import read_data_set
    from segpaint.training.distillation import Distiller, write_distilled
    from segpaint.training.finetune import Start
    from segpaint.training.sample_pictures import draw_few_steps
    from segpaint.training.settings import TrainingSettings
    from segpaint.training.trainer import STATE, accelerator_on
    from segpaint.training.training_run import run_training

    checkpoint = read_checkpoint(find_checkpoint(arguments.checkpoint))
    out = arguments.out or checkpoint.folder / FEW_STEPS_FOLDER
    if (out / STATE).exists() and not arguments.resume:
        raise SegPaintError(
            f"{out} holds a distillation already; go on with --resume, or choose another --out."
        )
    start = Start(checkpoint)
    try:
        settings = TrainingSettings.model_validate(
            {
                **start.settled,
                "name": checkpoint.description.name,
                "guidance": checkpoint.description.guidance,
                "init_from": checkpoint.fingerprint,
                "batch_size": arguments.batch_size,
                "learning_rate": arguments.learning_rate,
                "warmup_steps": 50,
                "anneal": (arguments.max_steps // 2, arguments.max_steps),
                "seed": arguments.seed,
                "augmentation": {**MILD, **given_options(arguments, Augmentation)},
            }
        )
    except ValidationError as error:
        raise SegPaintError(f"These settings cannot be trained with: {first_problem(error)}.") from error
    data = read_data_set(arguments.data, attributes=[one.name for one in checkpoint.description.attributes])
    data.report(Terminal())
    data.check_labels(checkpoint)
    trainer = Distiller(data, settings, accelerator_on(arguments.device), start)
    if arguments.resume:
        trainer.resume(out)
    run_training(
        trainer, out, max_minutes=arguments.max_minutes, max_steps=arguments.max_steps,
        write=write_distilled, draw=draw_few_steps,
    )  # fmt: skip
    trainer.close()
