"""What a request may begin with beside noise; parts of a `segpaint.core.requests.request.Request`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from segpaint.core.requests.frozen import FrozenImage, FrozenMask

_FROZEN = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Counterfactual(BaseModel):
    """A real image with other anatomy: led back to noise under its own mask, sampled under another.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        The reference.
    mask : ndarray of uint8, shape (height, width)
        Where the reference's labels are.
    used : tuple of int
        The labels that the reference's mask speaks of.
    margin : float or None
        Pixels around what was edited that may change too, fading out over as many more; beyond, every
        pixel is the reference's own. None: the whole image may change.
    """

    model_config = _FROZEN

    kind: Literal["counterfactual"] = "counterfactual"
    image: FrozenImage
    mask: FrozenMask
    used: tuple[int, ...]
    margin: float | None = Field(default=6.0, ge=0, le=1000)


class Similarity(BaseModel):
    """Between an image of its own and a real one, see `segpaint.core.diffusion.inversion.nearing`.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        The reference.
    share : float
        0 shares the labels in use alone, 1 is the reference itself.
    step : int
        Index of the step before which the two are mixed: early ones share coarse shapes, late ones texture.
    """

    model_config = _FROZEN

    kind: Literal["similarity"] = "similarity"
    image: FrozenImage
    share: float = Field(ge=0, le=1)
    step: int = Field(ge=0, lt=1000)


class WarmStart(BaseModel):
    """An earlier image, noised to the level before a step.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
    step : int
        Index of the first step.
    """

    model_config = _FROZEN

    kind: Literal["warm start"] = "warm start"
    image: FrozenImage
    step: int = Field(ge=0, lt=1000)


Origin = Annotated[Counterfactual | Similarity | WarmStart, Field(discriminator="kind")]
