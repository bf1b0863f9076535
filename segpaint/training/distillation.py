"""Teaches a network to take in one step what another takes in many, guidance included."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segpaint.core.diffusion.few_step_files import write_few_steps
from segpaint.core.diffusion.few_steps import GRID, LENGTHS, FewStepNetwork, finest_timesteps
from segpaint.core.diffusion.rotation import angles_of, image_of, rotate, velocity_of, velocity_to
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.few_step_description import FewStepDescription
from segpaint.core.requests.sampling import FEW_STEPS
from segpaint.training.trainer import Trainer

TAUGHT = 0.5
"""Share of a batch that the teacher teaches; the rest learns longer steps from the network's shorter ones."""
RECOMMENDED = 0.5
"""Share of a batch with the recommended guidance."""


class Distiller(Trainer):
    """Trains a `FewStepNetwork` after a checkpoint's network, its teacher.

    The shortest steps are learnt from the teacher: two guided calls, of which the second is in the middle of
    the step (DPM-Solver-2, Lu et al., arXiv 2206.00927). A step twice as long ends where two steps of the
    network itself end (Salimans and Ho, arXiv 2202.00512). All lengths are learnt at once, as those of shortcut
    models are (Frans et al., arXiv 2410.12557). `start` must be given.

    Raises
    ------
    SegPaintError
        If the teacher predicts noise: where there is nothing else, that holds nothing of the image.
    """

    def _build(self, channels: int, size: int) -> nn.Module:
        if self.settings.prediction == "epsilon":
            raise SegPaintError(
                "The network of this checkpoint predicts noise, from which steps as long as these cannot be "
                "learnt; only those that predict velocity or the image can be distilled."
            )
        teacher = self._denoiser(channels, size)
        self._knows_attributes = teacher.unet.class_embedding is not None
        self._teacher = teacher.to(self.accelerator.device).eval().requires_grad_(False)
        times = finest_timesteps(self.scheduler)
        self._angles = angles_of(self.scheduler).to(self.accelerator.device)
        self._times = torch.tensor([*times, 0], device=self.accelerator.device)
        self._goals = torch.cat([self._angles[self._times[:-1]], torch.zeros_like(self._angles[:1])])
        return FewStepNetwork.like(teacher, self.attributes.combinations)

    def _loss(
        self,
        network: nn.Module,
        images: Tensor,
        conditioning: Tensor,
        attributes: Tensor | None,
        rng: np.random.Generator,
    ) -> Tensor:
        device, count = self.accelerator.device, len(images)
        taught = max(1, round(TAUGHT * count))
        length = np.zeros(count, np.int64)
        length[taught:] = 1 + np.arange(count - taught) % (LENGTHS - 1)
        first = rng.integers(GRID >> length) << length
        begins = torch.from_numpy(first).to(device)
        ends = torch.from_numpy(first + (1 << length)).to(device)
        asked = torch.zeros(count, dtype=torch.int64) if attributes is None else attributes
        batch = _Batch(
            conditioning.to(device), asked.to(device), torch.from_numpy(length).to(device),
            self._draw_guidance(count, rng).to(device),
        )  # fmt: skip
        noisy = self._draw_noisy(images, first, rng).to(device)
        with torch.no_grad(), self.accelerator.autocast():
            reached = self._taught(noisy[:taught], begins[:taught], batch[:taught])
            if taught < count:
                longer = self._halved(network, noisy[taught:], begins[taught:], batch[taught:])
                reached = torch.cat([reached, longer])
        angle = self._goals[begins]
        target = velocity_to(noisy, reached, angle, self._goals[ends])
        if self.settings.prediction == "sample":  # where there is little noise, its velocity would be all noise
            target = image_of(target, noisy, angle)
        output: Tensor = network(noisy, self._times[begins], *batch.inputs).float()
        return (output - target).square().mean()

    def _draw_guidance(self, count: int, rng: np.random.Generator) -> Tensor:
        least, most = FEW_STEPS.guidances
        drawn = rng.uniform(least, most, count)
        drawn[rng.random(count) < RECOMMENDED] = np.clip(self.settings.guidance, least, most)
        return torch.from_numpy(drawn).float()

    def _draw_noisy(self, images: Tensor, first: NDArray[np.int64], rng: np.random.Generator) -> Tensor:
        """Add noise for the intervals to begin with; a run begins with noise alone."""
        noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(int(rng.integers(2**62))))
        angle = self._goals[first].cpu().view(-1, 1, 1, 1)
        noisy = angle.cos() * images + angle.sin() * noise
        return torch.where(torch.from_numpy(first == 0).view(-1, 1, 1, 1), noise, noisy)

    def _taught(self, noisy: Tensor, begins: Tensor, batch: "_Batch") -> Tensor:
        """Let the teacher take the shortest steps."""
        angle, goal = self._goals[begins], self._goals[begins + 1]
        velocity = self._guided(noisy, self._times[begins], angle, batch)
        halfway = ((angle + goal) / 2)[:, None]
        times = (self._angles - halfway).abs().argmin(dim=1)
        middle = self._angles[times]
        half = rotate(noisy, velocity, angle, middle)
        image = image_of(self._guided(half, times, middle, batch), half, middle)
        # From where the step began straight to what is seen in its middle.
        return rotate(noisy, velocity_to(noisy, image, angle, torch.zeros_like(angle)), angle, goal)

    def _guided(self, noisy: Tensor, times: Tensor, angle: Tensor, batch: "_Batch") -> Tensor:
        """Predict the teacher's velocity with guidance, see `segpaint.core.diffusion.sampler.sample`."""
        blank, unknown = torch.zeros_like(batch.conditioning), torch.zeros_like(batch.attributes)
        output = self._teacher(
            torch.cat([noisy, noisy]),
            torch.cat([times, times]),
            torch.cat([blank, batch.conditioning]),
            torch.cat([unknown, batch.attributes]) if self._knows_attributes else None,
        ).float()
        without, masked = output.chunk(2)
        guided = without + batch.guidance.view(-1, 1, 1, 1) * (masked - without)
        return velocity_of(guided, noisy, angle, self.settings.prediction)

    def _halved(self, network: nn.Module, noisy: Tensor, begins: Tensor, batch: "_Batch") -> Tensor:
        """Let the network itself take two steps of half the length."""
        half = replace(batch, length=batch.length - 1)
        way = 1 << half.length
        for _ in range(2):
            angle, goal = self._goals[begins], self._goals[begins + way]
            output = network(noisy, self._times[begins], *half.inputs).float()
            noisy = rotate(noisy, velocity_of(output, noisy, angle, self.settings.prediction), angle, goal)
            begins = begins + way
        return noisy


@dataclass(frozen=True)
class _Batch:
    """What the network sees beside noisy images and timesteps; each has one entry for each image."""

    conditioning: Tensor
    attributes: Tensor
    length: Tensor
    guidance: Tensor

    def __getitem__(self, part: slice) -> "_Batch":
        return _Batch(*(each[part] for each in self.inputs))

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self.conditioning, self.attributes, self.length, self.guidance


def write_distilled(trainer: Trainer, out: Path) -> None:
    """Write the network for few steps of a run at its current step, with the averaged weights."""
    description = FewStepDescription(
        teacher=trainer.settings.init_from,
        training={
            "images": len(trainer.data.train),
            "steps": trainer.progress.step,
            "batch size": trainer.settings.batch_size * trainer.accelerator.num_processes,
            "minutes of computing": round(trainer.progress.seconds / 60),
        },
    )
    with trainer.averaged() as network:
        write_few_steps(out, network, description)
