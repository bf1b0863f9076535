"""Shows intensities through a window, as radiologists do; the data do not change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BRIGHTEST = 255
WIDEST = 2 * BRIGHTEST
PERCENTILES = (0.5, 99.7)
"""Percentiles shown as black and white for intensities of more than 8 bits without a usual window."""
SMOOTHING = np.array([1, 2, 3, 2, 1]) / 9


@dataclass(frozen=True)
class IntensityWindow:
    """The intensities shown from black to white; lower ones are black, higher ones white.

    Attributes
    ----------
    width : float
        Width of the range in grey levels, 1 to 510; a narrow range has more contrast.
    level : float
        Middle of the range, 0 to 255; a high level makes the image dark.
    """

    width: float = float(BRIGHTEST)
    level: float = BRIGHTEST / 2

    @property
    def lowest(self) -> float:
        """The intensity shown as black; below 0 if even the darkest is grey."""
        return self.level - self.width / 2

    @property
    def highest(self) -> float:
        """The intensity shown as white; above 255 if even the brightest is grey."""
        return self.level + self.width / 2

    @property
    def is_whole(self) -> bool:
        """Whether every intensity is shown unchanged."""
        return self == IntensityWindow()

    def widened(self, by: float, raised: float = 0.0) -> IntensityWindow:
        """Widen or narrow the window, and raise or lower its level.

        Parameters
        ----------
        by, raised : float
            Grey levels to add to width and level; the results are clipped to their ranges.
        """
        width, level = self.width + by, self.level + raised
        return IntensityWindow(float(np.clip(width, 1, WIDEST)), float(np.clip(level, 0, BRIGHTEST)))

    @classmethod
    def between(cls, lowest: float, highest: float) -> IntensityWindow:
        """Make the window from one intensity to another, at least a grey level wide."""
        return cls().widened(highest - lowest - BRIGHTEST, (lowest + highest - BRIGHTEST) / 2)

    def applied(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Apply the window to pixels.

        Parameters
        ----------
        pixels : ndarray of uint8, any shape

        Returns
        -------
        ndarray of uint8, shape of the pixels
            The pixels themselves, not a copy, if the window is whole.
        """
        if self.is_whole:
            return pixels
        shares = (np.arange(256) - self.lowest) / self.width
        lookup = (np.clip(shares, 0, 1) * BRIGHTEST).round().astype(np.uint8)
        shown: NDArray[np.uint8] = lookup[pixels]
        return shown


def histogram_heights(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Compute the heights of a histogram, for drawing.

    Square roots and a limit keep the dark surround of a scan from hiding the rest. Neighbours are averaged,
    since stretched grey levels leave gaps.

    Parameters
    ----------
    pixels : ndarray of uint8, any shape

    Returns
    -------
    ndarray of float, shape (256,)
        0 to 1.
    """
    counts = np.sqrt(np.convolve(np.bincount(pixels.ravel(), minlength=256), SMOOTHING, mode="same"))
    occurring = counts[counts > 0]
    full = np.percentile(occurring, 98) if len(occurring) else 1.0
    heights: NDArray[np.float64] = np.minimum(counts / full, 1.0)
    return heights
