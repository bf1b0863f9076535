"""Finds labels with small pieces far from the rest, as a segmenter leaves them on other anatomy."""

from collections.abc import Mapping

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import LabelStatistics

SMALLEST = 8
"""Pixels of a piece that counts; what is smaller is a speck, see `segpaint.core.requests.sanity`."""
SMALL = 0.5
"""Share of the largest piece below which another one is small."""
SPREADS = 2
"""Standard deviations of a label's centre that a piece lies beyond."""
CORNERS = np.ones((3, 3))


def stray_labels(
    values: NDArray[np.uint8], table: LabelTable, known: Mapping[str, LabelStatistics] | None = None
) -> set[int]:
    """Find the labels of which a small piece lies further from the largest than that one's radius.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    known : mapping of str to LabelStatistics, optional
        Where labels usually lie: a piece there is none that strays.

    Returns
    -------
    set of int
        A label is taken with those inside it; corners connect.
    """
    statistics = known or {}
    planes = table.planes(values)
    return {
        label.index for plane, label in zip(planes, table, strict=True)
        if _has_stray(plane, values == label.index, statistics.get(label.name))
    }  # fmt: skip


def _has_stray(region: NDArray[np.bool_], own: NDArray[np.bool_], known: LabelStatistics | None) -> bool:
    pieces, count = scipy.ndimage.label(region, CORNERS)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    largest = int(sizes.argmax())
    is_own = np.bincount(pieces[own], minlength=count + 1) > 0  # a piece of a label inside is reported there
    numbers = np.flatnonzero(is_own & (sizes >= SMALLEST) & (sizes < SMALL * sizes[largest]))
    if not len(numbers):
        return False
    away = scipy.ndimage.distance_transform_edt(pieces != largest)
    strays = np.asarray(scipy.ndimage.minimum(away, pieces, numbers)) > np.sqrt(sizes[largest] / np.pi)
    if known is not None:
        centres = np.asarray(scipy.ndimage.center_of_mass(region, pieces, numbers)) / region.shape
        usual = SPREADS * np.asarray(known.centre_spread) + np.sqrt(known.area[2] / np.pi)
        strays &= (np.abs(centres - known.centre) > usual).any(axis=1)
    return bool(strays.any())
