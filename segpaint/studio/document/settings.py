"""The settings of a document's next request, apart from mask and labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from segpaint.core.labels.attributes import Attributes
from segpaint.core.requests.origins import EDIT_STEPS, USUAL_WAY, Inversion, Way
from segpaint.core.requests.sampling import SamplerName, find_sampler, recommended_steps


class Purpose(Enum):
    """What an image is made for."""

    NEW = "new"
    """An image of its own, from noise."""
    EDIT = "edit"
    """The reference with the anatomy of the current mask."""
    NEAR = "near"
    """Between an image of its own and the reference."""


@dataclass(frozen=True)
class Settings:
    """The settings of a request, apart from mask and labels.

    Attributes
    ----------
    sampler, steps
        Of images whose reference is not inverted.
    seed, guidance, attributes
        See `Request`.
    purpose : Purpose
        Without a reference always `Purpose.NEW`.
    edit_steps : int
        Denoising steps if a reference is inverted; the sampler is then DDIM.
    margin : float or None
        See `segpaint.core.requests.origins.Counterfactual`.
    way, near_way
        How the reference is edited, and how it is approached, see
        `segpaint.core.requests.origins.Counterfactual`.
    share : float
        See `segpaint.core.requests.origins.Similarity`.
    level : float
        The part of the run at which the reference is mixed in, 0 to 1.
    """

    sampler: SamplerName
    steps: int
    seed: int = 0
    guidance: float = 1.0
    attributes: Attributes = field(default_factory=dict)
    purpose: Purpose = Purpose.NEW
    edit_steps: int = EDIT_STEPS["partial-inversion"]
    margin: float | None = 6.0
    way: Way = USUAL_WAY
    near_way: Inversion = "exact-inversion"
    share: float = 0.5
    level: float = 0.3

    def fitted(self, before: Settings) -> Settings:
        """Replace steps and guidance that the sampler does not take by the nearest ones.

        Parameters
        ----------
        before : Settings
            Those that are changed; from them one goes on in the direction of the change.
        """
        sampler, steps = find_sampler(self.sampler), self.steps
        if steps == before.steps:
            steps = recommended_steps(self.sampler, before.sampler, steps)
        least, most = sampler.guidances
        return replace(
            self, steps=sampler.nearest(steps, before.steps), guidance=min(max(self.guidance, least), most)
        )
