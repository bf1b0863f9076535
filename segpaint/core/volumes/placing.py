"""Places a frame on a slice before anybody has looked: around the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.volume import Values
from segpaint.core.volumes.windows import ValueWindow

COARSE = 256
"""Pixels along a side that suffice to find the body."""
AIR = 0.15
"""The share of the way from black to white up to which a pixel is taken for air."""
OPENING = 3
"""Pixels by which bright regions are shrunk and grown, so that a table is not taken for a part of the body."""
ROOM = 1.08
"""How much larger than the body a frame is, where the model gives no size."""


def body_box(values: Values) -> tuple[float, float, float, float]:
    """Find the edges of the largest bright region of a slice, or of the slice if nothing in it is bright.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, 3)

    Returns
    -------
    tuple of float
        Top, bottom, left, and right in pixels of the slice.
    """
    every = max(1, min(values.shape[:2]) // COARSE)
    coarse = values[::every, ::every]
    grey = coarse.mean(axis=2) if coarse.ndim == 3 else coarse
    bright = ndimage.binary_opening(ValueWindow.around(grey).shades(grey) > AIR * 255, iterations=OPENING)
    regions, count = ndimage.label(bright)
    if not count:
        return -0.5, values.shape[0] - 0.5, -0.5, values.shape[1] - 0.5
    largest = int(np.argmax(np.bincount(regions.ravel())[1:])) + 1
    rows, columns = (np.flatnonzero((regions == largest).any(axis=axis)) * every for axis in (1, 0))
    return (
        float(rows[0]) - 0.5,
        float(rows[-1]) + every - 0.5,
        float(columns[0]) - 0.5,
        float(columns[-1]) + every - 0.5,
    )


def around_body(values: Values, spacing: tuple[float, float], side: int, step: float | None) -> Frame:
    """Lay a frame around the body.

    Parameters
    ----------
    values : ndarray
        The slice.
    spacing : tuple of float
        Millimetres between its rows, and between its columns; or what stands for them.
    side : int
        Pixels of the model along a side.
    step : float or None
        Millimetres of a pixel of the model; None to have the frame hold the body.
    """
    top, bottom, left, right = body_box(values)
    if step is None:
        longest = max((bottom - top) * spacing[0], (right - left) * spacing[1])
        step = ROOM * max(longest, *spacing) / side
    frame = Frame.fitting((values.shape[0], values.shape[1]), spacing, side, step)
    return replace(frame, centre=((top + bottom) / 2, (left + right) / 2))
