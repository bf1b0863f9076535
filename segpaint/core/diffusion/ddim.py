"""The DDIM scheduler of diffusers, for any number of steps."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import torch
from diffusers import DDIMScheduler
from torch import Tensor


class ScheduledDDIM(DDIMScheduler):  # type: ignore[misc]  # diffusers has no types
    """Ends each step at the next timestep of its own schedule.

    The scheduler of diffusers goes a fixed whole number of timesteps, training's divided by the run's. Where
    that leaves a remainder, it arrives at another noise level than the next step starts from, and the image
    becomes grainy and bright (diffusers issues 9261 and 12633).
    """

    def set_timesteps(self, steps: int | None = None, timesteps: Sequence[int] | None = None) -> None:
        """Set the schedule by a number of steps, as diffusers does, or as a list of falling timesteps."""
        if timesteps is None:
            super().set_timesteps(steps)
        else:
            self.timesteps = torch.tensor(timesteps)

    def following(self, timestep: int) -> int:
        """Find the timestep at the end of a step; -1 after the last one, where no noise is left."""
        later = self.timesteps[self.timesteps < timestep]
        return int(later[0]) if len(later) else -1

    def step(self, model_output: Tensor, timestep: Tensor, sample: Tensor, **options: Any) -> Any:
        """Take a step as diffusers does, but to the next timestep."""
        distance = int(timestep) - self.following(int(timestep))
        # diffusers divides by this to get the distance.
        self.num_inference_steps = Fraction(self.config.num_train_timesteps, distance)
        return super().step(model_output, timestep, sample, **options)
