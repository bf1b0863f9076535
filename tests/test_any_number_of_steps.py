"""Any number of steps ends where theory has it, shown on images whose best denoiser is known."""

import functools
from itertools import pairwise

import numpy as np
import pytest
import torch

from segpaint.core.diffusion.inversion import invert
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.requests.sampling import SAMPLERS

MEAN = -0.3
SPREADS = torch.tensor([0.8, 0.4, 0.2, 0.1]).reshape(4, 1, 1)
"""Standard deviations of four kinds of pixel, from coarse shapes to fine texture, as in a spectrum."""
SHAPE = (1, 4, 200, 200)
COUNTS = [10, 30, 50, 61, 150, 300, 600, 1000]
"""Some divide the 1000 timesteps of training; others leave a remainder, and 61 a rounding error."""
counts = pytest.mark.parametrize("steps", COUNTS)


def scheduler(sampler, steps):
    config = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
    return build_scheduler({**config, "timestep_spacing": "trailing", "clip_sample": False}, sampler, steps)


def predictor(chosen):
    """The best prediction of velocity for independent pixels of normal distribution."""

    def predict(sample, timestep):
        kept = chosen.alphas_cumprod[timestep]
        share = kept.sqrt() * SPREADS**2 / (kept * SPREADS**2 + 1 - kept)
        image = MEAN + share * (sample - kept.sqrt() * MEAN)
        noise = (sample - kept.sqrt() * image) / (1 - kept).sqrt()
        return kept.sqrt() * noise - (1 - kept).sqrt() * image

    return predict


@functools.cache
def made(sampler, steps):
    chosen, generator = scheduler(sampler, steps), torch.Generator().manual_seed(0)
    sample, predict = torch.randn(SHAPE, generator=generator), predictor(chosen)
    noise = {} if sampler == "dpm++" else {"generator": generator}
    for timestep in chosen.timesteps:
        sample = chosen.step(predict(sample, timestep), timestep, sample, **noise, return_dict=False)[0]
    return sample


def expected_spreads(steps, *, is_random):
    """Follow the standard deviations through the steps of DDIM (equation 12) or of DDPM (equations 6, 7)."""
    kept = scheduler("ddim", 1).alphas_cumprod.double().numpy()
    levels = np.round(1000 - np.arange(steps) * 1000 / steps).astype(int) - 1
    real, spread = SPREADS.flatten().double().numpy(), np.ones(4)
    for now, after in zip(kept[levels], [*kept[levels[1:]], 1.0], strict=True):
        share = np.sqrt(now) * real**2 / (now * real**2 + 1 - now)
        if is_random:
            ratio = now / after
            linear = np.sqrt(after) * (1 - ratio) / (1 - now) * share + np.sqrt(ratio) * (1 - after) / (1 - now)
            added = (1 - after) / (1 - now) * (1 - ratio)
        else:
            noise = (1 - np.sqrt(now) * share) / np.sqrt(1 - now)
            linear, added = np.sqrt(after) * share + np.sqrt(1 - after) * noise, 0
        spread = np.sqrt(linear**2 * spread**2 + added)
    return spread


@counts
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_there_are_as_many_falling_timesteps_as_steps(sampler, steps):
    timesteps = scheduler(sampler, steps).timesteps.tolist()
    assert len(timesteps) == steps
    assert timesteps == sorted(set(timesteps), reverse=True)
    assert timesteps[-1] >= 0


def test_no_number_of_steps_leaves_the_schedule():
    for steps in range(1, 1001):
        for sampler in ("ddim", "ddpm"):
            timesteps = scheduler(sampler, steps).timesteps
            assert len(timesteps) == steps
            assert timesteps[-1] >= 0


@counts
@pytest.mark.parametrize("sampler", ["ddim", "ddpm"])
def test_mean_and_spectrum_are_those_of_theory(sampler, steps):
    found = made(sampler, steps)[0]
    expected = expected_spreads(steps, is_random=sampler == "ddpm")
    np.testing.assert_allclose(found.std((1, 2)).numpy(), expected, rtol=0.03)
    assert found.mean().item() == pytest.approx(MEAN, rel=0.03)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_more_steps_come_nearer_to_the_real_spectrum(sampler):
    real = SPREADS.flatten()
    errors = [float((made(sampler, steps)[0].std((1, 2)) / real - 1).abs().max()) for steps in COUNTS]
    assert all(later < earlier + 0.01 for earlier, later in pairwise(errors))
    assert errors[-1] < 0.08


@pytest.mark.parametrize("steps", [30, 61, 70, 150])
def test_sampling_comes_back_from_inversion(steps):
    chosen = scheduler("ddim", steps)
    image = MEAN + SPREADS * torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))[..., :20, :20]
    predict = predictor(chosen)
    *_, (sample, _) = invert(predict, chosen, image)
    for timestep in chosen.timesteps:
        sample = chosen.step(predict(sample, timestep), timestep, sample, return_dict=False)[0]
    error = (sample - image).square().mean()
    assert 10 * torch.log10(4 / error) >= 35  # dB; the range of intensities is 2
