"""How intensities are shown: through a window, as radiologists do. The data are never changed by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BRIGHTEST = 255
WIDEST = 2 * BRIGHTEST
PERCENTILES = (0.5, 99.7)
"""What becomes black and white of intensities that have more than 8 bits and no usual window."""
SMOOTHING = np.array([1, 2, 3, 2, 1]) / 9


@dataclass(frozen=True)
class IntensityWindow:
    """The intensities that are spread from black to white; those below are black, those above white.

    Attributes
    ----------
    width : float
        Of the range in grey levels, 1 to 510: the narrower, the more contrast.
    level : float
        Its middle, 0 to 255: the higher, the darker.
    """

    width: float = float(BRIGHTEST)
    level: float = BRIGHTEST / 2

    @property
    def lowest(self) -> float:
        """The intensity that is just black; below 0 where even the darkest is shown grey."""
        return self.level - self.width / 2

    @property
    def highest(self) -> float:
        """The intensity that is just white; above 255 where even the brightest is shown grey."""
        return self.level + self.width / 2

    @property
    def is_whole(self) -> bool:
        """Whether every intensity is shown as it is."""
        return self == IntensityWindow()

    def widened(self, by: float, raised: float = 0.0) -> IntensityWindow:
        """A wider or narrower window, at a higher or lower level.

        Parameters
        ----------
        by, raised : float
            Grey levels to add to the width and to the level; cut off where there are no more.
        """
        width, level = self.width + by, self.level + raised
        return IntensityWindow(float(np.clip(width, 1, WIDEST)), float(np.clip(level, 0, BRIGHTEST)))

    @classmethod
    def between(cls, lowest: float, highest: float) -> IntensityWindow:
        """The window from one intensity to another, at least a grey level wide."""
        return cls().widened(highest - lowest - BRIGHTEST, (lowest + highest - BRIGHTEST) / 2)

    def applied(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels as they are shown.

        Parameters
        ----------
        pixels : ndarray of uint8, any shape

        Returns
        -------
        ndarray of uint8, shape of the pixels
            The pixels themselves, not a copy, where the window is whole.
        """
        if self.is_whole:
            return pixels
        shares = (np.arange(256) - self.lowest) / self.width
        lookup = (np.clip(shares, 0, 1) * BRIGHTEST).round().astype(np.uint8)
        shown: NDArray[np.uint8] = lookup[pixels]
        return shown


def histogram_heights(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How often each intensity occurs, for drawing.

    The dark surround of a scan would leave nothing of the rest to see: so these are square roots, and what is
    far more frequent than the others is cut off. Neighbours are mixed, for an image that was once spread over
    more grey levels than it had is a comb.

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
