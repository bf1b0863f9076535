"""Goes on from a reference that was deformed to fit its new mask, noised to the middle of the schedule."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from segpaint.core.diffusion.inversion import Course
from segpaint.core.diffusion.samplers import Scheduler


@dataclass(eq=False)
class _Mended:
    """A deformed image on its way back from noise, as `warped_start` describes.

    Attributes
    ----------
    image : Tensor of float32, shape (1, channels, height, width), in [-1, 1]
    region, anew : Tensor of float32, shape (1, 1, height, width), in [0, 1]
    begins : int
        Index of the step from which the whole region is sampled.
    """

    image: Tensor
    scheduler: Scheduler
    region: Tensor
    anew: Tensor
    begins: int
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
        return torch.lerp(self._noised(index + 1), sample, share.to(sample.device))

    def settle(self, denoised: Tensor) -> Tensor:
        return torch.lerp(self.image.to(denoised.device), denoised, self.region.to(denoised.device))

    def _noised(self, step: int) -> Tensor:
        """Noise the image to the level before a step; after the last one, no noise is left."""
        image = self.image.to(self.noise.device)
        if step == len(self.scheduler.timesteps):
            return image
        noised: Tensor = self.scheduler.add_noise(image, self.noise, self.scheduler.timesteps[step : step + 1])
        return noised


def warped_start(image: Tensor, scheduler: Scheduler, region: Tensor, anew: Tensor, level: int) -> Course:
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
    """
    mended = _Mended(image, scheduler, region, anew * region, middle(scheduler, level))
    return Course(mended.first, mended.begin, mended.adjust, mended.settle, shown=image)


def middle(scheduler: Scheduler, level: int) -> int:
    """Find the first step that begins at most at a timestep; the last step if none does."""
    return min(int((scheduler.timesteps > level).sum()), len(scheduler.timesteps) - 1)
