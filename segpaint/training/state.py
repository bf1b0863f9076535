"""The state of a training run in one file, complete enough to resume exactly.

Random numbers need no saving: each step draws from generators seeded with (seed, step), so the
step count is the random state.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers.training_utils import EMAModel
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover, write_together


def save_state(
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    ema: EMAModel,
    progress: dict[str, Any],
    beside: Mapping[Path, bytes] | None = None,
) -> None:
    """Write the state of a run and what belongs to it, all or nothing.

    Parameters
    ----------
    beside : mapping of Path to bytes, optional
        Other files to write with it.
    progress : dict
        Step, seconds, settings and whatever else JSON can hold.
    """
    tensors: dict[str, Tensor] = {f"network.{name}": value for name, value in network.state_dict().items()}
    for index, value in enumerate(ema.shadow_params):
        tensors[f"ema.{index}"] = value
    for index, slots in optimizer.state_dict()["state"].items():
        for slot, value in slots.items():
            tensors[f"optimizer.{index}.{slot}"] = value
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    progress = {**progress, "ema_step": ema.optimization_step}
    write_together({path: save(tensors, metadata={"progress": json.dumps(progress)}), **(beside or {})})


def read_progress(path: Path) -> dict[str, Any]:
    """Read the progress of a saved run, without its weights.

    Raises
    ------
    SegPaintError
        If there is no such file, or it is damaged.
    """
    recover(path.parent)
    if not path.exists():
        raise SegPaintError(f"There is no training to resume: {path} is missing. Leave out --resume.")
    try:
        with safe_open(path, framework="pt") as file:
            progress: dict[str, Any] = json.loads(file.metadata()["progress"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise SegPaintError(f"{path} is no whole training state: {error}.") from error
    return progress


def load_state(
    path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, ema: EMAModel
) -> dict[str, Any]:
    """Put a run back where `save_state` left it, and return its progress.

    Raises
    ------
    SegPaintError
        If there is no such file, or it is of another network.
    """
    progress = read_progress(path)
    groups: dict[str, dict[str, Tensor]] = {"network": {}, "ema": {}, "optimizer": {}}
    try:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - not a dict
                group, _, rest = name.partition(".")
                groups[group][rest] = file.get_tensor(name)
    except (SafetensorError, KeyError, TypeError) as error:
        raise SegPaintError(f"{path} is no whole training state: {error}.") from error
    try:
        network.load_state_dict(groups["network"])
    except RuntimeError as error:
        part = str(error).splitlines()[-1].strip().rstrip(".")
        raise SegPaintError(
            f"{path} is of another network than these options make ({part}); resume it with the same ones."
        ) from error
    for index, value in enumerate(ema.shadow_params):
        value.copy_(groups["ema"][str(index)])
    ema.optimization_step = progress.pop("ema_step")
    slots: dict[int, dict[str, Tensor]] = {}
    for name, value in groups["optimizer"].items():
        parameter, _, slot = name.partition(".")
        slots.setdefault(int(parameter), {})[slot] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    return progress
