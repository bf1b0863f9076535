"""The values at one pixel: in the mask, in the image looked at, in the reference."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.runs.trajectory import Frame
from segpaint.studio.document.document import Document


@dataclass(frozen=True)
class Where:
    """One pixel.

    Attributes
    ----------
    spacing : float or None
        Millimetres per pixel, if the checkpoint defines them.
    value : int
        Mask value.
    name : str
        Name of that value.
    image, reference : tuple of int or None
        Intensity, or red, green and blue; None if there is no image.
    """

    row: int
    column: int
    spacing: float | None
    value: int
    name: str
    image: tuple[int, ...] | None
    reference: tuple[int, ...] | None

    @property
    def position(self) -> str:
        """Column and row."""
        return f"{self.column}, {self.row}"

    @property
    def millimetres(self) -> str:
        """The position in millimetres from left and top; empty if the spacing is not known."""
        if self.spacing is None:
            return ""
        return f"{self.column * self.spacing:.1f}, {self.row * self.spacing:.1f} mm"

    @property
    def shades(self) -> str:
        """The visible intensities or colours."""
        seen = (("image", self.image), ("reference", self.reference))
        return "   ".join(
            f"{name} {', '.join(map(str, levels))}" for name, levels in seen if levels is not None
        )


def look_at(document: Document, frame: Frame | None, row: int, column: int) -> Where | None:
    """Look up a pixel; None outside the mask.

    Parameters
    ----------
    frame : Frame or None
        The frame looked at.
    """
    height, width = document.mask.shape
    if not (0 <= row < height and 0 <= column < width):
        return None
    value, reference = int(document.mask.values[row, column]), document.reference
    return Where(
        row,
        column,
        document.pixel_spacing,
        value,
        document.name_of(value),
        _levels(frame.picture, row, column) if frame is not None else None,
        _levels(reference.image, row, column) if reference is not None else None,
    )


def _levels(pixels: NDArray[np.uint8], row: int, column: int) -> tuple[int, ...]:
    return tuple(np.atleast_1d(pixels[row, column]).tolist())
