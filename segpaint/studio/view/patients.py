"""Whose image something was made from, so that no figure mixes two patients."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.origins import Counterfactual, Similarity
from segpaint.core.requests.request import Request

Image: TypeAlias = NDArray[np.uint8]


def patient_of(request: Request | None) -> Image | None:
    """Return the real image that a request edits or comes near to; None if it is made from a mask alone."""
    origin = request.origin if request is not None else None
    return origin.image if isinstance(origin, Counterfactual | Similarity) else None


def mixes(one: Image | None, other: Image | None) -> bool:
    """Check whether two images, each that of a patient or None, are of two patients."""
    return one is not None and other is not None and not np.array_equal(one, other)
