"""Combines two images in one picture."""

import numpy as np
from numpy.typing import NDArray

FULL = 64
"""Grey levels of difference shown in full colour."""
EQUAL = 128
"""The value of `signed_difference` where two images are equal."""


def swiped(first: NDArray[np.uint8], second: NDArray[np.uint8], column: float) -> NDArray[np.uint8]:
    """Join the first image left of a column with the second from it on.

    Parameters
    ----------
    first, second : ndarray of uint8
        Of one shape.
    """
    place = int(np.clip(round(column), 0, first.shape[1]))
    return np.concatenate([first[:, :place], second[:, place:]], axis=1)


def alike(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Convert both images to colour if one is.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (height, width) or (height, width, 3)
    """
    if first.ndim == second.ndim:
        return first, second
    return in_color(first), in_color(second)


def in_color(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert an image to red, green and blue.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    return image if image.ndim == 3 else np.stack([image] * 3, axis=-1)


def mask_over(
    mask: NDArray[np.uint8], colors: NDArray[np.uint8], ground: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """Draw a mask in the colours of its labels.

    Parameters
    ----------
    mask : ndarray of uint8, shape (height, width)
    colors : ndarray of uint8, shape (256, 4)
        Red, green, blue and opacity of each value.
    ground : ndarray of uint8, shape (height, width) or (height, width, 3), or None
        Image below the mask; black if None.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    opacities = colors[:, 3:].astype(np.uint16)
    above = (colors[:, :3] * opacities)[mask]
    if ground is not None:
        above += in_color(ground) * (255 - opacities)[mask]
    pixels: NDArray[np.uint8] = ((above + 127) // 255).astype(np.uint8)
    return pixels


def difference_colors(
    first: NDArray[np.uint8], second: NDArray[np.uint8], where: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Draw in orange where the first image is brighter, in blue where darker, in black where equal.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (height, width) or (height, width, 3)
    where : ndarray of bool, shape (height, width), optional
        Pixels to compare; others are black.

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


def signed_difference(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Encode what was added to an image in 8 bits: 128 is no change, 138 is 10 grey levels brighter.

    Changes of up to 127 levels are exact, and larger ones are cut off: at 0 it is darker by 128 or more, at 255
    brighter by 127 or more. No change is ever rounded to none.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width) or (height, width, 3)
        Of one size.

    Returns
    -------
    ndarray of uint8, shape (height, width) or (height, width, 3)
    """
    first, second = (image.astype(np.int16) for image in alike(before, after))
    encoded: NDArray[np.uint8] = np.clip(second - first + EQUAL, 0, 255).astype(np.uint8)
    return encoded


def psnr(first: NDArray[np.generic], second: NDArray[np.generic]) -> float:
    """Measure the peak signal-to-noise ratio of two images in dB; infinite if they are equal.

    Parameters
    ----------
    first, second : ndarray
        Of one shape, in grey levels from 0 to 255.
    """
    from skimage.metrics import peak_signal_noise_ratio  # defers loading scipy.stats

    if np.array_equal(first, second):
        return float("inf")
    return float(peak_signal_noise_ratio(first, second, data_range=255))


def color_scale(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Map values to colours from blue (-1) over black (0) to orange (1).

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    strength = np.clip(np.abs(values), 0, 1)[..., None]
    colors = np.where(values[..., None] > 0, np.array([255, 150, 60]), np.array([70, 150, 255]))
    pixels: NDArray[np.uint8] = (strength * colors).round().astype(np.uint8)
    return pixels
