"""Fits images and masks of another size than a checkpoint's."""

from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.words import percentage

UNSEEN = 0.02
"""The share below which nobody sees that an image is squeezed."""
PLAIN = 20
"""The largest whole number in which proportions are written."""


class Fit(StrEnum):
    """How an image is resampled to a square."""

    STRETCH = "stretch"
    """Change the proportions."""
    PAD = "pad"
    """Keep the proportions, and put background on both sides."""


IN_PYTHON, IN_COMMAND, IN_SPECIFICATION = "resize=True", "--resize", '"resize": true in the specification'
"""How resampling is asked for."""


class WrongSizeError(SegPaintError):
    """An image or mask of the wrong size, which may be resampled.

    Parameters
    ----------
    width, height : int
        Pixels of the file.
    size : int
        Height and width of the checkpoint's images.
    way_out : str
        What can be done.
    asked : str
        How that is asked for, such as `IN_COMMAND`.
    """

    def __init__(
        self, path: Path, width: int, height: int, size: int, way_out: str, asked: str = IN_PYTHON
    ) -> None:
        self._told = path, width, height, size, way_out
        self._width, self._height = width, height
        problem = f"{path} has {width} x {height} pixels, the checkpoint takes {size} x {size}"
        self.problem = f"{problem}."
        """The message without the way out, for the window."""
        self.asked = asked
        super().__init__(f"{problem}; {way_out} ({asked}).")

    def by(self, asked: str) -> "WrongSizeError":
        """Return the same for who asks otherwise."""
        return WrongSizeError(*self._told, asked)

    @property
    def distortion(self) -> str:
        """A sentence on how stretching changes the proportions; empty where nobody would see it."""
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
    """Resample an image to a square.

    Parameters
    ----------
    size : int
        Height and width of the square.
    ground : int
        The value beside a padded image.
    """
    if fit is Fit.STRETCH:
        return image.resize((size, size), resampling)
    scale = size / max(image.size)
    width, height = (max(1, round(scale * side)) for side in image.size)
    square = Image.new(image.mode, (size, size), ground)
    square.paste(image.resize((width, height), resampling), ((size - width) // 2, (size - height) // 2))
    return square
