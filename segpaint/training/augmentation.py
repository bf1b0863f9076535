"""Random changes to an image and its mask that keep the anatomy plausible."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from segpaint.training.settings import Augmentation


def augment(
    images: Tensor, masks: Tensor, how: Augmentation, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Change a batch, the image and the mask of a pair alike.

    Parameters
    ----------
    images : Tensor of float32, shape (batch, channels, height, width), in [-1, 1]
    masks : Tensor of uint8, shape (batch, height, width)

    Returns
    -------
    tuple of Tensor
        Images and masks, shaped and typed as given.
    """
    changed = torch.from_numpy(rng.random(len(images)) < how.share)
    if not changed.any():
        return images, masks
    grid = _grid(how, int(changed.sum()), images.shape[-2], images.shape[-1], rng)
    # Bicubic, since bilinear resampling would teach the network blurred pictures.
    moved = functional.grid_sample(images[changed], grid, "bicubic", "border", align_corners=False)
    gamma = torch.from_numpy(np.exp(rng.normal(0, how.brightness, (len(moved), 1, 1, 1)))).float()
    moved = ((moved.clamp(-1, 1) + 1) / 2) ** gamma * 2 - 1
    planes = masks[changed].unsqueeze(1).float()
    planes = functional.grid_sample(planes, grid, "nearest", "border", align_corners=False)
    images, masks = images.clone(), masks.clone()
    images[changed], masks[changed] = moved, planes.squeeze(1).to(torch.uint8)
    return images, masks


def _grid(how: Augmentation, count: int, height: int, width: int, rng: np.random.Generator) -> Tensor:
    """Compute where each new pixel comes from, in the coordinates of `grid_sample`."""
    matrices = np.zeros((count, 2, 3), np.float32)
    for matrix in matrices:
        angle = math.radians(rng.uniform(-how.rotation, how.rotation))
        if how.cover:
            reach = abs(math.cos(angle)) + abs(math.sin(angle))
            zoom = 1 / (reach * (1 + rng.uniform(0, how.scale)))
            slack = min(1 - zoom * reach, 2 * how.shift)
        else:
            zoom = 1 / (1 - rng.uniform(0, how.scale))
            slack = 2 * how.shift
        mirror = -1 if how.flip and rng.random() < 0.5 else 1
        matrix[:, :2] = zoom * np.array(
            [[mirror * math.cos(angle), -math.sin(angle)], [mirror * math.sin(angle), math.cos(angle)]]
        )
        matrix[:, 2] = rng.uniform(-slack, slack, 2)
    grid = functional.affine_grid(torch.from_numpy(matrices), [count, 1, height, width], align_corners=False)
    coarse = torch.from_numpy(rng.normal(0, 2 * how.elastic, (count, 2, 6, 6)).astype(np.float32))
    bend = functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    return grid + bend.movedim(1, -1) / torch.tensor([width, height])
