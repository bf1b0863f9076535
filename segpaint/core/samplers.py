"""The samplers on offer: diffusers' own schedulers, set up from a checkpoint's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler

Scheduler: TypeAlias = DDPMScheduler | DDIMScheduler | DPMSolverMultistepScheduler


@dataclass(frozen=True)
class Sampler:
    """A scheduler class and what to set in it."""

    scheduler: type[Scheduler]
    settings: Mapping[str, Any] = field(default_factory=dict)


SAMPLERS: Mapping[str, Sampler] = {
    "dpm++": Sampler(  # DPM-Solver++ (2M), Lu et al., arXiv 2211.01095
        DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "solver_order": 2}
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
    scheduler.set_timesteps(steps)
    return scheduler
