"""How an image is sampled: what requests, checkpoints, paired sets and evaluations all settle."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal, Self

from pydantic import Field

SamplerName = Literal["dpm++", "ddim", "ddpm"]
Steps = Annotated[int, Field(ge=1, le=1000)]
Guidance = Annotated[float, Field(ge=0, le=20)]


@dataclass(frozen=True)
class Sampling:
    """A sampler and how it is used.

    Attributes
    ----------
    sampler : {"dpm++", "ddim", "ddpm"}
    steps : int
        Denoising steps, 1 to 1000.
    guidance : float
        See `segpaint.core.diffusion.sampler.sample`; 1 is off.
    """

    sampler: SamplerName
    steps: int
    guidance: float

    @classmethod
    def of(cls, *sources: object) -> Self:
        """Take each of the three from the first source that settles it: the others have None."""
        given = ([getattr(source, field.name) for source in sources] for field in fields(cls))
        return cls(*(next(value for value in values if value is not None) for values in given))
