"""The verb `segpaint train`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.words import counted
from segpaint.training.options import add_options, flags, given_options
from segpaint.training.preparing.options import preparation_settings
from segpaint.training.preparing.settings import PreparationSettings
from segpaint.training.recipes import RECIPES
from segpaint.training.settings import CHECKPOINT, LEARNING, NETWORK, Augmentation, TrainingSettings

if TYPE_CHECKING:
    from segpaint.training.dataset import DataSet
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
    parser.add_argument(
        "--attributes", nargs="+", metavar="NAME",
        help="columns of DATA/attributes.csv to learn beside the masks, such as pathology",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true", help="go on with the training in --out, and its options"
    )
    parser.add_argument("--max-minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--max-steps", type=int, help="stop at this step, counted over all resumptions")
    parser.add_argument("--save-minutes", type=float, help="how often to save (default 3)")
    parser.add_argument("--picture-minutes", type=float, help="how often to draw samples (default 20)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        default=None,
        help="log for TensorBoard, into OUT/training/tensorboard",
    )
    parser.add_argument(
        "--recipe", choices=list(RECIPES),
        help="settings to begin with, which options change; published: as the method's authors train",
    )  # fmt: skip
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
    learning.add_argument("--seed", type=int, help="default 0")
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
    from segpaint.training.resuming import has_changed
    from segpaint.training.state import read_progress
    from segpaint.training.trainer import STATE, Trainer, accelerator_on
    from segpaint.training.training_run import run_training

    for option in ("max_minutes", "max_steps"):
        limit = getattr(arguments, option)
        if limit is not None and limit <= 0:
            raise SegPaintError(f"--{option.replace('_', '-')} {limit}: give more than 0.")
    if (arguments.out / STATE).exists() and not arguments.resume:
        raise SegPaintError(
            f"{arguments.out} holds a training already; go on with --resume, or choose another --out."
        )
    saved = read_progress(arguments.out / STATE) if arguments.resume else {}
    asked_steps = arguments.max_steps
    _remember(arguments, saved.get("options", {}))
    if (
        saved
        and asked_steps is None
        and arguments.max_steps is not None
        and saved["step"] >= arguments.max_steps
    ):
        raise SegPaintError(
            f"The training in {arguments.out} has done its {counted(saved['step'], 'step')}; give a "
            "larger --max-steps."
        )
    start = None
    if arguments.init_from:
        checkpoint = read_checkpoint(find_checkpoint(arguments.init_from))
        if checkpoint.folder.resolve() == arguments.out.resolve():
            raise SegPaintError(f"{arguments.out} would be overwritten by what it began; choose another --out.")
        start = Start(checkpoint)
    if not arguments.resume:
        _check_out(arguments.out)
    settings = _settings(arguments, start, saved)
    arguments.seed = settings.seed
    folder = _data_folder(arguments)
    record = read_record(folder)
    if record is not None and settings.pixel_spacing is None:
        settings = settings.model_copy(update={"pixel_spacing": record.pixel_spacing})
    data = read_data_set(folder, arguments.unlabelled, attributes=arguments.attributes or ())
    if record is not None and settings.window is None:
        settings = settings.model_copy(update={"window": record.fixed_window(data.modality)})
    data.report(Terminal())
    if not (start or saved) and arguments.fold is None and arguments.recipe is None:
        settings = settings.model_copy(update={"space_to_depth": _fitting_fold(data, settings)})
    accelerator = accelerator_on(arguments.device)
    trainer = Trainer(data, settings, accelerator, start, options=_options_to_remember(arguments))
    if arguments.resume:
        trainer.resume(arguments.out)
        if has_changed(saved, data):
            Terminal().print(
                f"Images or masks in {folder} have changed since the training was saved; it goes on with them."
            )
    run_training(
        trainer,
        arguments.out,
        max_minutes=arguments.max_minutes,
        max_steps=arguments.max_steps,
        save_minutes=3.0 if arguments.save_minutes is None else arguments.save_minutes,
        picture_minutes=20.0 if arguments.picture_minutes is None else arguments.picture_minutes,
        tensorboard=bool(arguments.tensorboard),
    )
    trainer.close()


def _check_out(out: Path) -> None:
    """Check before hours of work that no file is lost, such as another model."""
    from segpaint.core.requests.checkpoint import CARD, DESCRIPTION, NETWORK_CONFIG, SCHEDULER_CONFIG, WEIGHTS

    for name in (DESCRIPTION, CARD, NETWORK_CONFIG, WEIGHTS, SCHEDULER_CONFIG, "loss.png", "samples.png"):
        if (out / name).exists():
            raise SegPaintError(f"{out / name} would be overwritten, and lost; choose another --out.")


REMEMBERED = (
    "max_steps",
    "save_minutes",
    "picture_minutes",
    "tensorboard",
    "unlabelled",
    "init_from",
    "attributes",
)
"""Options that are no settings, and count at --resume, too."""


def _options_to_remember(arguments: argparse.Namespace) -> dict[str, Any]:
    options = {name: getattr(arguments, name) for name in REMEMBERED}
    for name in ("unlabelled", "init_from"):  # also found from another folder
        if options[name] and Path(options[name]).is_dir():
            options[name] = str(Path(options[name]).resolve())
    return {name: value for name, value in options.items() if value is not None}


def _remember(arguments: argparse.Namespace, options: dict[str, Any]) -> None:
    """Complete the options with those that the training was begun with."""
    for name in REMEMBERED:
        if getattr(arguments, name) is None and name in options:
            setattr(arguments, name, Path(options[name]) if name == "unlabelled" else options[name])


def _fitting_fold(data: DataSet, settings: TrainingSettings) -> int:
    """Find the largest folding up to the default by which the images can be halved often enough."""
    size, halvings = data.train.images.shape[-1], len(settings.widths) - 1
    fits = (fold for fold in (4, 2, 1) if size % (fold * 2**halvings) == 0)
    return next(fits, settings.space_to_depth)


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
    if record is not None and arguments.resume and not given_options(arguments, PreparationSettings):
        settings = record.settings
    if record is None or record.settings != settings or record.source != str(source.resolve()):
        raise SegPaintError(
            f"{folder} was prepared from another folder or with other options; give the same ones, or choose "
            "another --out."
        )
    console.print(f"Training on {folder}: {folder / CONTACT} shows it.", soft_wrap=True)
    return folder


def _settings(arguments: argparse.Namespace, start: Start | None, saved: dict[str, Any]) -> TrainingSettings:
    """Build the settings: what is not given is as in the saved run, or else as in the recipe."""
    recipe = RECIPES[arguments.recipe or "default"]
    before = {**saved.get("settings", {}), **recipe}
    try:
        given = {
            **given_options(arguments, TrainingSettings, CHECKPOINT),
            **_network_settings(arguments, start, before),
            **given_options(arguments, TrainingSettings, LEARNING),
            "unlabelled": arguments.unlabelled is not None,
            "init_from": start.checkpoint.fingerprint if start else "",
        }
        if arguments.seed is not None:
            given["seed"] = arguments.seed
        anneal = _anneal(arguments, before.get("anneal"))
        augmentation = {**before.get("augmentation", {}), **given_options(arguments, Augmentation)}
        wanted = {"name": arguments.out.name, **before, **given, "anneal": anneal, "augmentation": augmentation}
        return TrainingSettings.model_validate(wanted)
    except ValidationError as error:
        raise SegPaintError(f"These settings cannot be trained with: {first_problem(error)}.") from error
    except ValueError as error:
        raise SegPaintError(f"These settings cannot be trained with: {error}.") from error


def _network_settings(
    arguments: argparse.Namespace, start: Start | None, before: dict[str, Any]
) -> dict[str, Any]:
    """Collect the network settings fixed by options, or by the checkpoint to begin with."""
    given = given_options(arguments, TrainingSettings, NETWORK)
    if "widths" in given:
        given["widths"] = tuple(int(width) for width in given["widths"].split(","))
    if start is None:
        return given
    for setting, value in given.items():
        if not start.can_be(setting, value):
            settled = start.settled[setting]
            told = ",".join(map(str, settled)) if setting == "widths" else settled
            raise SegPaintError(
                f"{flags(TrainingSettings, NETWORK)[setting]} is settled by {start.checkpoint.folder}: {told}; "
                "leave it out."
            )
    kept = before.get("prediction")  # of the run that goes on
    return {**start.settled, **({"prediction": kept} if start.can_be("prediction", kept) else {}), **given}


def _anneal(arguments: argparse.Namespace, before: tuple[int, int] | None) -> tuple[int, int] | None:
    if arguments.anneal_steps is None:
        ends_later = before is not None and arguments.max_steps is not None and arguments.max_steps > before[1]
        return None if ends_later else before
    if arguments.max_steps is None or arguments.anneal_steps < 1:
        raise SegPaintError("--anneal-steps needs 1 or more, and --max-steps to count back from.")
    return arguments.max_steps - arguments.anneal_steps, arguments.max_steps
