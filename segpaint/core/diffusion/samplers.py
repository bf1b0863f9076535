"""The samplers on offer: diffusers' own schedulers, set up from a checkpoint's."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler

Scheduler: TypeAlias = DDPMScheduler | DDIMScheduler | DPMSolverMultistepScheduler


@dataclass(frozen=True)
class Sampler:
    """A scheduler class and what to set in it.

    Attributes
    ----------
    scheduler : type
    settings : mapping
    spacing : float or None
        How the steps crowd towards the end, see `spaced_timesteps`; None leaves them to diffusers.
    """

    scheduler: type[Scheduler]
    settings: Mapping[str, Any] = field(default_factory=dict)
    spacing: float | None = None


SAMPLERS: Mapping[str, Sampler] = {
    "dpm++": Sampler(  # DPM-Solver++ (2M), Lu et al., arXiv 2211.01095
        DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "solver_order": 2}, spacing=1.75
    ),
    "ddim": Sampler(DDIMScheduler),  # Song et al., arXiv 2010.02502
    "ddpm": Sampler(DDPMScheduler),  # Ho et al., arXiv 2006.11239
}


def build_scheduler(config: Mapping[str, Any], sampler: str, steps: int) -> Scheduler:
    """A fresh scheduler, set to so many steps.

    Parameters
    ----------
    config : mapping
        A checkpoint's scheduler configuration, as diffusers reads it.
    sampler : str
        A key of `SAMPLERS`.
    steps : int
        Denoising steps of the run.
    """
    chosen = SAMPLERS[sampler]
    known = {key: value for key, value in config.items() if not key.startswith("_")}
    scheduler: Scheduler = chosen.scheduler.from_config({**known, **chosen.settings})
    if chosen.spacing is None:
        scheduler.set_timesteps(steps)
    else:
        count = scheduler.config.num_train_timesteps
        scheduler.set_timesteps(timesteps=spaced_timesteps(steps, chosen.spacing, count))
    return scheduler


def snapshot(scheduler: Scheduler) -> Scheduler:
    """A copy that later steps of the scheduler leave alone.

    Its tables are shared, for schedulers never write into a tensor; a deep copy of a thousand steps would
    take more memory than their samples.
    """
    copied = copy.copy(scheduler)
    for name, value in vars(scheduler).items():
        if isinstance(value, list):  # the outputs that a multistep solver remembers
            setattr(copied, name, list(value))
    return copied


def spaced_timesteps(steps: int, power: float, count: int = 1000) -> list[int]:
    """Timesteps that crowd towards the end of a run, where texture is decided.

    Evenly spaced, the last of 20 steps starts from a noise of ten grey levels and smooths away all
    texture below it. With power 1.75, heart slices made in 20 steps have more of the real slices'
    energy at high frequencies than evenly spaced ones made in 50.

    Parameters
    ----------
    steps : int
        1 to `count`.
    power : float
        1 spaces them evenly.
    count : int
        Timesteps of the training.

    Returns
    -------
    list of int
        Strictly falling from ``count - 1``.
    """
    rising: list[int] = []
    for left in range(1, steps + 1):
        place = round((count - 1) * (left / steps) ** power)
        lowest = rising[-1] + 1 if rising else 0
        highest = count - 1 - (steps - left)  # room for the steps before
        rising.append(min(max(place, lowest), highest))
    return rising[::-1]
