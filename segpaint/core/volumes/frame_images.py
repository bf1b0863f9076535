"""What a model sees of a slice: the frame, in the window of the model's training images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.requests.checkpoint import Description
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.volume import Values
from segpaint.core.volumes.windows import training_window


def image_in(values: Values, frame: Frame, description: Description) -> NDArray[np.uint8]:
    """Cut the image that a model works on out of a slice.

    Returns
    -------
    ndarray of uint8, shape (side, side), or (side, side, 3) for three channels
    """
    beyond = 0.0 if description.window is None else description.window[0]
    if values.dtype != np.uint8 and description.window is None:
        finite = values[np.isfinite(values)]
        beyond = float(finite.min()) if finite.size else 0.0
    cut = frame.cut(values, beyond)
    if values.dtype == np.uint8:
        shades = np.rint(cut).astype(np.uint8)
        shades = training_window(None, shades).shades(shades)
    else:
        shades = training_window(description.window, cut).shades(cut)
    if description.channels == 1 and shades.ndim == 3:
        return np.asarray(shades.mean(axis=2).round(), np.uint8)
    if description.channels == 3 and shades.ndim == 2:
        return np.repeat(shades[..., None], 3, axis=2)
    return shades


def moved_mask(mask: Indices, before: Frame, after: Frame) -> Indices:
    """Take a mask from one frame to another on the same slice, each pixel the label nearest to it."""
    steps = np.arange(after.side) - (after.side - 1) / 2
    sizes = zip(after.centre, after.step, before.centre, before.step, strict=True)
    ways = [(new + steps * step - old) / old_step for new, step, old, old_step in sizes]
    rows, columns = (np.floor(way + before.side / 2).astype(int) for way in ways)
    inside = ((rows >= 0) & (rows < before.side))[:, None] & ((columns >= 0) & (columns < before.side))
    found = mask[np.clip(rows, 0, before.side - 1)[:, None], np.clip(columns, 0, before.side - 1)]
    return np.where(inside, found, np.uint8(BACKGROUND))
