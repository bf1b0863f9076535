"""Measures how much noise a network leaves in its images."""

import numpy as np
from numpy.typing import NDArray

from segpaint.evaluation.distances import mean_power

FREQUENCIES = 33
"""Even spatial frequencies from 0 to 0.5 cycles per pixel."""
FINEST = 0.45
"""Cycles per pixel from which all that is too much is taken for noise."""


def measure_grain(made: NDArray[np.uint8], real: NDArray[np.uint8]) -> tuple[float, ...]:
    """Measure the gains that take white noise out of images, so that they have the power of real ones.

    Parameters
    ----------
    made : ndarray of uint8, shape (images, channels, height, width)
    real : ndarray of uint8, shape (slices, channels, height, width)
        Without noise that the made ones should not have.

    Returns
    -------
    tuple of float
        By spatial frequency; empty if the made images have no more power at the finest than the real ones.
    """
    found, wanted = power_by_frequency(made), power_by_frequency(real)
    finest = np.linspace(0, 0.5, FREQUENCIES) >= FINEST
    noise = float((found - wanted)[finest].mean())
    if noise <= 0:
        return ()
    # Where an image lacks power, as between coarse shape and grain, noise takes its place: it stays.
    shares = np.maximum(wanted / (wanted + noise), np.minimum(1, wanted / found.clip(min=1e-9)))
    return tuple(np.round(np.sqrt(shares), 3).tolist())


def power_by_frequency(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Average the power of images around each of the even frequencies.

    Parameters
    ----------
    images : ndarray of uint8, shape (images, channels, height, width)

    Returns
    -------
    ndarray of float64, shape (`FREQUENCIES`,)
    """
    frequency, power = mean_power(images)
    nearest = np.round(frequency * 2 * (FREQUENCIES - 1)).astype(np.int64)
    inside = nearest < FREQUENCIES
    counts = np.bincount(nearest[inside], minlength=FREQUENCIES)
    return np.asarray(np.bincount(nearest[inside], power[inside], minlength=FREQUENCIES) / counts.clip(min=1))
