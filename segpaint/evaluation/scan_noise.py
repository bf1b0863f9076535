"""Measures what noise of scans a network leaves out of its images."""

import numpy as np
import torch
from numpy.typing import NDArray

from segpaint.core.diffusion.scan_noise import local_level
from segpaint.core.requests.scan_noise import ScanNoiseFigures
from segpaint.evaluation.grain import FREQUENCIES, power_by_frequency

ENOUGH = 0.9
"""The share of real images' power that lacks nothing."""
FINE = 0.2
"""Cycles per pixel below which detail is shape."""
LEVELS = 17
"""Even grey levels from black to white."""
FEWEST = 400
"""Pixels of a grey level, among real and made ones each, that its noise can be measured at."""


def measure_scan_noise(made: NDArray[np.uint8], real: NDArray[np.uint8]) -> ScanNoiseFigures | None:
    """Measure the noise that made images lack beside real ones, in the finest detail.

    Parameters
    ----------
    made : ndarray of uint8, shape (images, channels, height, width)
    real : ndarray of uint8, shape (slices, channels, height, width)

    Returns
    -------
    ScanNoiseFigures or None
        None if the made images do not lack power at the finest.
    """
    found, wanted = power_by_frequency(made), power_by_frequency(real)
    enough = np.flatnonzero(found >= ENOUGH * wanted)
    first = max(int(enough[-1]) + 1 if len(enough) else 0, round(FINE * 2 * (FREQUENCIES - 1)))
    if first >= FREQUENCIES:
        return None
    lacking = np.where(np.arange(FREQUENCIES) >= first, (wanted - found).clip(min=0), 0)
    finest = first / 2 / (FREQUENCIES - 1)
    (variance, counted), (left, seen) = _by_level(real, finest), _by_level(made, finest)
    known = (counted >= FEWEST) & (seen >= FEWEST)
    if not known.any():
        return None
    levels = np.arange(LEVELS)
    strengths = np.sqrt(np.interp(levels, levels[known], (variance - left).clip(min=0)[known]))
    gains = np.sqrt(lacking / lacking.max())
    return ScanNoiseFigures(
        gains=tuple(np.round(gains, 3).tolist()), strengths=tuple(np.round(strengths, 2).tolist())
    )


def _by_level(images: NDArray[np.uint8], finest: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Measure the variance of the finest detail in tissue of each grey level, and count the pixels.

    The median leaves out borders, whose detail is no noise.
    """
    values = torch.from_numpy(images).float() / 255
    rows, columns = (torch.fft.fftfreq(length) for length in values.shape[-2:])
    fine = torch.hypot(rows[:, None], columns[: values.shape[-1] // 2 + 1]) >= finest
    detail = torch.fft.irfft2(torch.fft.rfft2(255 * values) * fine, s=values.shape[-2:])
    variance = local_level(detail.square()).numpy().ravel()
    level = np.round(local_level(values).numpy().ravel() * (LEVELS - 1)).astype(np.int64)
    counts = np.bincount(level, minlength=LEVELS)
    groups = np.split(variance[np.argsort(level, kind="stable")], np.cumsum(counts)[:-1])
    return np.array([np.median(group) if len(group) else 0.0 for group in groups]), counts
