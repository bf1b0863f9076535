"""Reads real images to edit, and finds their masks."""

from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.intensities import PERCENTILES
from segpaint.core.pictures.oddities import Model, Oddities, oddities_in
from segpaint.core.reading import reads
from segpaint.io.image_files import open_image
from segpaint.io.sizes import Fit, WrongSizeError, fitted

SHADED = ("1", "L", "P", "RGB", "RGBA", "LA")
"""Modes of 8 bits."""


@reads("an image", "save it anew as a PNG")
def read_reference(path: Path, size: int, channels: int, fit: Fit | None = None) -> NDArray[np.uint8]:
    """Read an image for a checkpoint.

    Parameters
    ----------
    path : Path
        An 8-bit grey or RGB PNG, windowed like the training images, or a 16-bit grey one, which is windowed
        between `PERCENTILES`.
    size, channels : int
        Height and width in pixels, and channels, of the checkpoint's images.
    fit : Fit, optional
        How to resample an image of another size; padding is black.

    Returns
    -------
    ndarray of uint8, shape (size, size), or (size, size, 3) for three channels

    Raises
    ------
    WrongSizeError
        If it has another size and `fit` is None.
    SegPaintError
        If it cannot be read, or holds fractions.
    """
    image = open_image(path)
    if image.mode.startswith("I"):
        image = Image.fromarray(windowed(np.asarray(image)))
    elif image.mode not in SHADED:
        raise SegPaintError(
            f"{path} holds neither whole numbers nor colours of 8 bits (mode {image.mode}); save it as a grey "
            "or RGB PNG."
        )
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        if fit is None:
            raise WrongSizeError(path, image.width, image.height, size, "it can be resampled")
        image = fitted(image, size, fit, Image.Resampling.BICUBIC)
    return np.array(image, np.uint8)


def oddities_beside(path: Path, model: Model) -> Oddities:
    """Find what speaks against taking a file for an image, see `segpaint.core.pictures.oddities`.

    Parameters
    ----------
    path : Path
        A file that `read_reference` takes.
    """
    with suppress(SegPaintError):
        image = open_image(path)
        stored = image.mode in ("P", "1", "L") or image.mode.startswith("I")
        found = oddities_in(path.name, [np.asarray(image if stored else image.convert("RGB"))], model, "known")
        if image.mode != "P" or found != Oddities():
            return found
        return oddities_in(path.name, [np.asarray(image.convert("RGB"))], model, "known")
    return Oddities()


def windowed(levels: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Stretch the levels between `PERCENTILES`, or all of them if those two are equal, from black to white."""
    low, high = np.percentile(levels, PERCENTILES)
    if low == high:
        low, high = levels.min(), levels.max()
    shades = (np.clip(levels, low, high) - low) / max(high - low, 1) * 255
    rounded: NDArray[np.uint8] = shades.round().astype(np.uint8)
    return rounded


def mask_beside(path: Path) -> Path | None:
    """Find the mask of an image: ``NAME_mask.png`` beside it, or its pair in a data set folder."""
    folder = path.resolve().parent
    places = [folder / f"{path.stem}_mask.png"]
    if folder.parent.name == "images":
        places.append(folder.parent.parent / "masks" / "all" / folder.name / path.name)
    return next((place for place in places if place.is_file()), None)
