"""The noise schedule of a training, shifted to the size of its images."""

import numpy as np
from diffusers import DDPMScheduler

MOST_BETA = 0.999
"""As in diffusers' own schedules: the last step would else divide by nothing."""


def noise_scheduler(schedule: str, prediction: str, shift: float) -> DDPMScheduler:
    """Build the scheduler that training adds noise with, and that goes into the checkpoint.

    The same noise hides less of a large image, for neighbours average it out. What the whole image looks like,
    such as its brightness, is then settled in the first of few denoising steps, and alike for all seeds. A
    shift of ``2 log(64 / size)`` hides as much of each size (Hoogeboom et al., arXiv 2301.11093, section 3.1).

    Parameters
    ----------
    schedule : str
        A name of diffusers.
    prediction : {"v_prediction", "epsilon", "sample"}
    shift : float
        Added to the logarithm of the signal-to-noise ratio of each timestep; negative for more noise.
    """
    settings = {"beta_schedule": schedule, "prediction_type": prediction, "timestep_spacing": "trailing"}
    plain = DDPMScheduler(**settings)
    if not shift:
        return plain
    kept = plain.alphas_cumprod.double().numpy()
    shifted = 1 / (1 + (1 - kept) / kept * np.exp(-shift))
    betas = 1 - shifted / np.concatenate([[1.0], shifted[:-1]])
    return DDPMScheduler(**settings, trained_betas=np.clip(betas, 1e-8, MOST_BETA).tolist())
