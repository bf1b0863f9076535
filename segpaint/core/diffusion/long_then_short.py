"""The schedule of a run that begins with long steps of one network, and ends with short ones of another."""

from typing import Any

from diffusers import DPMSolverMultistepScheduler
from torch import Tensor

from segpaint.core.diffusion.samplers import spaced_timesteps
from segpaint.core.requests.sampling import LONG_THEN_SHORT, SPACING

LONG, LONG_LIKE = 2, 4
"""The first steps are two of those of a run of four long steps."""
SHORT_SPACING = 2.3
"""The `power` of the short steps: the last ones decide on texture, and are the shortest."""


class LongThenShort(DPMSolverMultistepScheduler):  # type: ignore[misc]  # diffusers has no types
    """Takes long steps as DDIM does, and then short ones as DPM-Solver++ does.

    A network that learnt long steps settles the shape at once, but leaves out the finest grain. Five short
    steps of its teacher, where little noise is left, bring it back.
    """

    @property
    def passes_at(self) -> int:
        """The timestep of the first short step."""
        return spaced_timesteps(LONG_LIKE, SPACING, self.config.num_train_timesteps)[LONG]

    def set_timesteps(self, steps: int) -> None:  # noqa: ARG002  # as schedulers of diffusers take it
        """Set the only schedule there is, for whatever number of steps."""
        count = self.config.num_train_timesteps
        long = spaced_timesteps(LONG_LIKE, SPACING, count)[: LONG + 1]
        short = spaced_timesteps(LONG_THEN_SHORT.counts[0] - LONG, SHORT_SPACING, long[-1] + 1)
        super().set_timesteps(timesteps=[*long[:-1], *short])

    def step(self, model_output: Tensor, timestep: Tensor, sample: Tensor, *inputs: Any, **options: Any) -> Any:
        """Take a step as diffusers does; long steps, and the first short one, of the first order.

        The first order of DPM-Solver++ is DDIM (Lu et al., arXiv 2211.01095, section 4). The output of a long
        step's network is no estimate of the image that a later step could use.
        """
        if int(timestep) >= self.passes_at:
            self.lower_order_nums = 0
        return super().step(model_output, timestep, sample, *inputs, **options)
