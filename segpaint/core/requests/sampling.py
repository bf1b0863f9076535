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
    counts : tuple of int
        The numbers of steps that it takes; empty if it takes any.
    guidances : tuple of float
        The least and the most guidance that it takes.
    usual : int
        The steps to take where nothing is recommended.
    """

    name: str
    title: str
    hint: str
    scheduler: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    spacing: float | None = None
    counts: tuple[int, ...] = ()
    guidances: tuple[float, float] = (0.0, 20.0)
    usual: int = 20

    def hindrance(self, steps: int, guidance: float) -> str:
        """Report why it cannot take a number of steps or a guidance; empty if it can."""
        if self.counts and steps not in self.counts:
            fewer = ", ".join(map(str, self.counts[:-1]))
            return f"takes {fewer and f'{fewer} or '}{self.counts[-1]} steps, not {steps}"
        least, most = self.guidances
        if not least <= guidance <= most:
            return f"takes a guidance of {least:g} to {most:g}, not {guidance:g}"
        return ""

    def nearest(self, steps: int, before: int) -> int:
        """Find the number of steps that it takes, where so many are asked for instead of those before."""
        if not self.counts or steps in self.counts:
            return steps
        larger = [count for count in self.counts if count > steps]
        smaller = [count for count in self.counts if count < steps]
        if before not in self.counts:
            return self.usual
        return min(larger) if steps > before and larger else max(smaller or self.counts[:1])


SPACING = 1.75
"""The `power` of `segpaint.core.diffusion.samplers.spaced_timesteps` of samplers that take few steps."""
SAMPLERS: dict[str, Sampler] = {}
"""Samplers that every checkpoint has, by name, in the order shown to the user."""


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
        spacing=SPACING,
    )
)
register_sampler(  # Song et al., arXiv 2010.02502
    Sampler(
        "ddim",
        "DDIM",
        "Deterministic; 50 steps and more",
        "segpaint.core.diffusion.ddim:ScheduledDDIM",
        usual=50,
    )
)
register_sampler(  # Ho et al., arXiv 2006.11239
    Sampler("ddpm", "DDPM", "Adds noise at every step; 250 to 1000 steps", "diffusers:DDPMScheduler", usual=250)
)

FEW_STEPS = Sampler(
    "few",
    "Few steps",
    "One to eight long steps, by a network that learnt them",
    "segpaint.core.diffusion.ddim:ScheduledDDIM",
    {"clip_sample": False},
    spacing=SPACING,
    counts=(1, 2, 4, 8),
    guidances=(1.0, 3.0),
    usual=4,
)
"""The sampler of checkpoints that `segpaint distill` has given a network for it."""
LONG_THEN_SHORT = Sampler(
    "relay",
    "Long, then short steps",
    "Two long steps for the shape, then five short ones for the grain",
    "segpaint.core.diffusion.long_then_short:LongThenShort",
    {"algorithm_type": "dpmsolver++", "solver_order": 2},
    counts=(7,),
    guidances=(1.0, 3.0),
    usual=7,
)
"""Another sampler of such checkpoints: that network begins, and its teacher ends."""
DISTILLED = {sampler.name: sampler for sampler in (FEW_STEPS, LONG_THEN_SHORT)}
"""Samplers of checkpoints that `segpaint distill` has given a network, by name."""


def find_sampler(name: str) -> Sampler:
    """Find a sampler by its name.

    Raises
    ------
    ValueError
        If there is none.
    """
    known = {**SAMPLERS, **DISTILLED}
    if name not in known:
        raise ValueError(f"is no sampler; there are {', '.join(known)}")
    return known[name]


def recommended_steps(sampler: str, recommended: str, steps: int) -> int:
    """Return the steps to take with a sampler, where so many are recommended with the same one or another."""
    if sampler == recommended or not DISTILLED.keys() & {sampler, recommended}:
        return steps
    return find_sampler(sampler).usual


def _known(name: str) -> str:
    return find_sampler(name).name


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
        The name of a sampler.
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
