"""The request: everything that determines one image, frozen."""

from __future__ import annotations

import itertools
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Description
from segpaint.core.requests.frozen import FrozenMask
from segpaint.core.requests.origins import Counterfactual, Origin, Similarity
from segpaint.core.requests.sampling import Guidance, SamplerName, Steps

Precision = Literal["float32", "bfloat16"]


class Stage(BaseModel):
    """What the network is asked to follow from a step on.

    Attributes
    ----------
    step : int
        The first step that follows it.
    used : tuple of int
        The labels in use; the others are ablated.
    mask : ndarray of uint8, shape (height, width)
        Label indices; 255 is a free region. Read-only; in JSON a PNG in base64.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    step: int = Field(ge=0, lt=1000)
    used: tuple[int, ...]
    mask: FrozenMask

    def asks_like(self, other: Stage) -> bool:
        """Whether another stage has the same mask and labels."""
        return self.used == other.used and np.array_equal(self.mask, other.mask)


class Request(BaseModel):
    """Everything that determines one image.

    Attributes
    ----------
    checkpoint, fingerprint : str
        Name of the checkpoint's folder, and what identifies its content.
    mask : ndarray of uint8, shape (height, width)
        Label indices; 255 is a free region. Read-only; in JSON a PNG in base64.
    used : tuple of int
        The labels in use; the others are ablated.
    sampler : {"dpm++", "ddim", "ddpm"}
    steps : int
        Denoising steps.
    seed : int
        Of all random numbers.
    guidance : float
        1 is off.
    precision : {"float32", "bfloat16"}
        Of the network; it shows in the last digit.
    changes : tuple of Stage
        What was edited while the run was under way, or where a branch began.
    origin : Counterfactual, Similarity, WarmStart or None
        What it begins with beside noise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    format: Literal[1] = 1
    checkpoint: str
    fingerprint: str
    used: tuple[int, ...]
    sampler: SamplerName = "dpm++"
    steps: Steps = 20
    seed: int = Field(default=0, ge=0, lt=2**63)
    guidance: Guidance = 1.0
    precision: Precision = "float32"
    mask: FrozenMask
    changes: tuple[Stage, ...] = ()
    origin: Origin | None = None

    @model_validator(mode="after")
    def _check_changes(self) -> Self:
        steps = [0, *(change.step for change in self.changes), self.steps]
        if any(before >= after for before, after in itertools.pairwise(steps)):
            raise ValueError("has changes that are not in order or beyond its steps")
        return self

    @model_validator(mode="after")
    def _check_origin(self) -> Self:
        if isinstance(self.origin, Counterfactual | Similarity) and self.sampler != "ddim":
            raise ValueError("must have the sampler ddim, the one that can be run backwards")
        if self.origin is not None and getattr(self.origin, "step", 0) >= self.steps:
            raise ValueError("begins at a step beyond its last")
        return self

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What is asked from the first step on, and from each change on."""
        return (Stage(step=0, used=self.used, mask=self.mask), *self.changes)

    @property
    def final(self) -> Stage:
        """What the finished image was last asked to follow."""
        return self.stages[-1]

    def changed(self, stage: Stage) -> Request:
        """The request that asks for something else from a step on; later changes fall away."""
        if stage.step == 0:
            return self.model_copy(update={"used": stage.used, "mask": stage.mask, "changes": ()})
        kept = tuple(change for change in self.changes if change.step < stage.step)
        earlier = self.model_copy(update={"changes": kept})
        if stage.asks_like(earlier.final):
            return earlier
        return self.model_copy(update={"changes": (*kept, stage)})

    def check_fit(self, description: Description) -> None:
        """Make sure that a checkpoint can answer it.

        Raises
        ------
        SegPaintError
            If the mask has another size, or labels that the checkpoint does not know.
        """
        size, table = description.size, description.table
        for stage in self.stages:
            if stage.mask.shape != (size, size):
                height, width = stage.mask.shape
                raise SegPaintError(
                    f"The request's mask has {width} x {height} pixels, the checkpoint takes {size} x {size}; "
                    "open it with the checkpoint that it was made with."
                )
            unknown = sorted({*table.unknown(stage.mask), *stage.used} - set(table.indices))
            if unknown:
                raise SegPaintError(
                    f"The request names labels that this checkpoint does not know: {unknown}; "
                    "open it with the checkpoint that it was made with."
                )
        if self.origin is not None:
            wanted = (size, size) if description.channels == 1 else (size, size, 3)
            if self.origin.image.shape != wanted:
                raise SegPaintError(
                    f"The request's reference has the shape {self.origin.image.shape}, but the checkpoint "
                    f"makes images of the shape {wanted}; open it with the checkpoint that it was made with."
                )
