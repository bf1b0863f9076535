"""Samplers and settings, for requests, checkpoints, paired sets and evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field


@dataclass(frozen=True)
class Sampler:
    """A scheduler class of diffusers, and its settings.

    Attributes
    ----------
    name : str
        Name in requests.
    title, hint : str
        Title and use, shown to the user.
    scheduler : str
        Module and class, such as "diffusers:DDIMScheduler"; imported when a run needs it.
    settings : mapping
        Added to those of the checkpoint's scheduler.
    spacing : float or None
        The `power` of `segpaint.core.diffusion.samplers.spaced_timesteps`; None uses the spacing of diffusers.
    """

    name: str
    title: str
    hint: str
    scheduler: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    spacing: float | None = None


SAMPLERS: dict[str, Sampler] = {}
"""Samplers by name, in the order shown to the user."""


def register_sampler(sampler: Sampler) -> None:
    """Add a sampler to the window and the command line."""
    SAMPLERS[sampler.name] = sampler


register_sampler(
    Sampler(  # Lu et al., arXiv 2211.01095
        "dpm++",
        "DPM-Solver++ (2M)",
        "Good images in 10 to 30 steps",
        "diffusers:DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "solver_order": 2},
        spacing=1.75,
    )
)
register_sampler(  # Song et al., arXiv 2010.02502
    Sampler("ddim", "DDIM", "Deterministic; 50 steps and more", "segpaint.core.diffusion.ddim:ScheduledDDIM")
)
register_sampler(  # Ho et al., arXiv 2006.11239
    Sampler("ddpm", "DDPM", "Adds noise at every step; 250 to 1000 steps", "diffusers:DDPMScheduler")
)


def _known(name: str) -> str:
    if name not in SAMPLERS:
        raise ValueError(f"is no sampler; there are {', '.join(SAMPLERS)}")
    return name


SamplerName = Annotated[str, AfterValidator(_known)]
Steps = Annotated[int, Field(ge=1, le=1000)]
Guidance = Annotated[float, Field(ge=0, le=20)]
SEEDS = 2**63
"""How many seeds there are: as many as every library takes."""
Seed = Annotated[int, Field(ge=0, lt=SEEDS)]


def count_seeds(first: int, count: int) -> list[int]:
    """Count up from a seed; after the largest one comes 0."""
    return [(first + number) % SEEDS for number in range(count)]


@dataclass(frozen=True)
class Sampling:
    """A sampler and its settings.

    Attributes
    ----------
    sampler : str
        A key of `SAMPLERS`.
    steps : int
        Denoising steps, 1 to 1000.
    guidance : float
        See `segpaint.core.diffusion.sampler.sample`; 1 is off.
    """

    sampler: str
    steps: int
    guidance: float

    @classmethod
    def of(cls, *sources: object) -> Self:
        """Take each field from the first source in which it is not None."""
        given = ([getattr(source, field.name) for source in sources] for field in fields(cls))
        return cls(*(next(value for value in values if value is not None) for values in given))
