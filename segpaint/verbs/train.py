"""The verb `segpaint train`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.training.options import add_options, flags, given_options
from segpaint.training.preparing.options import preparation_settings
from segpaint.training.preparing.settings import PreparationSettings
from segpaint.training.settings import CHECKPOINT, LEARNING, NETWORK, Augmentation, TrainingSettings

if TYPE_CHECKING:
    from segpaint.training.finetune import Start

DATA = "training/data"
"""Folder in --out in which a folder of scans is prepared."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options; imports nothing heavy, for `segpaint --help` shows them."""
    parser.add_argument(
        "data",
        type=Path,
        help="folder with images/, masks/all/ and labels.json; or of scans, as segpaint prepare takes",
    )
    parser.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")
    parser.add_argument(
        "--unlabelled", type=Path, metavar="DIR",
        help="PNG images without masks to train on too, of the same size: they teach what images look like",
    )  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on with the training in --out")
    parser.add_argument("--max-minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--max-steps", type=int, help="stop at this step, counted over all resumptions")
    parser.add_argument("--save-minutes", type=float, default=3.0, help="how often to save (default 3)")
    parser.add_argument(
        "--picture-minutes", type=float, default=20.0, help="how often to draw samples (default 20)"
    )
    add_options(parser.add_argument_group(CHECKPOINT), TrainingSettings, CHECKPOINT)
    network = parser.add_argument_group(NETWORK, "settled by the checkpoint where --init-from is given")
    network.add_argument(
        "--init-from", metavar="CHECKPOINT",
        help="begin with the weights of this checkpoint (name or folder): labels of the same name keep what "
        "it knows, others are learnt anew",
    )  # fmt: skip
    add_options(network, TrainingSettings, NETWORK)
    learning = parser.add_argument_group(LEARNING)
    add_options(learning, TrainingSettings, LEARNING)
    learning.add_argument(
        "--anneal-steps", type=int, metavar="N",
        help="let the learning rate fall to 0 over the last N steps before --max-steps",
    )  # fmt: skip
    learning.add_argument("--seed", type=int, default=0)
    preparation = "of a folder of scans, into OUT/training/data; see segpaint prepare"
    add_options(parser.add_argument_group("preparation", preparation), PreparationSettings)
    add_options(parser.add_argument_group("augmentation"), Augmentation)


def run(arguments: argparse.Namespace) -> None:
    """Train a model."""
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.terminal import Terminal
    from segpaint.paths import find_checkpoint
    from segpaint.training.dataset import read_data_set
    from segpaint.training.finetune import Start
    from segpaint.training.preparing.settings import read_record
    from segpaint.training.trainer import STATE, Trainer
    from segpaint.training.training_run import run_training

    for option in ("max_minutes", "max_steps"):
        limit = getattr(arguments, option)
        if limit is not None and limit <= 0:
            raise SegPaintError(f"--{option.replace('_', '-')} {limit}: give more than 0.")
    if (arguments.out / STATE).exists() and not arguments.resume:
        raise SegPaintError(
            f"{arguments.out} holds a training already; go on with --resume, or choose another --out."
        )
    start = None
    if arguments.init_from:
        checkpoint = read_checkpoint(find_checkpoint(arguments.init_from))
        if checkpoint.folder.resolve() == arguments.out.resolve():
            raise SegPaintError(f"{arguments.out} would be overwritten by what it began; choose another --out.")
        start = Start(checkpoint)
    settings = _settings(arguments, start)
    folder = _data_folder(arguments)
    record = read_record(folder)
    if record is not None and settings.pixel_spacing is None:
        settings = settings.model_copy(update={"pixel_spacing": record.pixel_spacing})
    data = read_data_set(folder, arguments.unlabelled)
    data.report(Terminal())
    trainer = Trainer(data, settings, start=start)
    if arguments.resume:
        trainer.resume(arguments.out)
    run_training(
        trainer,
        arguments.out,
        max_minutes=arguments.max_minutes,
        max_steps=arguments.max_steps,
        save_minutes=arguments.save_minutes,
        picture_minutes=arguments.picture_minutes,
    )
    trainer.close()


def _data_folder(arguments: argparse.Namespace) -> Path:
    """Find the data set folder: the one given, or one prepared from a folder of scans."""
    from segpaint.core.terminal import Terminal
    from segpaint.io.cases import holds_volumes
    from segpaint.training.preparing.settings import CONTACT, read_record

    source: Path = arguments.data
    if not holds_volumes(source):
        for name in given_options(arguments, PreparationSettings):
            flag = flags(PreparationSettings)[name]
            raise SegPaintError(f"{flag} is for a folder of scans, which {source} is not; leave it out.")
        return source
    folder: Path = arguments.out / DATA
    settings = preparation_settings(arguments)
    console = Terminal()
    if not folder.exists():
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise SegPaintError(
                f"Several processes cannot prepare {source} together: run segpaint prepare first, and train on "
                "what it makes."
            )
        from segpaint.training.preparing.prepare import prepare

        prepare(source, folder, settings, console)
    record = read_record(folder)
    if record is None or record.settings != settings or record.source != str(source.resolve()):
        raise SegPaintError(
            f"{folder} was prepared from another folder or with other options; give the same ones, or choose "
            "another --out."
        )
    console.print(f"Training on {folder}: {folder / CONTACT} shows it.")
    return folder


def _settings(arguments: argparse.Namespace, start: Start | None) -> TrainingSettings:
    arguments.name = arguments.name or arguments.out.name
    try:
        return TrainingSettings(
            **given_options(arguments, TrainingSettings, CHECKPOINT),
            **_network_settings(arguments, start),
            **given_options(arguments, TrainingSettings, LEARNING),
            anneal=_anneal(arguments),
            seed=arguments.seed,
            unlabelled=arguments.unlabelled is not None,
            init_from=start.checkpoint.fingerprint if start else "",
            augmentation=Augmentation(**given_options(arguments, Augmentation)),
        )
    except ValidationError as error:
        raise SegPaintError(f"These settings cannot be trained with: {first_problem(error)}.") from error
    except ValueError as error:
        raise SegPaintError(f"These settings cannot be trained with: {error}.") from error


def _network_settings(arguments: argparse.Namespace, start: Start | None) -> dict[str, Any]:
    """Collect the network settings fixed by options, or by the checkpoint to begin with."""
    given = given_options(arguments, TrainingSettings, NETWORK)
    if "widths" in given:
        given["widths"] = tuple(int(width) for width in given["widths"].split(","))
    if start is None:
        return given
    for setting, value in given.items():
        if value != start.settled[setting]:
            settled = start.settled[setting]
            told = ",".join(map(str, settled)) if setting == "widths" else settled
            raise SegPaintError(
                f"{flags(TrainingSettings, NETWORK)[setting]} is settled by {start.checkpoint.folder}: {told}; "
                "leave it out."
            )
    return start.settled


def _anneal(arguments: argparse.Namespace) -> tuple[int, int] | None:
    if arguments.anneal_steps is None:
        return None
    if arguments.max_steps is None or arguments.anneal_steps < 1:
        raise SegPaintError("--anneal-steps needs 1 or more, and --max-steps to count back from.")
    return arguments.max_steps - arguments.anneal_steps, arguments.max_steps
