"""Reads and writes a checkpoint's weights and scheduler."""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DModel
from safetensors.torch import load_file, save

from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.diffusion.grain import GrainFilter
from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.samplers import build_scheduler, known_settings
from segpaint.core.diffusion.scan_noise import ScanNoise
from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_together
from segpaint.core.reading import check_regular, read_json, reads
from segpaint.core.requests.checkpoint import (
    CARD,
    DESCRIPTION,
    LARGEST_WEIGHTS,
    NETWORK_CONFIG,
    SCHEDULER_CONFIG,
    WEIGHTS,
    Checkpoint,
    Description,
)
from segpaint.core.requests.sampling import SAMPLERS
from segpaint.core.words import counted

REAL = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
"""Types of weights that are read; packed ones would be taken as they are, without their scales."""
MOST_LEVELS = 12
"""Levels of a U-Net, each of half the resolution."""
MOST_TIMESTEPS = 10_000
MOST_OF_UNET = {
    "block_out_channels": 2048,
    "layers_per_block": 16,
    "in_channels": 65536,
    "out_channels": 65536,
    "sample_size": 4096,
    "attention_head_dim": 2048,
    "norm_num_groups": 2048,
    "num_class_embeds": 10_000,
    "num_train_timesteps": MOST_TIMESTEPS,
}
"""The most of each number in the configuration of a U-Net; published ones have less than a tenth."""


def load_network(checkpoint: Checkpoint, device: torch.device) -> Network:
    """Build a checkpoint's network and read its weights, in float32 and ready to sample.

    Raises
    ------
    SegPaintError
        If its files cannot be read or do not match.
    """
    path = checkpoint.folder / NETWORK_CONFIG
    unet = load_unet(path, checkpoint.folder / WEIGHTS)
    description = checkpoint.description
    inputs, outputs = wanted_channels(checkpoint)
    if unet.config["in_channels"] != inputs:
        raise SegPaintError(
            f"{path} has {unet.config['in_channels']} input channels, but {DESCRIPTION} with "
            f"{counted(len(checkpoint.table), 'label')} needs {inputs}; the two belong to "
            "different checkpoints."
        )
    if unet.config["out_channels"] != outputs:
        raise SegPaintError(
            f"{path} has {unet.config['out_channels']} output channels, but {DESCRIPTION} needs "
            f"{outputs}; the two belong to different checkpoints."
        )
    told_apart, wanted = unet.config["num_class_embeds"] or 1, description.attribute_table.combinations
    if told_apart != wanted:
        raise SegPaintError(
            f"{path} tells {told_apart} combinations of attributes apart, but {DESCRIPTION} lists {wanted}; "
            "the two belong to different checkpoints."
        )
    noise = ScanNoise(description.scan_noise) if description.scan_noise else None
    network = Network(unet, description.space_to_depth, grain_filter(checkpoint), noise)
    network = network.to(device).eval().requires_grad_(False)
    # Convolutions run faster with their channels innermost; torch's stubs forget this overload.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def grain_filter(checkpoint: Checkpoint) -> GrainFilter | None:
    """Build the filter for what a checkpoint's networks leave of noise; None if it has none.

    Raises
    ------
    SegPaintError
        If its scheduler cannot be read.
    """
    gains = checkpoint.description.grain_gains
    return GrainFilter(gains, read_scheduler_config(checkpoint)) if gains else None


def wanted_channels(checkpoint: Checkpoint) -> tuple[int, int]:
    """Count the input and output channels of a U-Net for a checkpoint's images and masks."""
    description = checkpoint.description
    encoder = Encoder(checkpoint.table, description.encoding)
    folded = description.space_to_depth**2
    return (description.channels + encoder.channels) * folded, description.channels * folded


def load_unet(config: Path, weights: Path) -> UNet2DModel:
    """Build a U-Net and read its weights, in float32.

    Parameters
    ----------
    config, weights : Path
        As diffusers writes them; the weights are safetensors.

    Raises
    ------
    SegPaintError
        If one cannot be read, or they do not match.
    """
    values = read_weights(weights)
    unet = _build_unet(config, sum(value.numel() for value in values.values()), weights)
    try:
        unet.load_state_dict(values)  # copied into float32
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise SegPaintError(f"The weights in {weights} do not fit {config}: {reason}") from error
    return unet


@reads("the configuration of a U-Net", "get the checkpoint again, whole")
def _build_unet(path: Path, count: int, weights: Path) -> UNet2DModel:
    """Build a U-Net with untrained weights, after its size is known to be that of its weights."""
    config = _read_object(path)
    _check_bounds(path, config)
    with torch.device("meta"):  # takes no memory
        wanted = sum(value.numel() for value in _from_config(config).state_dict().values())
    if wanted > 2 * count:  # what is missing in fewer is named later
        raise SegPaintError(
            f"The weights in {weights} do not fit {path}: {wanted:,} are needed, not {count:,}."
        )
    return _from_config(config)


def _from_config(config: dict[str, Any]) -> UNet2DModel:
    return UNet2DModel(**known_settings(UNet2DModel, config))


