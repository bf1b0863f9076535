"""Faithfulness: how far an image shows the requested mask."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.requests.verdict import Verdict

POOR = 0.5
"""Dice on real slices below which a label is found too badly to judge images by it."""


@dataclass(frozen=True)
class Judgement:
    """A segmenter's opinion of one image, compared with its request.

    Attributes
    ----------
    found : ndarray of uint8, shape (height, width)
        Label indices; of nested labels, the innermost.
    disagrees : ndarray of bool, shape (height, width)
        Where a label in use was either requested or found, but not both.
    dice : mapping of int to float
        Dice by index, for labels in use that were requested or found.
    real : mapping of int to float
        The segmenter's Dice on real slices by index, the most that can be expected.
    verdict : Verdict or None
        On the edit, if the image is an edited one.
    requested : collection of int or None
        Labels in use that the mask shows; None if all of `dice` do.
    """

    found: NDArray[np.uint8]
    disagrees: NDArray[np.bool_]
    dice: Mapping[int, float]
    real: Mapping[int, float]
    verdict: Verdict | None = None
    requested: Collection[int] | None = None

    @property
    def followed(self) -> dict[int, float]:
        """Dice of the labels that were requested, whatever is found of others."""
        wanted = self.dice if self.requested is None else self.requested
        return {index: score for index, score in self.dice.items() if index in wanted}

    @property
    def mean(self) -> float | None:
        """Mean Dice of the labels that were requested; None if there are none."""
        scores = self.followed.values()
        return sum(scores) / len(scores) if scores else None


def judge(
    mask: NDArray[np.uint8],
    used: Collection[int],
    found: NDArray[np.bool_],
    table: LabelTable,
    real: Mapping[int, float],
) -> Judgement:
    """Compare the labels found in an image with the requested mask.

    Parameters
    ----------
    mask : ndarray of uint8, shape (height, width)
        The requested mask; free regions are ignored.
    used : collection of int
        Labels in use; ablated ones are ignored.
    found : ndarray of bool, shape (labels, height, width)
        Each label with those inside it, in the order of `table`.
    table : LabelTable
        The segmenter's labels.
    real : mapping of int to float
        See `Judgement`.
    """
    asked = table.planes(mask)
    in_use = np.array([index in used for index in table.indices], np.bool_)
    scores = dice(overlaps(asked[None], found[None], mask[None]))[0]
    return Judgement(
        innermost(found, table),
        ((asked ^ found) & in_use[:, None, None]).any(axis=0) & (mask != FREE),
        {
            index: float(score)
            for index, score in zip(table.indices, scores, strict=True)
            if index in used and not np.isnan(score)
        },
        real,
        requested=[
            index
            for index, plane in zip(table.indices, asked, strict=True)
            if index in used and (plane & (mask != FREE)).any()
        ],
    )


def innermost(planes: NDArray[np.bool_], table: LabelTable) -> NDArray[np.uint8]:
    """Merge labels found independently into a mask; of nested ones, the innermost counts.

    Parameters
    ----------
    planes : ndarray of bool, shape (labels, height, width)
    """
    columns = {label.index: column for column, label in enumerate(table)}
    mask = np.zeros(planes.shape[1:], np.uint8)
    for label in sorted(table, key=lambda label: len(table.ancestors(label.index))):
        mask[planes[columns[label.index]]] = label.index
    return mask


def overlaps(asked: NDArray[np.bool_], found: NDArray[np.bool_], masks: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count pixels for `dice`: asked and found, asked, found; free regions are ignored.

    Parameters
    ----------
    asked, found : ndarray of bool, shape (batch, labels, height, width)
    masks : ndarray of uint8, shape (batch, height, width)
        The masks of `asked`.

    Returns
    -------
    ndarray of int64, shape (batch, labels, 3)
    """
    known = (masks != FREE)[:, None]
    counted = [asked & found & known, asked & known, found & known]
    return np.stack([plane.sum(axis=(-2, -1)) for plane in counted], axis=-1)


def dice(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compute Dice's coefficient (1945): twice the overlap over the sum of both areas; NaN if both are empty.

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
