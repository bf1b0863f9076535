"""Finds the body in an image or a volume."""

from __future__ import annotations

import numpy as np
import skimage
from numpy.typing import NDArray

from segpaint.core.pictures.intensities import PERCENTILES

COARSE = 96
"""Pixels along an axis that are enough to find a body."""


def find_body(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Find the largest connected region brighter than Otsu's threshold.

    Parameters
    ----------
    values : ndarray of any number, shape (rows, columns) or (slices, rows, columns)
        Those that are not finite count as dark.

    Returns
    -------
    ndarray of bool, shape of the values
        Coarse where an axis is long; empty if all is of one value.
    """
    steps = tuple(slice(None, None, max(1, length // COARSE)) for length in values.shape)
    coarse = values[steps].astype(np.float32)
    finite = coarse[np.isfinite(coarse)]
    if not finite.size:
        return np.zeros(values.shape, bool)
    low, high = np.percentile(finite, PERCENTILES)
    coarse = np.clip(np.nan_to_num(coarse, nan=low), low, high)
    if coarse.min() == coarse.max():
        return np.zeros(values.shape, bool)
    pieces = skimage.measure.label(coarse > skimage.filters.threshold_otsu(coarse), connectivity=1)
    body = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    for axis, (step, length) in enumerate(zip(steps, values.shape, strict=True)):
        body = body.repeat(step.step, axis=axis).take(np.arange(length), axis=axis, mode="clip")
    return np.asarray(body, bool)
