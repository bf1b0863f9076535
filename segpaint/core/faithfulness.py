"""Faithfulness: how far an image shows the mask that was asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels import FREE, LabelTable


def label_planes(masks: NDArray[np.uint8], table: LabelTable) -> NDArray[np.bool_]:
    """Where each label is, or one that lies inside it.

    Parameters
    ----------
    masks : ndarray of uint8, shape (..., height, width)
    table : LabelTable

    Returns
    -------
    ndarray of bool, shape (..., labels, height, width)
    """
    lookup = np.zeros((256, len(table)), np.bool_)
    for label in table:
        for index in (label.index, *table.ancestors(label.index)):
            lookup[label.index, table.indices.index(index)] = True
    return np.moveaxis(lookup[masks], -1, -3)


def overlaps(asked: NDArray[np.bool_], found: NDArray[np.bool_], masks: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count pixels, for `dice`: asked and found, asked, found; free regions ask for nothing.

    Parameters
    ----------
    asked, found : ndarray of bool, shape (batch, labels, height, width)
    masks : ndarray of uint8, shape (batch, height, width)
        What `asked` was made from.

    Returns
    -------
    ndarray of int64, shape (batch, labels, 3)
    """
    known = (masks != FREE)[:, None]
    counted = [asked & found & known, asked & known, found & known]
    return np.stack([plane.sum(axis=(-2, -1)) for plane in counted], axis=-1)


def dice(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Dice's coefficient (1945): twice the overlap over the sum of both areas; NaN where both are empty.

    Parameters
    ----------
    counts : ndarray of int64, shape (..., 3)
        From `overlaps`.

    Returns
    -------
    ndarray of float64, shape (...), in [0, 1]
    """
    total = (counts[..., 1] + counts[..., 2]).astype(np.float64)
    scores = np.full(total.shape, np.nan)
    np.divide(2.0 * counts[..., 0], total, out=scores, where=total > 0)
    return scores
