"""Real images to edit, and the masks that lie beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.io.masks import open_image
from segpaint.io.sizes import Fit, WrongSizeError, fitted


def read_reference(path: Path, size: int, channels: int, fit: Fit | None = None) -> NDArray[np.uint8]:
    """Read an image for a checkpoint.

    Parameters
    ----------
    path : Path
        An 8-bit grey or RGB PNG, windowed like the checkpoint's training images.
    size, channels : int
        Of the images that the checkpoint makes.
    fit : Fit, optional
        What to do with an image of another size; what is padded is black.

    Returns
    -------
    ndarray of uint8, shape (size, size), or (size, size, 3) for three channels

    Raises
    ------
    WrongSizeError
        If it has another size, and no way to fit it is given.
    SegPaintError
        If it cannot be read, or has more than 8 bits.
    """
    image = open_image(path)
    if image.mode not in ("1", "L", "P", "RGB", "RGBA", "LA"):
        raise SegPaintError(
            f"{path} has more than 8 bits (mode {image.mode}); save it as 8-bit grey, windowed like the images "
            "that the checkpoint was trained on."
        )
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        if fit is None:
            raise WrongSizeError(path, image.width, image.height, size, "it can be resampled")
        image = fitted(image, size, fit, Image.Resampling.BICUBIC)
    return np.array(image, np.uint8)


def mask_beside(path: Path) -> Path | None:
    """The mask of an image: ``NAME_mask.png`` beside it, or its pair in a data set folder."""
    folder = path.resolve().parent
    places = [folder / f"{path.stem}_mask.png"]
    if folder.parent.name == "images":
        places.append(folder.parent.parent / "masks" / "all" / folder.name / path.name)
    return next((place for place in places if place.is_file()), None)
