"""Imports published checkpoints of the method.

Those of Konz et al., MICCAI 2024 (arXiv 2402.05210), are diffusers' `UNet2DModel` with its configuration. They
predict noise, and see the mask as one channel, label k as k/255; unconditional ones see no mask.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffusers import UNet2DModel
from pydantic import ValidationError

from segpaint.core.diffusion.network_files import load_unet, read_config, read_scheduler_config, write_folder
from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.files import recover
from segpaint.core.folders import visible
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import (
    DESCRIPTION,
    NETWORK_CONFIG,
    SCHEDULER_CONFIG,
    WEIGHTS,
    Checkpoint,
    Description,
    add_to_digest,
    refuse_pickled,
)
from segpaint.core.words import counted

SCHEDULER = {
    "_class_name": "DDPMScheduler",
    "num_train_timesteps": 1000,
    "beta_schedule": "linear",
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "prediction_type": "epsilon",
    "clip_sample": True,
    "timestep_spacing": "leading",
}
"""For a checkpoint without scheduler: diffusers' defaults, as in the publication."""


@dataclass(frozen=True)
class PublishedCheckpoint:
    """The files of a published checkpoint.

    Attributes
    ----------
    config, weights : Path
        Files of the network.
    folder : Path or None
        Where a ``scheduler/`` folder may lie.
    """

    config: Path
    weights: Path
    folder: Path | None = None


def find_published(source: Path) -> PublishedCheckpoint:
    """Find the files of a published checkpoint.

    Parameters
    ----------
    source : Path
        A folder with ``unet/``, or with ``NAME.safetensors`` and ``NAME.json``, or one of these files.

    Raises
    ------
    SegPaintError
        If a file is missing or pickled.
    """
    refuse_pickled(source)
    if not source.exists():
        raise SegPaintError(f"There is no file or folder {source}.")
    if source.name == Path(NETWORK_CONFIG).parent.name and (source / Path(NETWORK_CONFIG).name).is_file():
        source = source.parent  # unet/ itself was given
    if (source / DESCRIPTION).is_file():
        raise SegPaintError(f"{source} is a checkpoint of SegPaint's already; open it as it is.")
    found = PublishedCheckpoint(source / NETWORK_CONFIG, source / WEIGHTS, source)
    if not (found.config.is_file() or found.weights.is_file()):
        files = visible(source, "*.safetensors") if source.is_dir() else [source]
        if len(files) != 1 or files[0].suffix not in (".safetensors", ".json"):
            raise SegPaintError(
                f"{source} is no published checkpoint; give a folder with {WEIGHTS}, "
                "or a .safetensors file with a .json file of the same name beside it."
            )
        found = PublishedCheckpoint(files[0].with_suffix(".json"), files[0].with_suffix(".safetensors"))
    for path in (found.config, found.weights):
        if not path.is_file():
            raise SegPaintError(f"{path} is missing; get the checkpoint again, whole.")
    return found


def import_published(
    published: PublishedCheckpoint,
    out: Path,
    table: LabelTable,
    *,
    name: str,
    modality: str,
    licence: str = "",
    source: str = "",
    pixel_spacing: float | None = None,
    ablation_trained: bool = True,
) -> Checkpoint:
    """Write a checkpoint folder from a published one, with the weights unchanged.

    Parameters
    ----------
    out : Path
        The folder to write; missing or empty.
    table : LabelTable
        Labels of its masks; may be empty if the network sees no mask.
    name, modality, licence, pixel_spacing, ablation_trained
        See `Description`.
    source : str
        Origin of the training images, and how to cite them.

    Raises
    ------
    SegPaintError
        If the checkpoint is unreadable or of another kind, labels are missing, or `out` exists or is not
        writable.
    """
    for place in {(out / name).parent for name in (WEIGHTS, SCHEDULER_CONFIG, DESCRIPTION)}:
        recover(place)  # what an import has left that was killed
    if out.exists() and not (out.is_dir() and all(path.is_dir() for path in out.rglob("*"))):
        raise SegPaintError(f"{out} exists already; choose another --out, or remove it first.")
    unet = load_unet(published.config, published.weights)
    channels = unet.config["out_channels"]
    mask_channels = unet.config["in_channels"] - channels
    if mask_channels not in (0, 1):
        raise SegPaintError(
            f"{published.config} has {unet.config['in_channels']} input and {channels} output channels; only "
            "networks that see the image and one mask channel, or the image alone, can be imported."
        )
    if mask_channels and not len(table):
        raise SegPaintError(
            f"{published.config} describes a network that sees a mask; "
            "give the labels of its masks with --labels."
        )
    try:
        description = Description(
            name=name,
            modality=modality,
            size=_size(unet, published.config),
            channels=channels,
            pixel_spacing=pixel_spacing,
            labels=table.labels,
            encoding="index_255" if mask_channels else "none",
            space_to_depth=1,
            ablation_trained=bool(mask_channels) and ablation_trained,
            sampler="ddim",
            steps=50,
            licence=licence,
            data=source,
        )
    except ValidationError as error:
        raise SegPaintError(f"{published.config} cannot be imported: {first_problem(error)}.") from error
    scheduler: dict[str, Any] = SCHEDULER
    if published.folder is not None and (published.folder / SCHEDULER_CONFIG).is_file():
        scheduler = read_scheduler_config(Checkpoint(published.folder, description))
    write_folder(
        out,
        description,
        weights=published.weights,
        network_config=read_config(published.config),
        scheduler_config=scheduler,
        card=_card(description, unet.num_parameters(), published.weights),
    )
    return Checkpoint(out, description)


def _size(unet: UNet2DModel, config: Path) -> int:
    size = unet.config["sample_size"]
    sides = set(size) if isinstance(size, list | tuple) else {size}
    if len(sides) != 1 or not isinstance(size := sides.pop(), int):
        raise SegPaintError(
            f"{config} has the sample_size {unet.config['sample_size']}; images must be squares."
        )
    return size


def _card(description: Description, parameters: int, weights: Path) -> str:
    digest = hashlib.sha256()
    add_to_digest(weights, digest)
    labels = "\n".join(f"| {label.index} | {label.name} |" for label in description.labels)
    if description.ignores_mask:
        sight = "It sees no mask: its images depend on the seed alone."
    elif description.ablation_trained:
        sight = "It follows the mask, and labels may be left out of it."
    else:
        sight = "It follows the mask, and was trained on whole masks: it needs every label."
    return f"""# {description.name}

Paints {description.size} x {description.size} images; modality: {description.modality}. {sight} Everything
it makes is synthetic and unfit for diagnosis. It knows what its training images showed and nothing else: other
scanners, views or diseases, and masks unlike those it was trained on, are beyond it.

Recommended: {counted(description.steps, "step")} of `{description.sampler}`.

| index | label |
|---|---|
{labels or "| | none |"}

## Data

{description.data or "Not stated."}

Licence of the weights: {description.licence or "not stated"}.

## Origin

Published elsewhere, and taken in by `segpaint checkpoint import`; method: Konz et al.,
"Anatomically-Controllable Medical Image Generation with Segmentation-Guided Diffusion Models", MICCAI 2024
(arXiv 2402.05210). Encoding `{description.encoding}`. The weights are as they were published:

- file: `{weights.name}`
- SHA-256: `{digest.hexdigest()}`
- parameters: {parameters:,}
"""
