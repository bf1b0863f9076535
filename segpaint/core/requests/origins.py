"""Origins other than noise, for a `segpaint.core.requests.request.Request`."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from segpaint.core.requests.frozen import FrozenImage, FrozenMask

EDIT_STEPS = 50
"""Default denoising steps of requests with a reference."""


class Counterfactual(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """A real image with other anatomy: inverted under its own mask, sampled under another.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        The reference.
    mask : ndarray of uint8, shape (height, width)
        The reference's own mask.
    used : tuple of int
        Labels annotated in that mask.
    margin : float or None
        Pixels around the edit that may change too, fading out over as many more. Beyond, all pixels are the
        reference's. None lets the whole image change.
    """

    kind: Literal["counterfactual"] = "counterfactual"
    image: FrozenImage
    mask: FrozenMask
    used: tuple[int, ...]
    margin: float | None = Field(default=6.0, ge=0, le=1000)


class Similarity(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """An image between the request's own and a real one, see `segpaint.core.diffusion.inversion.nearing`.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        The reference.
    share : float
        0 shares only the labels in use, 1 is the reference itself.
    step : int
        Index of the step before which both are mixed; early steps share coarse shapes, late ones texture.
    """

    kind: Literal["similarity"] = "similarity"
    image: FrozenImage
    share: float = Field(ge=0, le=1)
    step: int = Field(ge=0, lt=1000)


class WarmStart(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """An earlier image, noised to the level before a step.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
    step : int
        Index of the first step.
    """

    kind: Literal["warm start"] = "warm start"
    image: FrozenImage
    step: int = Field(ge=0, lt=1000)


Origin = Annotated[Counterfactual | Similarity | WarmStart, Field(discriminator="kind")]


def step_at(level: float, steps: int) -> int:
    """Find the `step` of a `Similarity`.

    Parameters
    ----------
    level : float
        Part of the run, 0 to 1.
    steps : int
        Steps of the run.
    """
    return min(round(level * steps), steps - 1)
