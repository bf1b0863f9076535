"""Reads and writes a checkpoint's weights and scheduler."""

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_together
from segpaint.core.requests.checkpoint import (
    CARD,
    DESCRIPTION,
    NETWORK_CONFIG,
    SCHEDULER_CONFIG,
    WEIGHTS,
    Checkpoint,
    Description,
)
from segpaint.core.requests.sampling import SAMPLERS


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
    folded = description.space_to_depth**2
    encoder = Encoder(checkpoint.table, description.encoding)
    inputs = (description.channels + encoder.channels) * folded
    if unet.config["in_channels"] != inputs:
        raise SegPaintError(
            f"{path} has {unet.config['in_channels']} input channels, but {DESCRIPTION} with "
            f"{len(checkpoint.table)} labels needs {inputs}; the two belong to different checkpoints."
        )
    if unet.config["out_channels"] != description.channels * folded:
        raise SegPaintError(
            f"{path} has {unet.config['out_channels']} output channels, but {DESCRIPTION} needs "
            f"{description.channels * folded}; the two belong to different checkpoints."
        )
    network = Network(unet, description.space_to_depth).to(device).eval().requires_grad_(False)
    # Convolutions run faster with their channels innermost; torch's stubs forget this overload.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


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
    try:
        with warnings.catch_warnings():  # diffusers warns of configurations by other versions
            warnings.simplefilter("ignore")
            unet = UNet2DModel.from_config(read_json(config))
    except (TypeError, ValueError, KeyError) as error:
        raise SegPaintError(f"{config} does not describe a U-Net: {error}") from error
    try:
        unet.load_state_dict(load_file(weights))  # copied into float32
    except (SafetensorError, OSError) as error:
        raise SegPaintError(f"{weights} is not a whole safetensors file: {error}.") from error
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise SegPaintError(f"The weights in {weights} do not fit {config}: {reason}") from error
    return unet


def read_scheduler_config(checkpoint: Checkpoint) -> dict[str, Any]:
    """Read the scheduler's configuration, for `segpaint.core.diffusion.samplers.build_scheduler`.

    Raises
    ------
    SegPaintError
        If it cannot be read, or describes no scheduler.
    """
    path = checkpoint.folder / SCHEDULER_CONFIG
    config = read_json(path)
    if config.get("prediction_type") not in ("v_prediction", "epsilon"):
        raise SegPaintError(
            f"{path} has the prediction_type {config.get('prediction_type')!r}; "
            "only 'v_prediction' and 'epsilon' can be sampled."
        )
    try:
        for name in SAMPLERS:
            build_scheduler(config, name, steps=1)
    except (TypeError, ValueError, NotImplementedError) as error:  # the last for an unknown beta_schedule
        raise SegPaintError(f"{path} does not describe a scheduler: {error}") from error
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


def read_json(path: Path) -> dict[str, Any]:
    """Read the JSON object in a file.

    Raises
    ------
    SegPaintError
        If the file holds none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SegPaintError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise SegPaintError(f"{path} does not hold a JSON object.")
    return content


def to_json(content: dict[str, Any]) -> bytes:
    """Encode an object as a JSON file."""
    return (json.dumps(content, indent=2) + "\n").encode()
