"""The image files of a data set; all are checked before the first fault is reported."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.io.image_files import open_image, open_mask_image
from segpaint.io.references import windowed

KINDS = {"1": "L", "L": "L", "LA": "L", "P": "RGB", "RGB": "RGB", "RGBA": "RGB", "CMYK": "RGB"}
"""What pictures of each mode of 8 bits are read as."""

FEWEST_SHADES = 8
"""Of 256; an image with fewer shows nearly nothing."""


def read_images(paths: Sequence[Path]) -> list[NDArray[np.uint8]]:
    """Read images that must be alike: all grey or all RGB, and of one size.

    Grey levels of 16 bits are spread as those of references are; transparency is dropped.

    Returns
    -------
    list of ndarray of uint8, shape (channels, height, width)

    Raises
    ------
    SegPaintError
        If a file cannot be read, holds fractions, or is unlike most of the others.
    """
    # No threads: Pillow holds Python's lock for most of a file this small, so threads gained nothing.
    images = _all(paths, _read_image)
    if images:
        usual, _ = Counter(image.shape for image in images).most_common(1)[0]
        raise_first(
            [
                f"{path} is {image_words(image)}, and most images are {image_words(np.empty(usual))}; "
                "all must have one size, and be all grey or all RGB."
                for path, image in zip(paths, images, strict=True)
                if image.shape != usual
            ]
        )
    return images


def read_masks(paths: Sequence[Path], table: LabelTable) -> list[NDArray[np.uint8]]:
    """Read masks.

    Returns
    -------
    list of ndarray of uint8, shape (height, width)

    Raises
    ------
    SegPaintError
        If a file cannot be read, has more than 8 bits or colours, or a value that is neither a label nor
        free.
    """
    known = np.isin(np.arange(256), (BACKGROUND, FREE, *table.indices))
    return _all(paths, lambda path: _read_mask(path, known))


def dull_images(paths: Sequence[Path], images: Sequence[NDArray[np.uint8]]) -> list[str]:
    """Describe those images that are of one shade, or of nearly one: most likely, an export went wrong."""
    dull = []
    for path, image in zip(paths, images, strict=True):
        if image.min() == image.max():
            dull.append(f"{path} is of a single shade, {image.max()}.")
        elif image.max() <= 1:
            dull.append(f"{path} holds the values 0 and 1 alone, and 255 is white.")
        elif image.max() - image.min() < FEWEST_SHADES:
            dull.append(f"{path} holds the values {image.min()} to {image.max()} alone, and 255 is white.")
    return dull


def counted(notes: Sequence[str]) -> list[str]:
    """Keep the first of the notes of one kind, with the number of the others."""
    if len(notes) < 2:
        return list(notes)
    return [f"{notes[0]} More such images: {len(notes) - 1}."]


def _all(paths: Sequence[Path], read: Callable[[Path], NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    pictures, problems = [], []
    for path in paths:
        try:
            pictures.append(read(path))
        except SegPaintError as error:
            problems.append(str(error))
    raise_first(problems)
    return pictures


def image_words(image: NDArray[np.generic]) -> str:
    """Describe size and kind of an image of shape (channels, height, width)."""
    channels, height, width = image.shape
    return f"{width} x {height} pixels of {'grey' if channels == 1 else 'RGB'}"


def _read_image(path: Path) -> NDArray[np.uint8]:
    image = open_image(path)
    if image.mode.startswith("I"):
        return windowed(np.asarray(image))[None]
    kind = KINDS.get(image.mode)
    if kind is None:
        raise SegPaintError(f"{path} is of mode {image.mode}; save it as a grey or RGB PNG.")
    pixels = np.asarray(image.convert(kind))
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def _read_mask(path: Path, known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    image = open_mask_image(path)
    if image.mode not in ("L", "P"):
        raise SegPaintError(
            f"{path} is of mode {image.mode}; a mask has one 8-bit value per pixel (mode L or P), the index of "
            "its label. Save it as such."
        )
    mask = np.asarray(image)
    (unknown,) = np.nonzero((np.bincount(mask.ravel(), minlength=256) > 0) & ~known)
    if len(unknown):
        raise SegPaintError(f"{path} holds the value {unknown[0]}, which labels.json does not list.")
    return mask
