"""Reads masks from PNG files: 8-bit images whose values are label indices."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.reading import reads
from segpaint.io.image_files import open_mask_image
from segpaint.io.sizes import Fit, WrongSizeError, fitted

WAY_OUT = "The window translates such a mask: open it there, and write it anew with File > Save mask."


@reads("a mask", "save it anew as a PNG")
def read_mask(path: Path, table: LabelTable, size: int, *, resize: bool = False) -> NDArray[np.uint8]:
    """Read a mask for a checkpoint.

    Parameters
    ----------
    path : Path
        A PNG with one 8-bit value per pixel: a label index, 0 for background, 255 for free.
    size : int
        Height and width of the checkpoint's masks.
    resize : bool
        Whether to resample a mask of another size by the nearest pixel.

    Raises
    ------
    WrongSizeError
        If it has another size and `resize` is off.
    SegPaintError
        If it cannot be read, or holds colours or unknown labels.
    """
    image = open_mask_image(path)
    if image.mode not in ("L", "P"):
        raise SegPaintError(
            f"{path} holds colours or more than 8 bits (mode {image.mode}), not label indices; "
            "save it as an 8-bit grey or palette PNG in which each value is a label. " + WAY_OUT
        )
    values = np.asarray(image)
    unknown = table.unknown(values)
    if unknown:
        listed = ", ".join(str(value) for value in unknown[:5]) + (" …" if len(unknown) > 5 else "")
        known = ", ".join(f"{label.index} {label.name}" for label in table) or "none"
        raise SegPaintError(
            f"{path} holds labels that this checkpoint does not know: {listed}. It knows {known}. " + WAY_OUT
        )
    return np.asarray(fit_size(path, Image.fromarray(values.astype(np.uint8)), size, _stretched(resize)))


@reads("a region", "save it anew as a PNG")
def read_region(path: Path, size: int, *, resize: bool = False) -> NDArray[np.bool_]:
    """Read a region, such as a free one: the nonzero pixels of a PNG.

    Raises
    ------
    SegPaintError
        See `read_mask`.
    """
    image = open_mask_image(path)
    values = np.asarray(image if image.mode != "CMYK" else image.convert("RGB"))  # of a palette, the index
    shown = values != 0
    if shown.ndim == 3:
        shown = shown[..., : 1 if shown.shape[2] == 2 else 3].max(axis=-1)  # without transparency
    region = Image.fromarray(shown.astype(np.uint8))
    return np.asarray(fit_size(path, region, size, _stretched(resize))) > 0


def fit_size(path: Path, image: Image.Image, size: int, fit: Fit | None, ground: int = 0) -> Image.Image:
    """Resample an image to a square by the nearest pixel, as `fit` asks.

    Parameters
    ----------
    path : Path
        Named in the error.
    ground : int
        The value beside a padded image.

    Raises
    ------
    WrongSizeError
        If it has another size and `fit` is None.
    """
    if image.size == (size, size):
        return image
    if fit is None:
        way_out = "it can be resampled to the nearest pixel"
        raise WrongSizeError(path, image.width, image.height, size, way_out)
    return fitted(image, size, fit, Image.Resampling.NEAREST, ground)


def _stretched(resize: bool) -> Fit | None:
    return Fit.STRETCH if resize else None
