"""Real images to edit, and the masks that lie beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from segpaint.core.errors import SegPaintError
from segpaint.io.masks import WrongSizeError


def read_reference(path: Path, size: int, channels: int, *, resize: bool = False) -> NDArray[np.uint8]:
    """Read an image for a checkpoint.

    Parameters
    ----------
    path : Path
        An 8-bit grey or RGB PNG, windowed like the checkpoint's training images.
    size, channels : int
        Of the images that the checkpoint makes.
    resize : bool
        Resample an image of another size.

    Returns
    -------
    ndarray of uint8, shape (size, size), or (size, size, 3) for three channels

    Raises
    ------
    WrongSizeError
        If it has another size and `resize` is off.
    SegPaintError
        If it cannot be read, or has more than 8 bits.
    """
    try:
        with Image.open(path) as opened:
            opened.load()
            image: Image.Image = opened
    except FileNotFoundError:
        raise SegPaintError(f"There is no file {path}.") from None
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise SegPaintError(f"{path} cannot be read as an image: {error}.") from error
    if image.mode not in ("1", "L", "P", "RGB", "RGBA", "LA"):
        raise SegPaintError(
            f"{path} has more than 8 bits (mode {image.mode}); save it as 8-bit grey, windowed like the images "
            "that the checkpoint was trained on."
        )
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        if not resize:
            raise WrongSizeError(
                f"{path} has {image.width} x {image.height} pixels, the checkpoint makes {size} x {size}; "
                "it can be resampled."
            )
        image = image.resize((size, size), Image.Resampling.BICUBIC)
    return np.array(image, np.uint8)


def mask_beside(path: Path) -> Path | None:
    """The mask of an image: ``NAME_mask.png`` beside it, or its pair in a data set folder."""
    folder = path.resolve().parent
    places = [folder / f"{path.stem}_mask.png"]
    if folder.parent.name == "images":
        places.append(folder.parent.parent / "masks" / "all" / folder.name / path.name)
    return next((place for place in places if place.is_file()), None)
