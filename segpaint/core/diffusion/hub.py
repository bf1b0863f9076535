"""Writes checkpoints as folders that diffusers loads by itself, to be published on a hub, and reads them back.

The weights and configurations go along bit for bit, so a checkpoint that comes back has the same fingerprint.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import diffusers
import torch
from pydantic import ValidationError

from segpaint.core.diffusion.hub_card import own_card, published_card, without_pictures
from segpaint.core.diffusion.network_files import load_network, read_config, read_scheduler_config, to_json
from segpaint.core.diffusion.segmenter import CONFIG as SEGMENTER_CONFIG
from segpaint.core.diffusion.segmenter import FOLDER as SEGMENTER_FOLDER
from segpaint.core.diffusion.segmenter import WEIGHTS as SEGMENTER_WEIGHTS
from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.files import write_together
from segpaint.core.folders import visible
from segpaint.core.requests.checkpoint import (
    CARD,
    DESCRIPTION,
    FEW_STEPS_FILES,
    FEW_STEPS_FOLDER,
    NETWORK_CONFIG,
    PIPELINE,
    PIPELINE_INDEX,
    SCHEDULER_CONFIG,
    SEGMENTER,
    WEIGHTS,
    Checkpoint,
    Description,
    has_few_steps,
    has_segmenter,
    is_pipeline,
    read_card,
    refuse_pickled,
)
from segpaint.core.whole_folders import whole_folder

PIPELINE_CLASS = "MaskToImagePipeline"
"""The class in ``pipeline.py``."""
KEY = "description"
"""Of the checkpoint's description among the settings of the pipeline."""
NETWORK_FILES = (NETWORK_CONFIG, WEIGHTS, SCHEDULER_CONFIG)
SEGMENTER_FILES = (
    SEGMENTER,
    f"{SEGMENTER_FOLDER}/{SEGMENTER_CONFIG}",
    f"{SEGMENTER_FOLDER}/{SEGMENTER_WEIGHTS}",
)
PICTURES = (
    "*.png",
    "evaluation/*.png",
    "evaluation/*.md",
    "evaluation/*.json",
    "examples/*.png",
    "few_steps/*.png",
)
"""What shows or names images and masks of the training data."""


def export_for_diffusers(
    checkpoint: Checkpoint,
    out: Path,
    files: Mapping[str, bytes],
    *,
    datasets: Sequence[str] = (),
    pictures: bool = False,
) -> None:
    """Write a checkpoint as a folder that diffusers loads by itself.

    Parameters
    ----------
    out : Path
        The folder to write; missing or empty. It appears whole or not at all.
    files : mapping of str to bytes
        Further files by name: ``pipeline.py`` and ``labels.json``.
    datasets : sequence of str
        Names of its training data on the hub, such as "owner/name".
    pictures : bool
        Whether what shows images or masks of the training data goes along.

    Raises
    ------
    SegPaintError
        If the checkpoint is not whole, a name is none, or `out` holds something or is not writable.
    """
    for name in datasets:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
            raise SegPaintError(f"“{name}” is no name of a data set on a hub; write it as OWNER/NAME.")
    _check_whole(checkpoint)
    description = checkpoint.description
    index = {
        "_class_name": [Path(PIPELINE).stem, PIPELINE_CLASS],
        "_diffusers_version": diffusers.__version__,
        "unet": ["diffusers", "UNet2DModel"],
        "scheduler": ["diffusers", "DDPMScheduler"],
        KEY: description.model_dump(mode="json"),
    }
    card = checkpoint.card if pictures else without_pictures(checkpoint.card)
    with whole_folder(out) as folder:
        write_together(
            {
                **{folder / name: content for name, content in files.items()},
                **{folder / name: checkpoint.folder / name for name in _files(checkpoint.folder, pictures)},
                folder / PIPELINE_INDEX: to_json(index),
                folder / CARD: published_card(description, card, datasets).encode(),
            }
        )


def import_exported(source: Path, out: Path) -> Checkpoint:
    """Write a checkpoint folder from one of `export_for_diffusers`; its code is not run.

    Parameters
    ----------
    out : Path
        The folder to write; missing or empty. It appears whole or not at all.

    Raises
    ------
    SegPaintError
        If the source is not whole, or `out` holds something or is not writable.
    """
    refuse_pickled(source)
    found = Checkpoint(source, _read_description(source / PIPELINE_INDEX))
    _check_whole(found)
    card = own_card(read_card(source / CARD)) if (source / CARD).exists() else ""
    with whole_folder(out) as folder:
        write_together(
            {
                **{folder / name: source / name for name in _files(source, pictures=True)},
                folder / DESCRIPTION: to_json(found.description.model_dump(mode="json")),
                folder / CARD: card.encode(),
            }
        )
    return Checkpoint(out, found.description)


def is_exported(source: Path) -> bool:
    """Check whether a folder is one of `export_for_diffusers`, and no other pipeline.

    Raises
    ------
    SegPaintError
        If its index cannot be read.
    """
    if not is_pipeline(source):
        return False
    return read_config(source / PIPELINE_INDEX).get("_class_name") == [Path(PIPELINE).stem, PIPELINE_CLASS]


def _read_description(path: Path) -> Description:
    try:
        return Description.model_validate(read_config(path).get(KEY))
    except ValidationError as error:
        raise SegPaintError(
            f"{path} holds no {KEY} of a checkpoint: {first_problem(error, KEY)}; get the folder again, whole."
        ) from error


def _check_whole(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that makes no image."""
    for name in NETWORK_FILES:
        if not (checkpoint.folder / name).is_file():
            raise SegPaintError(f"{checkpoint.folder / name} is missing; get the checkpoint again, whole.")
    load_network(checkpoint, torch.device("cpu"))
    read_scheduler_config(checkpoint)


def _files(folder: Path, pictures: bool) -> list[str]:
    """List what goes along unchanged, by its place in the folder."""
    names = [*NETWORK_FILES]
    if has_segmenter(folder):
        names += SEGMENTER_FILES
    if has_few_steps(folder):
        names += [f"{FEW_STEPS_FOLDER}/{name}" for name in FEW_STEPS_FILES]
    if pictures:
        paths = [path for pattern in PICTURES for path in visible(folder, pattern)]
        names += [path.relative_to(folder).as_posix() for path in paths if path.is_file()]
    return names
