"""Images and masks of another size than a checkpoint's: what is wrong with them, and what may be done."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.areas import percentage

UNSEEN = 0.02
"""By less than this share, nobody sees that something is squeezed."""
PLAIN = 20
"""Proportions are told in whole numbers up to this one."""


class Fit(StrEnum):
    """How an image is brought to a square of another size."""

    STRETCH = "stretch"
    """Whatever becomes of its proportions."""
    PAD = "pad"
    """As large as fits with the proportions that it has, in the middle, with background beside it."""


class WrongSizeError(SegPaintError):
    """An image or a mask that would fit if it were resampled.

    Parameters
    ----------
    path : Path
    width, height : int
        Of the file.
    size : int
        Height and width that the checkpoint takes.
    way_out : str
        What to do without a window.
    """

    def __init__(self, path: Path, width: int, height: int, size: int, way_out: str) -> None:
        self._width, self._height = width, height
        problem = f"{path} has {width} x {height} pixels, the checkpoint takes {size} x {size}"
        self.problem = f"{problem}."
        """Without the way out, which a window has of its own."""
        super().__init__(f"{problem}; {way_out}.")

    @property
    def distortion(self) -> str:
        """What stretching would do to the proportions; empty where nobody would see it."""
        lost = 1 - min(self._width, self._height) / max(self._width, self._height)
        if lost < UNSEEN:
            return ""
        ratio = Fraction(self._width, self._height)
        if max(ratio.numerator, ratio.denominator) <= PLAIN:
            told = f"{ratio.numerator}:{ratio.denominator}"
        else:
            told = f"{float(ratio):.2f}:1" if ratio > 1 else f"1:{float(1 / ratio):.2f}"
        along = "from side to side" if self._width > self._height else "from top to bottom"
        return (
            f"It is {told}, and the model's images are square: stretched, it would be squeezed "
            f"{along} by {percentage(lost)}."
        )


def fitted(
    image: Image.Image, size: int, fit: Fit, resampling: Image.Resampling, ground: int = 0
) -> Image.Image:
    """An image as a square.

    Parameters
    ----------
    image : Image
    size : int
        Height and width of the square.
    fit : Fit
    resampling : Resampling
    ground : int
        The value beside the image, where it is padded.
    """
    if fit is Fit.STRETCH:
        return image.resize((size, size), resampling)
    scale = size / max(image.size)
    width, height = (max(1, round(scale * side)) for side in image.size)
    square = Image.new(image.mode, (size, size), ground)
    square.paste(image.resize((width, height), resampling), ((size - width) // 2, (size - height) // 2))
    return square
