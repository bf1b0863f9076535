"""Reads and writes the network of a checkpoint that takes few steps."""

from pathlib import Path

import torch
from safetensors.torch import save

from segpaint.core.diffusion.few_steps import FewStepNetwork
from segpaint.core.diffusion.network_files import (
    grain_filter,
    half_precision,
    load_unet,
    read_weights,
    to_json,
    unet_config,
    wanted_channels,
)
from segpaint.core.diffusion.scan_noise import ScanNoise
from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover, write_together
from segpaint.core.requests.checkpoint import FEW_STEPS_FILES, FEW_STEPS_FOLDER, Checkpoint, has_few_steps
from segpaint.core.requests.few_step_description import FewStepDescription, read_few_step_description

DESCRIPTION, CONFIG, WEIGHTS, PACE = FEW_STEPS_FILES
UNET = "network.unet."
"""What the names of the U-Net's weights begin with."""


def write_few_steps(folder: Path, network: FewStepNetwork, description: FewStepDescription) -> None:
    """Write a network for few steps into its own folder, with weights in half precision.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    rest = {
        name: value.detach().cpu().half().contiguous()
        for name, value in network.state_dict().items()
        if not name.startswith(UNET)
    }
    write_together(
        {
            folder / DESCRIPTION: to_json(description.model_dump(mode="json")),
            folder / CONFIG: to_json(unet_config(network.network.unet)),
            folder / WEIGHTS: half_precision(network.network.unet),
            folder / PACE: save(rest, metadata={"format": "pt"}),
        }
    )


def load_few_steps(checkpoint: Checkpoint, device: torch.device) -> FewStepNetwork:
    """Read the network for few steps of a checkpoint, in float32 and ready to sample.

    Raises
    ------
    SegPaintError
        If there is none, it belongs to other weights, or its files cannot be read or do not match.
    """
    folder, description = checkpoint.folder / FEW_STEPS_FOLDER, checkpoint.description
    recover(folder)
    if not has_few_steps(checkpoint.folder):
        raise SegPaintError(
            f"{checkpoint.folder} has no network for few steps; make one with: "
            f"segpaint distill {checkpoint.folder} --data DATA, or choose another sampler."
        )
    about = read_few_step_description(folder / DESCRIPTION)
    teacher = about.teacher
    if teacher != checkpoint.fingerprint:
        raise SegPaintError(
            f"{folder} was distilled from other weights ({teacher}) than those of {checkpoint.folder} "
            f"({checkpoint.fingerprint}); distil these with segpaint distill, or choose another sampler."
        )
    unet = load_unet(folder / CONFIG, folder / WEIGHTS)
    found = unet.config["in_channels"], unet.config["out_channels"], unet.config["class_embed_type"]
    if found != (*wanted_channels(checkpoint), "identity"):
        raise SegPaintError(f"{folder / CONFIG} does not fit {checkpoint.folder}; distil it again.")
    combinations, grain = description.attribute_table.combinations, grain_filter(checkpoint)
    noise = ScanNoise(about.scan_noise) if about.scan_noise else None
    network = FewStepNetwork(unet, description.space_to_depth, combinations, grain, noise)
    _load_rest(folder / PACE, network)
    network = network.to(device).eval().requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _load_rest(path: Path, network: FewStepNetwork) -> None:
    """Read the weights beside those of the U-Net."""
    rest = read_weights(path)
    try:
        unread = network.load_state_dict(rest, strict=False)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise SegPaintError(f"The weights in {path} do not fit this checkpoint: {reason}") from error
    lacking = [name for name in unread.missing_keys if not name.startswith(UNET)]
    if lacking or unread.unexpected_keys or any(name.startswith(UNET) for name in rest):
        raise SegPaintError(f"The weights in {path} do not fit this checkpoint; distil it again.")
