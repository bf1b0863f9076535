"""The PNG files of a data set; all are checked before the first fault is reported."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable


def read_images(paths: Sequence[Path]) -> list[NDArray[np.uint8]]:
    """Read images that must be alike: all grey or all RGB, and of one size.

    Returns
    -------
    list of ndarray of uint8, shape (channels, height, width)

    Raises
    ------
    SegPaintError
        If a file cannot be read, has no 8-bit grey or RGB pixels, or is unlike most of the others.
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


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            image.load()
        return image
    except (OSError, SyntaxError, ValueError) as error:
        reason = "it is empty" if path.is_file() and not path.stat().st_size else str(error).rstrip(".")
        raise SegPaintError(f"{path} cannot be read as a PNG: {reason}.") from error


def _read_image(path: Path) -> NDArray[np.uint8]:
    image = _open(path)
    if image.mode not in ("L", "RGB"):
        raise SegPaintError(
            f"{path} is of mode {image.mode}; images are 8-bit grey or RGB (modes L and RGB). Save it as such."
        )
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def _read_mask(path: Path, known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    image = _open(path)
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
