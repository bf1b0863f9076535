"""Origins other than noise, for a `segpaint.core.requests.request.Request`."""

import hashlib
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.frozen import FrozenImage, FrozenMask

EDIT_STEPS = 50
"""Default denoising steps of requests with a reference."""
MARGIN = 6.0
"""Pixels around an edit that change with it, by default; over as many more, the change fades out."""


Way = Literal["inversion", "warp"]
"""How a reference is given other anatomy."""


class CounterfactualSettings(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """A `Counterfactual` without its image."""

    kind: Literal["counterfactual"] = "counterfactual"
    mask: FrozenMask
    used: tuple[int, ...]
    margin: float | None = Field(default=MARGIN, ge=0, le=1000)
    way: Way = "inversion"

    @model_serializer(mode="wrap")
    def _as_written_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the way of requests that knew none, so that their files stay as they were."""
        values: dict[str, Any] = write(self)
        return values if self.way != "inversion" else {name: values[name] for name in values if name != "way"}


class Counterfactual(CounterfactualSettings, frozen=True):
    """A real image with other anatomy.

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
    way : {"inversion", "warp"}
        "warp" deforms the reference so that its mask becomes the new one, noises it half, and samples on under
        the new mask. "inversion" leads it back to noise under its own mask, and samples that under the new one.
    """

    image: FrozenImage


class SimilaritySettings(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """A `Similarity` without its image."""

    kind: Literal["similarity"] = "similarity"
    share: float = Field(ge=0, le=1)
    step: int = Field(ge=0, lt=1000)


class Similarity(SimilaritySettings, frozen=True):
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

    image: FrozenImage


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


class Revision(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """A made image with other anatomy, deformed and sampled on as a `Counterfactual` of the way "warp" is.

    No patient is in it, so that the image may go along in every file.

    Attributes
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        The made image.
    mask : ndarray of uint8, shape (height, width)
        The mask that it was made from.
    used : tuple of int
        Labels that were in use then.
    margin : float
        Pixels around the edit that may change too, see `Counterfactual`.
    quick : bool
        Whether the deformation is looked for less thoroughly, as for drafts.
    """

    kind: Literal["revision"] = "revision"
    image: FrozenImage
    mask: FrozenMask
    used: tuple[int, ...]
    margin: float = Field(default=MARGIN, ge=0, le=1000)
    quick: bool = False

    @model_serializer(mode="wrap")
    def _as_written_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what the first revisions lacked, so that their files stay as they were."""
        values: dict[str, Any] = write(self)
        return {name: value for name, value in values.items() if name != "quick" or value}


class Withheld(BaseModel, frozen=True, extra="forbid"):
    """An origin whose image was left out of a file, since it shows a patient.

    Attributes
    ----------
    digest : str
        `digest_of` the image, which recognises it when it is given again.
    settings : CounterfactualSettings or SimilaritySettings
        All but the image.
    """

    kind: Literal["withheld"] = "withheld"
    digest: str
    settings: Annotated[CounterfactualSettings | SimilaritySettings, Field(discriminator="kind")]

    @classmethod
    def of(cls, origin: Counterfactual | Similarity) -> "Withheld":
        """Leave out the image of an origin."""
        kind = CounterfactualSettings if isinstance(origin, Counterfactual) else SimilaritySettings
        return cls(digest=digest_of(origin.image), settings=kind(**_without_image(origin)))

    def filled(self, image: NDArray[np.uint8]) -> Counterfactual | Similarity:
        """Put the image back.

        Raises
        ------
        SegPaintError
            If it is another image.
        """
        if digest_of(image) != self.digest:
            raise SegPaintError(
                "The given reference is another image than the one that the result was made from; "
                "give that one, windowed and sized as it was then."
            )
        kind = Counterfactual if isinstance(self.settings, CounterfactualSettings) else Similarity
        return kind(image=image, **_without_image(self.settings))


Origin = Annotated[Counterfactual | Similarity | WarmStart | Revision | Withheld, Field(discriminator="kind")]


def digest_of(image: NDArray[np.uint8]) -> str:
    """Compute the SHA-256 of an image's pixels and shape."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


def is_inverted(origin: object) -> bool:
    """Check whether an origin leads its reference back to noise, which takes a sampler that can be undone."""
    settings = origin.settings if isinstance(origin, Withheld) else origin
    if isinstance(settings, CounterfactualSettings):
        return settings.way == "inversion"
    return isinstance(settings, SimilaritySettings)


def _without_image(origin: CounterfactualSettings | SimilaritySettings) -> dict[str, Any]:
    return {name: value for name, value in origin if name != "image"}


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
