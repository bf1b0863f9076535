"""A slice as a model sees it, and the way of its changes back into the slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.volume import Values
from segpaint.core.volumes.windows import ValueWindow, training_window

Shades = NDArray[np.uint8]
TURNING = 1 / 8
"""The share of the window by which a pixel changes until nothing is left of what it had beyond the window."""


@dataclass(frozen=True, eq=False)
class Framed:
    """What lies within a frame on a slice.

    Attributes
    ----------
    plane : ndarray, shape (rows, columns) or (rows, columns, 3)
        The slice.
    window : ValueWindow
        The values that the model sees as black and white.
    image : ndarray of uint8, shape (side, side) or (side, side, 3)
        What the model sees.
    """

    plane: Values
    frame: Frame
    window: ValueWindow
    image: Shades

    @classmethod
    def of(cls, plane: Values, frame: Frame, channels: int, fixed: tuple[float, float] | None = None) -> Framed:
        """Cut a frame out of a slice.

        Parameters
        ----------
        channels : int
            Of the model's images: 1 grey, 3 colour.
        fixed : tuple of float or None
            The model's `window`.
        """
        finite = plane[np.isfinite(plane)] if plane.dtype.kind == "f" else plane
        values = frame.cut(plane, float(finite.min()) if finite.size else 0.0)
        if values.ndim == 3 and channels == 1:
            values = values.mean(axis=2)
        if plane.dtype == np.uint8:
            values = np.rint(values).astype(np.uint8)
        window = training_window(fixed, values)
        image = window.shades(values)
        return cls(plane, frame, window, np.stack([image] * 3, axis=-1) if image.ndim < channels else image)

    def changed(self, image: Shades) -> Values:
        """Add a change of what the model sees to the slice.

        The change is interpolated, the slice is not: it keeps its own fine structure, and where nothing changed
        every pixel, bit for bit. Values beyond the window, which the model saw as plain black or white, give
        way where it changed them by more than a little.

        Parameters
        ----------
        image : ndarray of uint8, shape of `image`

        Returns
        -------
        ndarray
            Of the shape and type of the slice; whole numbers are rounded, and kept within their range.
        """
        if image.shape != self.image.shape:
            raise SegPaintError(f"The changed image is {image.shape}, and the frame {self.image.shape}.")
        change = self.window.change(self.image, image)
        if change.ndim == 3 and self.plane.ndim == 2:
            change = change.mean(axis=2) * np.float32(self.window.width / 255)
        added = self.frame.spread(change, self.plane.shape[:2])
        if added.ndim < self.plane.ndim:
            added = np.repeat(added[..., None], self.plane.shape[2], axis=2)
        before = self.plane.astype(np.float64)
        beyond = before - np.clip(before, self.window.lowest, self.window.highest)
        turned = np.clip(np.abs(added) / (TURNING * self.window.width), 0, 1)
        new = before + added - beyond * turned
        if self.plane.dtype.kind in "iu":
            limits = np.iinfo(str(self.plane.dtype))
            new = np.clip(np.rint(new), limits.min, limits.max)
        return np.where(added == 0, self.plane, new.astype(self.plane.dtype))

    def drawn(self, before: Indices, after: Indices, around: Indices) -> Indices:
        """Draw an edit of the mask within the frame into the mask of the slice.

        Parameters
        ----------
        before, after : ndarray of uint8, shape (side, side)
        around : ndarray of uint8, shape (rows, columns)
            The slice's mask before the edit, which keeps every pixel that the edit leaves alone.
        """
        was, now = (self.frame.put_mask(mask, around.shape, around) for mask in (before, after))
        return np.where(was == now, around, now)
