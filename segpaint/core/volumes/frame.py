"""The square of a slice that a model sees: out of the slice, and back into it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Values

Floats = NDArray[np.float32]
Indices = NDArray[np.uint8]
FAR = 1.25
"""How many times finer or coarser than the model's a frame may be before that is worth a warning."""


@dataclass(frozen=True)
class Frame:
    """A square laid on a slice.

    Attributes
    ----------
    centre : tuple of float
        Row and column of its middle, in pixels of the slice; (0, 0) is the middle of the first pixel.
    side : int
        Pixels of the model along a side.
    step : tuple of float
        Pixels of the slice for one of the model: rows and columns, which differ where pixels are not square.
    """

    centre: tuple[float, float]
    side: int
    step: tuple[float, float]

    def __post_init__(self) -> None:
        if self.side < 1 or not all(np.isfinite((*self.centre, *self.step))) or min(self.step) <= 0:
            raise SegPaintError(f"A frame cannot be {self.side} pixels of {self.step}; choose a size above 0.")

    @classmethod
    def fitting(cls, shape: tuple[int, int], spacing: tuple[float, float], side: int, step: float) -> Frame:
        """Lay a frame onto the middle of a slice.

        Parameters
        ----------
        shape, spacing : tuple
            Of the slice: rows and columns; millimetres between them.
        side : int
            Pixels of the model along a side.
        step : float
            Millimetres of a pixel of the model.
        """
        middle = (shape[0] - 1) / 2, (shape[1] - 1) / 2
        return cls(middle, side, (step / spacing[0], step / spacing[1]))

    def scaled(self, factor: float) -> Frame:
        """Make it so many times larger around its middle."""
        return replace(self, step=(self.step[0] * factor, self.step[1] * factor))

    def moved(self, rows: float, columns: float) -> Frame:
        """Move it by so many pixels of the slice."""
        return replace(self, centre=(self.centre[0] + rows, self.centre[1] + columns))

    def aligned(self) -> Frame:
        """Move it by less than a pixel, so that its first pixel lies on one of the slice."""
        half = [(self.side - 1) / 2 * step for step in self.step]
        row, column = (round(middle - reach) + reach for middle, reach in zip(self.centre, half, strict=True))
        return replace(self, centre=(row, column))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Its edges in pixels of the slice: top, bottom, left, right."""
        tall, wide = (self.side * step / 2 for step in self.step)
        row, column = self.centre
        return row - tall, row + tall, column - wide, column + wide

    def enlargement(self, spacing: tuple[float, float], step: float) -> float:
        """Compute how many times larger its pixels are than those that the model was trained on.

        Parameters
        ----------
        spacing : tuple of float
            Of the slice, in millimetres.
        step : float
            Millimetres of a pixel of the training images.
        """
        return float(np.sqrt(self.step[0] * spacing[0] * self.step[1] * spacing[1]) / step)

    def is_usual(self, spacing: tuple[float, float], step: float) -> bool:
        """Check whether its pixels are about as large as those that the model was trained on."""
        return 1 / FAR <= self.enlargement(spacing, step) <= FAR

    # ---- out of the slice

    def cut(self, plane: Values, beyond: float) -> Floats:
        """Resample the slice within the frame: linearly, smoothed first where it gets coarser.

        Parameters
        ----------
        plane : ndarray, shape (rows, columns) or (rows, columns, 3)
        beyond : float
            The value beside the slice.

        Returns
        -------
        ndarray of float32, shape (side, side) or (side, side, 3)
        """
        image = plane.astype(np.float32)
        image = np.where(np.isfinite(image), image, np.float32(beyond))
        if image.ndim == 3:
            return np.stack([self.cut(image[..., band], beyond) for band in range(image.shape[2])], axis=-1)
        blur = [max(0.0, (step - 1) / 2) for step in self.step]  # as `skimage.transform.resize` does
        smooth = scipy.ndimage.gaussian_filter(image, blur, mode="nearest") if any(blur) else image
        rows, columns = self._places
        found = scipy.ndimage.map_coordinates(smooth, [rows, columns], order=1, mode="constant", cval=beyond)
        return np.asarray(found, np.float32)

    def cut_mask(self, mask: Indices) -> Indices:
        """Take the label nearest to each pixel of the model; background beside the slice."""
        rows, columns = (np.floor(place + 0.5).astype(int) for place in self._places)
        inside = (rows >= 0) & (rows < mask.shape[0]) & (columns >= 0) & (columns < mask.shape[1])
        found = np.full((self.side, self.side), BACKGROUND, np.uint8)
        found[inside] = mask[rows[inside], columns[inside]]
        return found

    @property
    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The row and column in the slice of each pixel of the model; shape (side, side) each."""
        along = np.arange(self.side) - (self.side - 1) / 2
        rows, columns = (middle + along * step for middle, step in zip(self.centre, self.step, strict=True))
        return np.broadcast_arrays(rows[:, None], columns[None, :])  # type: ignore[return-value]

    # ---- back into the slice

    def put_mask(self, mask: Indices, shape: tuple[int, int], around: Indices | None = None) -> Indices:
        """Draw a mask of the model into one of the slice, each pixel with the label nearest to it.

        Parameters
        ----------
        mask : ndarray of uint8, shape (side, side)
        shape : tuple of int
            Of the slice.
        around : ndarray of uint8, shape (rows, columns), optional
            The labels outside the frame; background by default.
        """
        drawn = np.full(shape, BACKGROUND, np.uint8) if around is None else around.copy()
        # Ties go the other way than in `cut_mask`, so that pixels of one size come back to their places.
        rows, columns = (np.ceil(place - 0.5).astype(int) for place in self._reversed(shape))
        inside = (rows >= 0) & (rows < self.side) & (columns >= 0) & (columns < self.side)
        drawn[inside] = mask[rows[inside], columns[inside]]
        return drawn

    def spread(self, change: Floats, shape: tuple[int, int]) -> Floats:
        """Interpolate a change between the pixels of a slice; 0 where the frame does not reach.

        Parameters
        ----------
        change : ndarray of float32, shape (side, side) or (side, side, 3)
            0 where nothing changed.
        shape : tuple of int
            Of the slice.

        Returns
        -------
        ndarray of float32, shape (rows, columns) or (rows, columns, 3)
        """
        rows, columns = self._reversed(shape)
        bands = change[..., None] if change.ndim == 2 else change
        # Beyond the outermost pixels of the model there is half of one more, with their change.
        within = (np.abs(rows - (self.side - 1) / 2) <= self.side / 2) & (
            np.abs(columns - (self.side - 1) / 2) <= self.side / 2
        )
        spread = np.zeros((*shape, bands.shape[2]), np.float32)
        for band in range(bands.shape[2]):
            found = scipy.ndimage.map_coordinates(
                bands[..., band], [rows[within], columns[within]], order=1, mode="nearest"
            )
            spread[within, band] = found
        return spread[..., 0] if change.ndim == 2 else spread

    def _reversed(self, shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The row and column in the model of each pixel of the slice, both of the slice's shape."""
        ways = [
            (np.arange(length) - middle) / step + (self.side - 1) / 2
            for length, middle, step in zip(shape, self.centre, self.step, strict=True)
        ]
        return np.broadcast_arrays(ways[0][:, None], ways[1][None, :])  # type: ignore[return-value]
