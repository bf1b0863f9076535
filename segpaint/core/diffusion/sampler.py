"""The sampling loop: a generator of denoising steps, with the schedulers of diffusers.

The caller decides on pace, display and stopping.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from inspect import signature

import torch
from torch import Tensor

from segpaint.core.diffusion.inversion import Course
from segpaint.core.diffusion.predictor import AnyNetwork, each_network, predictor, takes_long_step
from segpaint.core.diffusion.samplers import Scheduler, snapshot
from segpaint.core.requests.request import Precision


@dataclass(frozen=True)
class Step:
    """One denoising step of a run, with all that is needed to continue from it.

    Attributes
    ----------
    index : int
        0 to `count` - 1.
    count : int
        Steps of the run.
    timestep : int
        Noise level before the step, 999 to 0.
    sample : Tensor of float32, shape (batch, channels, height, width)
        The noisy image after the step; after the last, the finished image.
    denoised : Tensor of float32, shape (batch, channels, height, width), in [-1, 1]
        The network's estimate of the finished image, where that is not known already.
    scheduler : Scheduler
        State after the step; multistep solvers store earlier steps in it.
    random_state : Tensor of uint8, shape (seeds, bytes)
        States of the random generators after the step.
    """

    index: int
    count: int
    timestep: int
    sample: Tensor
    denoised: Tensor
    scheduler: Scheduler
    random_state: Tensor

    @property
    def is_last(self) -> bool:
        """Whether the sample is the finished image."""
        return self.index == self.count - 1

    @property
    def nbytes(self) -> int:
        """Bytes of its tensors, including those in the scheduler."""
        remembered = getattr(self.scheduler, "model_outputs", [])
        tensors = [self.sample, self.denoised, self.random_state, *remembered]
        return sum(tensor.nbytes for tensor in tensors if tensor is not None)


def first_noise(shape: tuple[int, ...], seed: int) -> tuple[Tensor, torch.Generator]:
    """Draw the noise of a seed, on the CPU, so that it is the same on every device."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn(shape, generator=generator), generator


def _noise_of_each(shape: tuple[int, ...], seed: int | Sequence[int]) -> tuple[Tensor, list[torch.Generator]]:
    """Draw the noise of one seed for a whole batch, or of a seed for each image, as if it were alone."""
    seeds, count = (seed, 1) if isinstance(seed, Sequence) else ([seed], shape[0])
    noises, generators = zip(*(first_noise((count, *shape[1:]), each) for each in seeds), strict=True)
    return torch.cat(noises), list(generators)


@torch.inference_mode()
def sample(
    network: AnyNetwork,
    scheduler: Scheduler,
    conditioning: Tensor,
    *,
    channels: int,
    seed: int | Sequence[int],
    guidance: float = 1.0,
    precision: Precision = "float32",
    attributes: int | Sequence[int] = 0,
    after: Step | None = None,
    course: Course | None = None,
    finish: bool = True,
) -> Iterator[Step]:
    """Denoise a batch of images step by step.

    Parameters
    ----------
    network : Network, FewStepNetwork, CompiledNetwork or Relay
        One that takes long steps takes the schedule of `segpaint.core.requests.sampling.FEW_STEPS` alone, and a
        relay that of `LONG_THEN_SHORT`.
    scheduler : Scheduler
        From `build_scheduler`; the run changes its state.
    conditioning : Tensor, shape (batch, conditioning channels, height, width)
        From an `Encoder`.
    channels : int
        Channels of the image.
    seed : int or sequence of int
        For all noise of the run; or one for each image of the batch, whose noise is then as if it were alone.
    guidance : float
        Classifier-free guidance (Ho and Salimans, arXiv 2207.12598) away from the blank mask, which ablated
        training includes: ``blank + guidance * (with mask - blank)``. 1 is off. Blank means unknown attributes,
        too. Without conditioning channels and attributes it has no effect.
    precision : Precision
        Of the network's convolutions; that of a compiled network is its own.
    attributes : int or sequence of int
        The number of a combination, see `segpaint.core.labels.attributes.AttributeTable`; 0 if all are unknown.
        One for all images of the batch, or for each.
    after : Step, optional
        Step of an earlier run to continue from.
    course : Course, optional
        How the run differs from sampling from noise.
    finish : bool
        Whether the network's `GrainFilter` and `ScanNoise` are applied, if it has them.
    """
    finisher, course = each_network(network)[-1], course or Course()
    device = finisher.device
    predict = predictor(network, conditioning, guidance, precision, attributes, steps=len(scheduler.timesteps))
    grain, scan = (finisher.grain, finisher.scan_noise) if finish else (None, None)
    images, size = len(conditioning), (conditioning.shape[-2], conditioning.shape[-1])
    state, generators = _noise_of_each((images, channels, *size), seed)
    state, first = course.begin(state.to(device) * scheduler.init_noise_sigma), course.first
    if after is not None:
        scheduler, state, first = snapshot(after.scheduler), after.sample, after.index + 1
        for generator, random_state in zip(generators, after.random_state, strict=True):
            generator.set_state(random_state)
    noises = scan.draw(images, size, seed).to(device) if scan else None
    count = len(scheduler.timesteps)

    def scanned(image: Tensor) -> Tensor:
        return image if scan is None or noises is None else scan.add(image, noises)

    def step(index: int, timestep: Tensor, denoised: Tensor) -> Step:
        states = torch.stack([generator.get_state() for generator in generators])
        return Step(index, count, int(timestep), state, denoised, snapshot(scheduler), states)

    if after is None and course.shown is not None and course.earliest < first:
        yield step(course.earliest, scheduler.timesteps[course.earliest], course.shown)
    # A solver that adds no noise takes no generator.
    noise = {"generator": generators} if "generator" in signature(scheduler.step).parameters else {}
    for index in range(first, count):
        timestep = scheduler.timesteps[index]
        output = predict(scheduler.scale_model_input(state, timestep), timestep)
        # A long step ends at its image only if it is the last; others need all of their noise.
        if grain is not None and (index == count - 1 or not takes_long_step(network, timestep)):
            output = grain(output, state, timestep)
        denoised = course.settle(scanned(_denoised(scheduler, output, state, timestep))).clamp(-1, 1)
        state = scheduler.step(output, timestep, state, **noise, return_dict=False)[0]
        state = course.adjust(index, scanned(state) if index == count - 1 else state)
        yield step(index, timestep, denoised)


def _denoised(scheduler: Scheduler, output: Tensor, state: Tensor, timestep: Tensor) -> Tensor:
    """Compute the estimate of x_0 from a network output (Salimans and Ho, arXiv 2202.00512, appendix D)."""
    kept: Tensor = scheduler.alphas_cumprod[int(timestep)].to(state.device)
    signal, noise = kept.sqrt(), (1 - kept).sqrt()
    estimate: Tensor
    if scheduler.config.prediction_type == "sample":
        estimate = output
    elif scheduler.config.prediction_type == "v_prediction":
        estimate = signal * state - noise * output
    else:
        estimate = (state - noise * output) / signal
    return estimate.clamp(-1, 1)
