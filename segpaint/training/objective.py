"""The objective of a training step: noise, masks with labels left out, weighted error."""

import numpy as np
import torch
from diffusers import DDPMScheduler
from numpy.typing import NDArray
from torch import Tensor, nn

from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.labels.labels import FREE


def draw_used(
    annotated: NDArray[np.bool_], rng: np.random.Generator, *, full_share: float, blank_share: float
) -> NDArray[np.bool_]:
    """Draw the labels that each image's mask keeps: mask-ablated training (arXiv 2402.05210).

    Each image is drawn for independently. One share keeps everything and one nothing; in the rest each
    subset of the labels is equally likely. A label that nobody looked for is never kept.

    Parameters
    ----------
    annotated : ndarray of bool, shape (batch, labels)

    Returns
    -------
    ndarray of bool, shape (batch, labels)
    """
    used = rng.random(annotated.shape) < 0.5
    choice = rng.random(len(annotated))
    used[choice < full_share] = True
    used[choice > 1 - blank_share] = False
    return used & annotated


def draw_free(masks: NDArray[np.uint8], rng: np.random.Generator, share: float) -> NDArray[np.uint8]:
    """Make a random ellipse of some masks free or, one time in four, all but the ellipse."""
    masks = masks.copy()
    height, width = masks.shape[1:]
    rows, columns = np.mgrid[:height, :width]
    for mask in masks:
        if rng.random() >= share:
            continue
        row, column = rng.uniform(0, height), rng.uniform(0, width)
        row_radius, column_radius = rng.uniform(0.05, 0.4, 2) * (height, width)
        inside = ((rows - row) / row_radius) ** 2 + ((columns - column) / column_radius) ** 2 < 1
        mask[inside != (rng.random() < 0.25)] = FREE
    return masks


def loss_weights(scheduler: DDPMScheduler, gamma: float, floor: float = 0.0) -> Tensor:
    """Compute min-SNR weights of the squared error by timestep (Hang et al., arXiv 2303.09556, eq. 8).

    Parameters
    ----------
    scheduler : DDPMScheduler
        Predicting noise, velocity or the image.
    gamma : float
        Upper limit of the signal-to-noise ratio; 0 means the plain mean squared error.
    floor : float
        Its lower limit. With 0, what decides an image's brightness and layout, next to pure noise, weighs
        practically nothing.

    Returns
    -------
    Tensor of float32, shape (timesteps,)
    """
    kept: Tensor = scheduler.alphas_cumprod
    if gamma == 0:
        return torch.ones_like(kept)
    snr = kept / (1 - kept)
    clamped = snr.clamp(min=floor, max=gamma)
    divisors = {"v_prediction": snr + 1, "epsilon": snr, "sample": torch.ones_like(snr)}
    return clamped / divisors[scheduler.config.prediction_type]


def draw_timesteps(count: int, scheduler: DDPMScheduler, rng: np.random.Generator) -> Tensor:
    """Spread timesteps evenly over a batch from one random offset (arXiv 2107.00630, appendix I.1)."""
    places = (rng.random() + rng.permutation(count) / count) % 1
    return torch.from_numpy((places * scheduler.config.num_train_timesteps).astype(np.int64))


def denoising_loss(
    network: nn.Module,
    scheduler: DDPMScheduler,
    weights: Tensor,
    images: Tensor,
    conditioning: Tensor,
    timesteps: Tensor,
    noise: Tensor,
    attributes: Tensor | None = None,
) -> Tensor:
    """Compute the weighted mean squared error of one batch.

    Parameters
    ----------
    weights : Tensor, shape (timesteps of the scheduler,)
        From `loss_weights`.
    images, noise : Tensor of float32, shape (batch, channels, height, width)
        Images in [-1, 1]; standard normal noise.
    conditioning : Tensor, shape (batch, conditioning channels, height, width)
    timesteps : Tensor of int64, shape (batch,)
    attributes : Tensor of int64, shape (batch,), optional
        See `segpaint.core.diffusion.network.Network.forward`.

    Returns
    -------
    Tensor, shape ()
    """
    noisy = scheduler.add_noise(images, noise, timesteps)
    target = {"epsilon": noise, "sample": images}.get(scheduler.config.prediction_type)
    if target is None:
        target = scheduler.get_velocity(images, noise, timesteps)
    output = network(noisy, timesteps, conditioning, attributes)
    errors = (output.float() - target).square().mean(dim=(1, 2, 3))
    loss: Tensor = (errors * weights[timesteps]).mean()
    return loss


def encode_batch(encoder: Encoder, masks: NDArray[np.uint8], used: NDArray[np.bool_]) -> Tensor:
    """Encode a batch of numpy masks as conditioning, see `Encoder`."""
    return encoder(torch.from_numpy(masks), torch.from_numpy(used))
