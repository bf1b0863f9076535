"""Goes on from a reference that was deformed to fit its new mask, noised to the middle of the schedule."""

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from segpaint.core.diffusion.inversion import Course
from segpaint.core.diffusion.samplers import Scheduler

FINE = 3.0
"""Pixels: standard deviation of the Gaussian beyond which detail is fine."""
ALIKE, CLOSELY_ALIKE = 25 / 127.5, 40 / 127.5
"""By how much coarse images differ where 1/e of the detail is taken, on the scale from -1 to 1.

The second is for where coarse shapes are taken, too.
"""


class Detail:
    """Gives an image the fine detail back that it had before it was noised.

    The network makes coarse shapes as the mask wants them, but its texture is less real than the deformed
    scan's own. A Gaussian parts both, and fine detail is taken from the scan, so far as the coarse images agree
    (as Burt and Adelson, 1983, ACM Transactions on Graphics 2:217, blend images band by band).

    Parameters
    ----------
    image : Tensor of float32, shape (1, channels, height, width), in [-1, 1]
        The deformed image.
    share : ndarray of float, shape (height, width), in [0, 1]
        How much is taken at most.
    coarse_share : ndarray of float, shape (height, width), in [0, 1], optional
        How much of coarse shapes is taken at most; none if left out.
    """

    def __init__(
        self, image: Tensor, share: NDArray[np.float64], coarse_share: NDArray[np.float64] | None = None
    ) -> None:
        self._coarse = _blurred(image, FINE)
        self._fine = image - self._coarse
        self._most = _soft(share, image.device)
        self._most_coarse = None if coarse_share is None else _soft(coarse_share, image.device)
        self._alike = ALIKE if coarse_share is None else CLOSELY_ALIKE

    def given_back(self, sample: Tensor) -> Tensor:
        """Put the detail in the place of an image's own.

        Parameters
        ----------
        sample : Tensor of float32, shape (1, channels, height, width)
        """
        coarse = _blurred(sample, FINE)
        apart = (coarse - self._coarse).square().mean(dim=1, keepdim=True)
        agrees = torch.exp(-apart / self._alike**2)
        given = sample + self._most * agrees * (self._fine - (sample - coarse))
        if self._most_coarse is not None:
            given = given + self._most_coarse * agrees * (self._coarse - coarse)
        return given


def _soft(share: NDArray[np.float64], device: torch.device) -> Tensor:
    """Take a share without a hard edge, and nothing where nothing is."""
    most = torch.from_numpy(share.astype(np.float32))[None, None].to(device)
    return torch.minimum(most, _blurred(most, 1))


def _blurred(image: Tensor, deviation: float) -> Tensor:
    """Blur by a Gaussian; beyond its edges, an image goes on as it ends."""
    reach = math.ceil(4 * deviation)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=image.device) / deviation) ** 2)
    weights, channels = weights / weights.sum(), image.shape[1]
    for shape, room in (((1, 1, -1, 1), (0, 0, reach, reach)), ((1, 1, 1, -1), (reach, reach, 0, 0))):
        padded = functional.pad(image, room, mode="replicate")
        image = functional.conv2d(padded, weights.view(shape).repeat(channels, 1, 1, 1), groups=channels)
    return image


@dataclass(eq=False)
class _Mended:
    """A deformed image on its way back from noise, as `warped_start` describes.

    Attributes
    ----------
    image : Tensor of float32, shape (1, channels, height, width), in [-1, 1]
    region, anew : Tensor of float32, shape (1, 1, height, width), in [0, 1]
    begins : int
        Index of the step from which the whole region is sampled.
    detail : Detail or None
        What is given back in the end.
    """

    image: Tensor
    scheduler: Scheduler
    region: Tensor
    anew: Tensor
    begins: int
    detail: Detail | None
    noise: Tensor = field(init=False)

    @property
    def first(self) -> int:
        return 0 if bool(self.anew.any()) else self.begins

    def begin(self, noise: Tensor) -> Tensor:
        # Mirrored, since an image made from the same noise would add to it and gain contrast.
        self.noise = noise.flip(-1)
        return self._noised(self.first)

    def adjust(self, index: int, sample: Tensor) -> Tensor:
        share = self.anew if index + 1 <= self.begins else self.region
        if index + 1 == len(self.scheduler.timesteps):
            sample = self._detailed(sample)
        return torch.lerp(self._noised(index + 1), sample, share.to(sample.device))

    def settle(self, denoised: Tensor) -> Tensor:
        return torch.lerp(
            self.image.to(denoised.device), self._detailed(denoised), self.region.to(denoised.device)
        )

    def _detailed(self, image: Tensor) -> Tensor:
        return image if self.detail is None else self.detail.given_back(image)

    def _noised(self, step: int) -> Tensor:
        """Noise the image to the level before a step; after the last one, no noise is left."""
        image = self.image.to(self.noise.device)
        if step == len(self.scheduler.timesteps):
            return image
        noised: Tensor = self.scheduler.add_noise(image, self.noise, self.scheduler.timesteps[step : step + 1])
        return noised


def warped_start(
    image: Tensor,
    scheduler: Scheduler,
    region: Tensor,
    anew: Tensor,
    level: int,
    detail: Detail | None = None,
) -> Course:
    """Start from a deformed image in the middle of the schedule, and keep it outside a region.

    What is made anew begins from noise alone; until the middle, the rest follows the noised image, as in
    inpainting (Lugmayr et al., arXiv 2201.09865).

    Parameters
    ----------
    image : Tensor of float32, shape (1, channels, height, width), in [-1, 1]
        The reference, deformed within the region.
    scheduler : Scheduler
        Has its timesteps set.
    region : Tensor of float32, shape (1, 1, height, width), in [0, 1]
        What may change, see `segpaint.core.diffusion.inversion.edited_region`.
    anew : Tensor of float32, shape (1, 1, height, width), in [0, 1]
        What begins from noise alone.
    level : int
        Timestep, 0 to 999, to whose noise the image is brought at most.
    detail : Detail, optional
        What is given back in the end, and to all that is shown on the way.
    """
    mended = _Mended(image, scheduler, region, anew * region, middle(scheduler, level), detail)
    return Course(mended.first, mended.begin, mended.adjust, mended.settle, shown=image)


def middle(scheduler: Scheduler, level: int) -> int:
    """Find the first step that begins at most at a timestep; the last step if none does."""
    return min(int((scheduler.timesteps > level).sum()), len(scheduler.timesteps) - 1)
