"""Measures labels in pixels, square millimetres and shares of the image."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.words import counted, percentage


@dataclass(frozen=True)
class Area:
    """The size of a part of an image.

    Attributes
    ----------
    image : int
        Number of pixels of the whole image.
    spacing : float or None
        Millimetres per pixel; None if unknown.
    """

    pixels: int
    image: int
    spacing: float | None = None

    @property
    def share(self) -> float:
        """Share of the image, 0 to 1."""
        return self.pixels / self.image

    @property
    def metric(self) -> str:
        """Area in mm², however large, for comparison; empty if the spacing is unknown."""
        return f"{self.pixels * self.spacing**2:,.0f} mm²" if self.spacing is not None else ""

    @property
    def short(self) -> str:
        """The area if the spacing is known, else the share of the image."""
        return (self.metric or percentage(self.share)) if self.pixels else "–"

    @property
    def longest(self) -> str:
        """About the longest text of `short` for such an image."""
        return replace(self, pixels=self.image).metric or percentage(0.0001)

    @property
    def parts(self) -> tuple[str, ...]:
        """Pixels, area if known, and share of the image."""
        if not self.pixels:
            return ("no pixels",)
        return tuple(filter(None, (counted(self.pixels, "pixel"), self.metric, percentage(self.share))))


def with_inside(counts: NDArray[np.int64], table: LabelTable) -> NDArray[np.int64]:
    """Count the pixels of each label together with the labels inside it.

    A checkpoint's statistics and `segpaint.core.requests.sanity` use a label's own pixels instead.

    Parameters
    ----------
    counts : ndarray of int64, shape (256,)
        Pixels of each value, see `segpaint.core.labels.counting.count_values`.

    Returns
    -------
    ndarray of int64, shape (256,)
    """
    whole = counts.copy()
    whole[list(table.indices)] = counts @ table.nesting
    return whole
