"""Measures whether neighbouring slices of an edited volume agree as the patient's own did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.volumes.volume import Values


@dataclass(frozen=True)
class Agreement:
    """How much neighbouring slices differ, in the unit of the values.

    Attributes
    ----------
    before, after : float
        The mean absolute difference where the edit changed one of the two, in the original and in the edit.
    borders : int
        How many pairs of neighbours were compared.
    """

    before: float
    after: float
    borders: int

    @property
    def ratio(self) -> float | None:
        """How many times more the neighbours differ after the edit; None if they did not differ before."""
        return self.after / self.before if self.before else None


def measure_agreement(before: Values, after: Values) -> Agreement | None:
    """Compare the neighbours of all slices that were changed; None if none was, or there is one slice.

    Parameters
    ----------
    before, after : ndarray, shape (slices, rows, columns) or (slices, rows, columns, 3)
    """
    total, pixels, borders = np.zeros(2), 0, 0
    changed: NDArray[np.bool_] | None = None
    for index in range(len(before)):
        last, changed = changed, differing(before[index], after[index], 2)
        if last is None or not (region := last | changed).any():
            continue
        borders += 1
        pixels += int(region.sum()) * (before.size // (len(before) * region.size))
        for place, values in enumerate((before, after)):
            step = np.abs(values[index][region].astype(np.float64) - values[index - 1][region])
            total[place] += float(np.nansum(step))
    if not borders:
        return None
    was, now = (total / pixels).tolist()
    return Agreement(was, now, borders)


def differing(before: Values, after: Values, axes: int) -> NDArray[np.bool_]:
    """Find the pixels whose values differ; those that were no numbers count as equal.

    Parameters
    ----------
    axes : int
        Of the result; one more axis of the values holds colours.
    """
    same = np.equal(before, after)
    if before.dtype.kind == "f":
        same |= np.isnan(before)
    return np.asarray(~(same if same.ndim == axes else same.all(axis=axes)), bool)