def _check_bounds(path: Path, config: dict[str, Any]) -> None:
    """Refuse the configuration of a U-Net that would fill the memory or take minutes to build."""

    def numbers(value: Any) -> list[Any]:
        return [one for part in value for one in numbers(part)] if isinstance(value, list) else [value]

    for name, most in MOST_OF_UNET.items():
        found = [one for one in numbers(config.get(name)) if one is not None]
        if len(found) > MOST_LEVELS:
            raise SegPaintError(f"{path} has {len(found)} {name}; at most {MOST_LEVELS} are built.")
        for one in found:
            if isinstance(one, bool) or not isinstance(one, int) or not 0 < one <= most:
                raise SegPaintError(
                    f"{path} has the {name} {str(one)[:40]}; it is a whole number from 1 to {most}."
                )


@reads("weights in safetensors", "get the checkpoint again, whole")
def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read weights by name.

    Raises
    ------
    SegPaintError
        If the file cannot be read, or holds packed or broken values.
    """
    check_regular(path, LARGEST_WEIGHTS)
    weights: dict[str, torch.Tensor] = load_file(path)
    others = {str(value.dtype).removeprefix("torch.") for value in weights.values() if value.dtype not in REAL}
    if others:
        raise SegPaintError(
            f"{path} holds weights of the type {min(others)}, which are packed, or are no weights; get them as "
            "float32, float16 or bfloat16."
        )
    broken = [name for name, value in weights.items() if not torch.isfinite(value.float()).all()]
    if broken:
        raise SegPaintError(
            f"{path} holds values that are no numbers (in {broken[0][:80]}); get the checkpoint again, or "
            "train it anew with a lower learning rate."
        )
    return weights


def read_scheduler_config(checkpoint: Checkpoint) -> dict[str, Any]:
    """Read the scheduler's configuration, for `segpaint.core.diffusion.samplers.build_scheduler`.

    Raises
    ------
    SegPaintError
        If it cannot be read, or describes no scheduler.
    """
    return _read_scheduler(checkpoint.folder / SCHEDULER_CONFIG)


@reads("the configuration of a scheduler", "get the checkpoint again, whole")
def _read_scheduler(path: Path) -> dict[str, Any]:
    config = _read_object(path)
    if config.get("prediction_type") not in ("v_prediction", "epsilon", "sample"):
        raise SegPaintError(
            f"{path} has the prediction_type {str(config.get('prediction_type'))[:40]!r}; "
            "only 'v_prediction', 'epsilon' and 'sample' can be sampled."
        )
    count = config.get("num_train_timesteps", 1000)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_TIMESTEPS:
        raise SegPaintError(
            f"{path} has the num_train_timesteps {str(count)[:40]}; give 1 to {MOST_TIMESTEPS}."
        )
    betas = config.get("trained_betas")
    if betas is not None and (
        not isinstance(betas, list)
        or len(betas) != count
        or not all(isinstance(one, float) and 0 < one < 1 for one in betas)
    ):
        raise SegPaintError(f"{path} has trained_betas other than {count} numbers between 0 and 1.")
    for name in SAMPLERS:
        build_scheduler(config, name, steps=1)
    return config


def write_checkpoint(
    folder: Path, description: Description, network: Network, scheduler_config: dict[str, Any], card: str
) -> None:
    """Write a checkpoint folder with weights in half precision.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    write_folder(
        folder,
        description,
        weights=half_precision(network.unet),
        network_config=unet_config(network.unet),
        scheduler_config=scheduler_config,
        card=card,
    )


def write_folder(
    folder: Path,
    description: Description,
    *,
    weights: bytes | Path,
    network_config: dict[str, Any],
    scheduler_config: dict[str, Any],
    card: str,
) -> None:
    """Write a checkpoint folder from its parts.

    Parameters
    ----------
    weights : bytes or Path
        Content of a safetensors file, or a file to copy unchanged.
    network_config, scheduler_config : dict
        As diffusers reads them.
    card : str
        The model card, in Markdown.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    write_together(
        {
            folder / WEIGHTS: weights,
            folder / NETWORK_CONFIG: to_json(network_config),
            folder / SCHEDULER_CONFIG: to_json(scheduler_config),
            folder / DESCRIPTION: to_json(description.model_dump(mode="json")),
            folder / CARD: card.encode(),
        }
    )


def half_precision(unet: UNet2DModel) -> bytes:
    """Encode the weights as a safetensors file in half precision, as diffusers reads it."""
    weights = {name: value.detach().cpu().half().contiguous() for name, value in unet.state_dict().items()}
    content: bytes = save(weights, metadata={"format": "pt"})
    return content


def unet_config(unet: UNet2DModel) -> dict[str, Any]:
    """Return the configuration of a U-Net, as diffusers reads it."""
    known = {key: value for key, value in unet.config.items() if not key.startswith("_")}
    return {"_class_name": "UNet2DModel", **known}


@reads("JSON", "get the checkpoint again, whole")
def read_config(path: Path) -> dict[str, Any]:
    """Read the JSON object in a file.

    Raises
    ------
    SegPaintError
        If the file holds none.
    """
    return _read_object(path)


def _read_object(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise SegPaintError(f"{path} does not hold a JSON object.")
    return content


def to_json(content: dict[str, Any]) -> bytes:
    """Encode an object as a JSON file."""
    return (json.dumps(content, indent=2) + "\n").encode()
