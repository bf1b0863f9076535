"""Masks as PNG files: 8-bit palette images whose index is the label."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from segpaint.core.errors import SegPaintError
from segpaint.core.labels import BACKGROUND, FREE, LabelTable


class WrongSizeError(SegPaintError):
    """A mask that would fit if it were resampled."""


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
    image = _open(path)
    if image.mode not in ("L", "P", "1"):
        raise SegPaintError(
            f"{path} holds colours or more than 8 bits (mode {image.mode}), not label indices; "
            "save it as an 8-bit grey or palette PNG in which each value is a label."
        )
    values = np.asarray(image if image.mode != "1" else image.convert("L").point(lambda value: value > 0))
    unknown = table.unknown(values)
    if unknown:
        listed = ", ".join(str(value) for value in unknown[:5]) + (" …" if len(unknown) > 5 else "")
        known = ", ".join(f"{label.index} {label.name}" for label in table) or "none"
        raise SegPaintError(
            f"{path} holds labels that this checkpoint does not know: {listed}. It knows {known}."
        )
    return np.asarray(_fit(path, Image.fromarray(values.astype(np.uint8)), size, resize))


BLACK_AND_WHITE = (
    "it holds 0 and 255 alone, and 255 stands for a free region. "
    "If it is a black-and-white mask of a label, give its pixels the label's index instead."
)


def is_black_and_white(values: NDArray[np.uint8]) -> bool:
    """Whether a mask looks like a picture of one label, whose white would be taken for free."""
    return bool((values == FREE).any()) and not ((values != BACKGROUND) & (values != FREE)).any()


def read_region(path: Path, size: int, *, resize: bool = False) -> NDArray[np.bool_]:
    """Read a region, such as a free one: the pixels of a PNG that are not 0.

    Raises
    ------
    SegPaintError
        See `read_mask`.
    """
    image = _open(path)
    if image.mode != "P":  # of a palette image the index counts, whatever its colour
        image = image.convert("L")
    return np.asarray(_fit(path, image, size, resize)) > 0


def _fit(path: Path, image: Image.Image, size: int, resize: bool) -> Image.Image:
    if image.size == (size, size):
        return image
    if not resize:
        raise WrongSizeError(
            f"{path} has {image.width} x {image.height} pixels, the checkpoint takes {size} x {size}; "
            "it can be resampled to the nearest pixel (--resize)."
        )
    return image.resize((size, size), Image.Resampling.NEAREST)


def encode_mask(values: NDArray[np.uint8], table: LabelTable) -> bytes:
    """A mask as the bytes of a palette PNG in the labels' colours."""
    image = Image.fromarray(values)
    image.putpalette(table.colors().tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            image.load()
    except FileNotFoundError:
        raise SegPaintError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise SegPaintError(f"{path} is a folder; give a file.") from None
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        reason = "it is empty" if path.is_file() and not path.stat().st_size else "it is damaged or no image"
        raise SegPaintError(f"{path} cannot be read as an image: {reason}.") from error
    return image
