"""Made-up patients: an image that the model makes of no mask, and the mask that is found in it."""

import math

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.cleaning import clean
from segpaint.core.requests.checkpoint import Description
from segpaint.core.requests.sanity import BEYOND


def plausible(found: NDArray[np.uint8], description: Description) -> NDArray[np.uint8]:
    """Clean a mask that was found in an image, see `clean`.

    Labels that are so small that `segpaint.core.requests.sanity` would report them are left out.

    Parameters
    ----------
    found : ndarray of uint8, shape (size, size)
    """
    known = description.statistics
    least = {
        label.index: math.ceil(known[label.name].area[0] / BEYOND * found.size)
        for label in description.labels
        if label.name in known
    }
    return clean(found, description.table, least)
