"""Masks as PNG files: 8-bit palette images whose index is the label."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.io.sizes import Fit, WrongSizeError, fitted

UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What Pillow raises for files that are no images, damaged or too large."""
WAY_OUT = "The window translates such a mask: open it there, and write it anew with File > Save mask."


def read_mask(path: Path, table: LabelTable, size: int, *, resize: bool = False) -> NDArray[np.uint8]:
    """Read a mask for a checkpoint.

    Parameters
    ----------
    path : Path
        A PNG with one 8-bit value per pixel: a label index, 0 for background, 255 for free.
    table : LabelTable
    size : int
        Height and width that the checkpoint takes.
    resize : bool
        Resample a mask of another size, taking the nearest pixel.

    Returns
    -------
    ndarray of uint8, shape (size, size)

    Raises
    ------
    WrongSizeError
        If it has another size and `resize` is off.
    SegPaintError
        If it cannot be read, holds colours, or labels that the table does not know.
    """
    image = open_image(path)
    if image.mode not in ("L", "P", "1"):
        raise SegPaintError(
            f"{path} holds colours or more than 8 bits (mode {image.mode}), not label indices; "
            "save it as an 8-bit grey or palette PNG in which each value is a label. " + WAY_OUT
        )
    values = np.asarray(image if image.mode != "1" else image.convert("L").point(lambda value: value > 0))
    unknown = table.unknown(values)
    if unknown:
        listed = ", ".join(str(value) for value in unknown[:5]) + (" …" if len(unknown) > 5 else "")
        known = ", ".join(f"{label.index} {label.name}" for label in table) or "none"
        raise SegPaintError(
            f"{path} holds labels that this checkpoint does not know: {listed}. It knows {known}. " + WAY_OUT
        )
    return np.asarray(fit_size(path, Image.fromarray(values.astype(np.uint8)), size, _stretched(resize)))


def read_region(path: Path, size: int, *, resize: bool = False) -> NDArray[np.bool_]:
    """Read a region, such as a free one: the pixels of a PNG that are not 0.

    Raises
    ------
    SegPaintError
        See `read_mask`.
    """
    image = open_image(path)
    if image.mode != "P":  # of a palette image the index counts, whatever its colour
        image = image.convert("L")
    return np.asarray(fit_size(path, image, size, _stretched(resize))) > 0


def fit_size(path: Path, image: Image.Image, size: int, fit: Fit | None, ground: int = 0) -> Image.Image:
    """Bring an image to a square by the nearest pixel, if that is wished.

    Parameters
    ----------
    path : Path
        For the error.
    image : Image
    size : int
    fit : Fit or None
    ground : int
        The value beside an image that is padded.

    Raises
    ------
    WrongSizeError
        If it has another size, and no way to fit it is given.
    """
    if image.size == (size, size):
        return image
    if fit is None:
        way_out = "it can be resampled to the nearest pixel (--resize)"
        raise WrongSizeError(path, image.width, image.height, size, way_out)
    return fitted(image, size, fit, Image.Resampling.NEAREST, ground)


def _stretched(resize: bool) -> Fit | None:
    return Fit.STRETCH if resize else None


def encode_mask(values: NDArray[np.uint8], table: LabelTable) -> bytes:
    """A mask as the bytes of a palette PNG in the labels' colours."""
    image = Image.fromarray(values)
    image.putpalette(table.colors().tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def open_image(path: Path, content: bytes | None = None) -> Image.Image:
    """Read an image file of any kind.

    Parameters
    ----------
    path : Path
    content : bytes, optional
        What to read instead of the file; the path is then what errors call it.

    Raises
    ------
    SegPaintError
        If it is missing, empty or damaged.
    """
    try:
        with Image.open(path if content is None else io.BytesIO(content)) as image:
            image.load()
    except FileNotFoundError:
        raise SegPaintError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise SegPaintError(f"{path} is a folder; give a file.") from None
    except Image.DecompressionBombError as error:
        raise SegPaintError(
            f"{path} has too many pixels to be opened; cut out or shrink what is needed."
        ) from error
    except UNREADABLE as error:
        reason = "it is empty" if path.is_file() and not path.stat().st_size else "it is damaged or no image"
        raise SegPaintError(f"{path} cannot be read as an image: {reason}.") from error
    return image
