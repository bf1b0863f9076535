"""Converts between the network's images and 8-bit pixels."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_pixels(image: Tensor) -> NDArray[np.uint8]:
    """Convert a network's image to read-only pixels.

    Parameters
    ----------
    image : Tensor, shape (1, channels, height, width), in [-1, 1]
        Values outside the range are clamped.

    Returns
    -------
    ndarray of uint8, shape (height, width) for one channel, else (height, width, channels)
    """
    levels = ((image[0].clamp(-1, 1) + 1) * 127.5).round().byte().cpu()
    pixels: NDArray[np.uint8] = levels.movedim(0, -1).numpy()
    if pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    return pixels


def from_pixels(pixels: NDArray[np.uint8]) -> Tensor:
    """Convert pixels to a network's image, float32 in [-1, 1], with the channels first."""
    levels = torch.tensor(np.atleast_3d(pixels)).movedim(-1, 0)
    return levels.float() / 127.5 - 1
