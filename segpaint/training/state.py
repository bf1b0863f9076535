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
from pydantic import BaseModel, Field
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover, write_together
from segpaint.core.reading import check_regular, parse_json, reads
from segpaint.core.requests.checkpoint import LARGEST_WEIGHTS


class Saved(BaseModel, extra="allow"):
    """The progress in a training state: what every version has written there.

    Attributes
    ----------
    step, images : int
        Done so far.
    seconds : float
        Taken so far.
    losses : list of tuple
        Step, loss in training, loss in validation.
    settings : dict
        See `segpaint.training.settings.TrainingSettings`.
    ema_step : int
        Steps of the averaged weights.
    """

    step: int = Field(ge=0)
    seconds: float
    images: int = Field(ge=0)
    losses: list[tuple[float, float, float]]
    settings: dict[str, Any]
    ema_step: int = Field(ge=0)


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
    return read_saved(path)


@reads("a whole training state", "begin the training anew, without --resume")
def read_saved(path: Path) -> dict[str, Any]:
    """Read the progress in a training state.

    Raises
    ------
    SegPaintError
        If the file is missing or damaged.
    """
    check_regular(path, LARGEST_WEIGHTS)
    with safe_open(path, framework="pt") as file:
        progress = parse_json(file.metadata()["progress"])
    return Saved.model_validate(progress).model_dump()


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
    put_back(path, network, optimizer, ema)
    ema.optimization_step = progress.pop("ema_step")
    return progress


@reads("a whole training state", "begin the training anew, without --resume")
def put_back(path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, ema: EMAModel) -> None:
    """Read the weights and the optimizer's values of a training state into their places.

    Raises
    ------
    SegPaintError
        If the file is missing or damaged, or of another network.
    """
    check_regular(path, LARGEST_WEIGHTS)
    groups: dict[str, dict[str, Tensor]] = {"network": {}, "ema": {}, "optimizer": {}}
    with safe_open(path, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 - not a dict
            group, _, rest = name.partition(".")
            groups[group][rest] = file.get_tensor(name)
    try:
        network.load_state_dict(groups["network"])
    except RuntimeError as error:
        part = str(error).splitlines()[-1].strip().rstrip(".")
        raise SegPaintError(
            f"{path} is of another network than these options make ({part}); resume it with the same ones."
        ) from error
    for index, value in enumerate(ema.shadow_params):
        value.copy_(groups["ema"][str(index)])
    slots: dict[int, dict[str, Tensor]] = {}
    for name, value in groups["optimizer"].items():
        parameter, _, slot = name.partition(".")
        slots.setdefault(int(parameter), {})[slot] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
