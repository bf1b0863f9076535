"""Origins other than noise, for a `segpaint.core.requests.request.Request`."""

import hashlib
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.frozen import FrozenImage, FrozenMask
from segpaint.core.requests.sampling import SPACING

MARGIN = 6.0
"""Pixels around an edit that change with it, by default; over as many more, the change fades out."""

Inversion = Literal["exact-inversion", "inversion"]
Way = Literal["close-warp", "detailed-warp", "warp", "partial-inversion", "exact-inversion", "inversion"]
"""How a reference becomes another image, see `Counterfactual`."""
USUAL_WAY: Way = "close-warp"
WARPS: frozenset[Way] = frozenset({"close-warp", "detailed-warp", "warp"})
"""Ways that deform the reference first."""
EDIT_STEPS: Mapping[Way, int] = {"partial-inversion": 16, "exact-inversion": 16, "inversion": 50}
"""Default denoising steps where a reference is led back to noise."""


class _Led(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """Settings of an origin with a reference.

    Attributes
    ----------
    made_by : str
        Name of the model that made the reference from a mask, by the reference's own file; empty if it shows a
        patient, or if nobody knows.
    """

    made_by: str = ""

    @property
    def shows_patient(self) -> bool:
        """Whether the reference is to be treated as a patient's data."""
        return not self.made_by

    @model_serializer(mode="wrap")
    def _as_written_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what the first requests lacked, so that their files stay as they were."""
        values: dict[str, Any] = write(self)
        old = {"way": "inversion", "made_by": ""}
        return {name: value for name, value in values.items() if (name, value) not in old.items()}


class CounterfactualSettings(_Led, frozen=True):
    """A `Counterfactual` without its image."""

    kind: Literal["counterfactual"] = "counterfactual"
    mask: FrozenMask
    used: tuple[int, ...]
    margin: float | None = Field(default=MARGIN, ge=0, le=1000)
    way: Way = "inversion"


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
    way : {"close-warp", "detailed-warp", "warp", "partial-inversion", "exact-inversion", "inversion"}
        "warp" deforms the reference so that its mask becomes the new one, noises it half, and samples on under
        the new mask. "detailed-warp" does so, too, and gives the reference's own fine detail back, see
        `segpaint.core.diffusion.warping.Detail`. "close-warp" first looks for a simple movement that the edit
        suggests, see `segpaint.core.masks.simple_movements`, and gives coarse shapes back, too, where the
        network hardly changes them. The others lead it back to noise under its own mask, and
        sample that under the new one. "inversion" finds many small steps that lead to the reference.
        "exact-inversion" takes few, and adds to each what it misses the reference by. "partial-inversion" does
        so, too, but begins with fresh noise where the mask was edited, see
        `segpaint.core.diffusion.inversion.renewing`.
    """

    image: FrozenImage


class SimilaritySettings(_Led, frozen=True):
    """A `Similarity` without its image."""

    kind: Literal["similarity"] = "similarity"
    share: float = Field(ge=0, le=1)
    step: int = Field(ge=0, lt=1000)
    way: Inversion = "inversion"


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
    way : {"exact-inversion", "inversion"}
        How the reference is led back to noise, see `Counterfactual`.
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
    detailed : bool
        Whether the fine detail of the image is carried along, as by the way "detailed-warp".
    close : bool
        Whether it is made as by the way "close-warp"; where it is quick, no simple movement is looked for.
    """

    kind: Literal["revision"] = "revision"
    image: FrozenImage
    mask: FrozenMask
    used: tuple[int, ...]
    margin: float = Field(default=MARGIN, ge=0, le=1000)
    quick: bool = False
    detailed: bool = False
    close: bool = False

    @model_serializer(mode="wrap")
    def _as_written_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what the first revisions lacked, so that their files stay as they were."""
        values: dict[str, Any] = write(self)
        return {
            name: value for name, value in values.items() if name not in ("quick", "detailed", "close") or value
        }


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


def shows_patient(origin: object) -> bool:
    """Check whether an origin has a reference that is to be treated as a patient's data."""
    settings = origin.settings if isinstance(origin, Withheld) else origin
    return isinstance(settings, CounterfactualSettings | SimilaritySettings) and settings.shows_patient


def way_of(origin: object) -> Way | None:
    """Return in which way an origin takes its reference; None if it has none."""
    settings = origin.settings if isinstance(origin, Withheld) else origin
    return settings.way if isinstance(settings, CounterfactualSettings | SimilaritySettings) else None


def edit_steps(origin: object) -> int | None:
    """Return how many steps to take where an origin's reference is led back to noise; None if it is not."""
    way = way_of(origin)
    return None if way is None else EDIT_STEPS.get(way)


def inversion_of(origin: object) -> Inversion | None:
    """Return how an origin's reference is led back to noise; None if it is not."""
    way = way_of(origin)
    if way is None or way in WARPS:
        return None
    return "inversion" if way == "inversion" else "exact-inversion"


def is_inverted(origin: object) -> bool:
    """Check whether an origin leads its reference back to noise, which takes a sampler that can be undone."""
    return inversion_of(origin) is not None


def _without_image(origin: CounterfactualSettings | SimilaritySettings) -> dict[str, Any]:
    return {name: value for name, value in origin if name != "image"}


def step_at(level: float, steps: int, way: Inversion) -> int:
    """Find the `step` of a `Similarity`.

    Parameters
    ----------
    level : float
        Part of the noise that is gone by then, 0 to 1.
    steps : int
        Steps of the run.
    way : {"exact-inversion", "inversion"}
        The steps of the former are short where little noise is left.
    """
    return min(round((1 - math.pow(1 - level, 1 / _spacing(way))) * steps), steps - 1)


def level_at(step: int, steps: int, way: Inversion) -> float:
    """Find the level of a `step`, see `step_at`."""
    return 1 - math.pow(1 - step / steps, _spacing(way))


def _spacing(way: Inversion) -> float:
    return SPACING if way == "exact-inversion" else 1.0
