"""Between the values of a volume and the shades that a screen and a model see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.intensities import BRIGHTEST, PERCENTILES
from segpaint.core.volumes.presets import CT, Preset

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Values, Volume


@dataclass(frozen=True)
class ValueWindow:
    """The values that are black and white; those between are grey.

    Attributes
    ----------
    lowest, highest : float
        In the unit of the volume.
    """

    lowest: float
    highest: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.lowest, self.highest]).all() or self.lowest >= self.highest:
            raise SegPaintError(
                f"A window cannot reach from {self.lowest:g} to {self.highest:g}; its upper end must be the "
                "larger one."
            )

    @classmethod
    def of(cls, preset: Preset) -> ValueWindow:
        """Convert width and level."""
        return cls(preset.lowest, preset.highest)

    @classmethod
    def around(cls, values: Values) -> ValueWindow:
        """Choose the window for values of no known meaning: between `PERCENTILES`."""
        finite = np.asarray(values, np.float64)[np.isfinite(values)]
        if not finite.size:
            return cls(0.0, 1.0)
        low, high = np.percentile(finite, PERCENTILES)
        if low == high:
            low, high = finite.min(), finite.max()
        return cls(float(low), float(high)) if low < high else cls(float(low), float(low) + 1)

    @property
    def width(self) -> float:
        """The distance from black to white."""
        return self.highest - self.lowest

    @property
    def level(self) -> float:
        """The value of middle grey."""
        return (self.lowest + self.highest) / 2

    def shades(self, values: Values) -> NDArray[np.uint8]:
        """Convert values to shades; colours are left as they are, and what is not finite is black.

        Parameters
        ----------
        values : ndarray, shape (rows, columns), or uint8 (rows, columns, 3)

        Returns
        -------
        ndarray of uint8, shape of the values
        """
        if values.ndim == 3:
            return np.asarray(values, np.uint8)
        shares = (np.nan_to_num(values.astype(np.float32), nan=self.lowest) - self.lowest) / self.width
        return np.asarray(np.rint(np.clip(shares, 0, 1) * BRIGHTEST), np.uint8)

    def change(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Convert a change of shades to one of values; for colours the two are the same."""
        shades = after.astype(np.float32) - before.astype(np.float32)
        return shades if before.ndim == 3 else np.asarray(shades * (self.width / BRIGHTEST), np.float32)


def presets_of(volume: Volume) -> tuple[Preset, ...]:
    """List the windows to offer: those of the file, then those that its modality usually has."""
    return *volume.presets, *(CT.values() if volume.modality == "CT" else ())


def window_of(volume: Volume, values: Values) -> ValueWindow:
    """Choose the window in which a volume is shown at first.

    Parameters
    ----------
    values : ndarray
        A slice of it, which decides where the file and its modality give none.
    """
    if values.dtype == np.uint8:
        return ValueWindow(0, BRIGHTEST)
    offered = presets_of(volume)
    return ValueWindow.of(offered[0]) if offered else ValueWindow.around(values)


def training_window(fixed: tuple[float, float] | None, values: Values) -> ValueWindow:
    """Find the window in which a model's training images were made.

    Parameters
    ----------
    fixed : tuple of float or None
        The model's `window`; None if its images were stretched one by one.
    values : ndarray
        What the frame shows, for such models.
    """
    if fixed is not None:
        return ValueWindow(*fixed)
    return ValueWindow(0, BRIGHTEST) if values.dtype == np.uint8 else ValueWindow.around(values)
