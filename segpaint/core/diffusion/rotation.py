"""Noisy images as points of a circle, between an image and noise.

A noisy image is ``cos(angle) * image + sin(angle) * noise``, and the velocity what it changes by as the angle
grows (Salimans and Ho, arXiv 2202.00512, appendix D).
"""

import torch
from diffusers import DDPMScheduler
from torch import Tensor


def angles_of(scheduler: DDPMScheduler) -> Tensor:
    """Compute the angle of each timestep, in radians: 0 for the image, pi / 2 for noise; shape (timesteps,)."""
    kept: Tensor = scheduler.alphas_cumprod.float()
    return torch.atan2((1 - kept).sqrt(), kept.sqrt())


def velocity_of(output: Tensor, sample: Tensor, angle: Tensor, prediction: str) -> Tensor:
    """Convert a network's output to the velocity.

    Parameters
    ----------
    output, sample : Tensor, shape (batch, channels, height, width)
    angle : Tensor, shape (batch,)
    prediction : {"v_prediction", "sample"}
    """
    if prediction == "v_prediction":
        return output
    return velocity_to(sample, output, angle, torch.zeros_like(angle))


def image_of(velocity: Tensor, sample: Tensor, angle: Tensor) -> Tensor:
    """Compute the image that a velocity points to."""
    return rotate(sample, velocity, angle, torch.zeros_like(angle))


def rotate(sample: Tensor, velocity: Tensor, angle: Tensor, goal: Tensor) -> Tensor:
    """Take a deterministic step (DDIM) from one angle to another with one velocity."""
    way = angle - goal
    return _each(way.cos()) * sample - _each(way.sin()) * velocity


def velocity_to(sample: Tensor, end: Tensor, angle: Tensor, goal: Tensor) -> Tensor:
    """Find the velocity with which `rotate` ends at a given sample."""
    way = angle - goal
    return (_each(way.cos()) * sample - end) / _each(way.sin())


def _each(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)
