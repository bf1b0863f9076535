"""Finds labels with small pieces far from the rest, as a segmenter leaves them on other anatomy."""

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable

SMALLEST = 8
"""Pixels of a piece that counts; what is smaller is a speck, see `segpaint.core.requests.sanity`."""
SMALL = 0.5
"""Share of the largest piece below which another one is small."""
MOST = 3
"""Pieces of a label that strays; one in more comes in pieces, as bones and burned-in marks do."""
CORNERS = np.ones((3, 3))


def stray_labels(values: NDArray[np.uint8], table: LabelTable) -> set[int]:
    """Find the labels of which a small piece lies further from the largest than that one's radius.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)

    Returns
    -------
    set of int
        A label is taken with those inside it; corners connect.
    """
    planes = table.planes(values)
    return {
        label.index for plane, label in zip(planes, table, strict=True)
        if _has_stray(plane, values == label.index)
    }  # fmt: skip


def _has_stray(region: NDArray[np.bool_], own: NDArray[np.bool_]) -> bool:
    pieces, count = scipy.ndimage.label(region, CORNERS)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    largest, counts = int(sizes.argmax()), sizes >= SMALLEST
    is_own = np.bincount(pieces[own], minlength=count + 1) > 0  # a piece of a label inside is reported there
    numbers = np.flatnonzero(is_own & counts & (sizes < SMALL * sizes[largest]))
    if not len(numbers) or counts.sum() > MOST:
        return False
    away = scipy.ndimage.distance_transform_edt(pieces != largest)
    nearest = np.asarray(scipy.ndimage.minimum(away, pieces, numbers))
    return bool((nearest > np.sqrt(sizes[largest] / np.pi)).any())
