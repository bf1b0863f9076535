"""Two images in one picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FULL = 64
"""Grey levels of difference that are shown in full colour."""


def swiped(first: NDArray[np.uint8], second: NDArray[np.uint8], column: float) -> NDArray[np.uint8]:
    """The first image left of a column, the second from it on.

    Parameters
    ----------
    first, second : ndarray of uint8
        Of one shape.
    column : float
    """
    place = int(np.clip(round(column), 0, first.shape[1]))
    return np.concatenate([first[:, :place], second[:, place:]], axis=1)


def difference_colors(
    first: NDArray[np.uint8], second: NDArray[np.uint8], where: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Where the first image is brighter in orange, where it is darker in blue, black where they agree.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (height, width) or (height, width, 3)
    where : ndarray of bool, shape (height, width), optional
        Elsewhere it is left black.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    difference = first.astype(np.float32) - second
    if difference.ndim == 3:
        difference = difference.mean(axis=-1)
    if where is not None:
        difference = np.where(where, difference, 0)
    return color_scale(difference / FULL)


def color_scale(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Colours from blue (-1) over black (0) to orange (1).

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    strength = np.clip(np.abs(values), 0, 1)[..., None]
    colors = np.where(values[..., None] > 0, np.array([255, 150, 60]), np.array([70, 150, 255]))
    pixels: NDArray[np.uint8] = (strength * colors).round().astype(np.uint8)
    return pixels
