"""Reads and writes the image formats of masks and references."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png, with_ending
from segpaint.core.labels.labels import LabelTable
from segpaint.core.reading import look_at, open_picture, read_bytes, reads, spend


class LossyError(SegPaintError):
    """An image whose compression changes values; it may be a reference, but no mask."""


@dataclass(frozen=True)
class ImageFormat:
    """A format of image files.

    Attributes
    ----------
    name : str
        Shown to the user.
    suffix : str
        File name ending, such as ".png".
    read : callable or None
        Takes the bytes of a file and returns a Pillow image, or raises any error if they are damaged; None
        leaves them to Pillow.
    write_mask : callable or None
        Takes mask values (uint8, shape (height, width)) and their label table, and returns a file's bytes;
        None if the format cannot be written.
    """

    name: str
    suffix: str
    read: Callable[[bytes], Image.Image] | None
    write_mask: Callable[[NDArray[np.uint8], LabelTable], bytes] | None = None

    @property
    def kind(self) -> str:
        """The format for a file dialog."""
        return f"{self.name} (*{self.suffix})"


def encode_mask(values: NDArray[np.uint8], table: LabelTable) -> bytes:
    """Encode a mask as a palette PNG in the labels' colours."""
    image = Image.fromarray(values)
    image.putpalette(table.colors().tobytes())
    return encode_png(image)


FORMATS = {".png": ImageFormat("PNG", ".png", None, encode_mask)}
"""By suffix; the first is the default. Pillow tries to read all other files."""


def register_format(image_format: ImageFormat) -> None:
    """Add a format in which masks and references are opened and masks are saved."""
    FORMATS[image_format.suffix] = image_format


def patterns() -> str:
    """Return the patterns of all formats for a file dialog."""
    return " ".join(f"*{suffix}" for suffix in FORMATS)


def mask_file(path: Path, ending: str = ".png") -> Path:
    """Append an ending to the name of a mask, unless it ends like a format in which masks are written."""
    return with_ending(path, ending, *(suffix for suffix, one in FORMATS.items() if one.write_mask))


def write_mask_as(path: Path, values: NDArray[np.uint8], table: LabelTable) -> bytes:
    """Encode a mask in the format of a file's ending, or as a PNG."""
    write = FORMATS[path.suffix.lower()].write_mask if path.suffix.lower() in FORMATS else None
    return (write or encode_mask)(values, table)


@reads("an image")
def open_image(path: Path, content: bytes | None = None, *, first: bool = False) -> Image.Image:
    """Read an image file of any kind, upright.

    Parameters
    ----------
    content : bytes, optional
        Read instead of the file; errors still name the path.
    first : bool
        Whether to take the first picture of a stack or an animation, which is refused otherwise.

    Raises
    ------
    SegPaintError
        If it is missing, empty, damaged, too large, of no format that is read here, or holds several
        pictures.
    """
    image_format = FORMATS.get(path.suffix.lower())
    if image_format is None or image_format.read is None:
        image = open_picture(path, content)
        if "is of several" in image.info and not first:
            raise SegPaintError(
                f"{path} holds several pictures, as a stack or an animation does; save the one that is meant "
                "as a PNG."
            )
        return image
    given = read_bytes(path) if content is None else content
    try:
        image = image_format.read(given)
    except Exception as error:
        raise SegPaintError(f"{path} cannot be read as an image: it is damaged or no image.") from error
    spend(path, image.width * image.height)
    return image


def open_mask_image(path: Path, content: bytes | None = None) -> Image.Image:
    """Read an image file whose values are labels: as `open_image` does, with each value as it is stored.

    Returns
    -------
    PIL.Image.Image
        Grey levels of fewer than 8 bits are whole numbers from 0, of mode L.

    Raises
    ------
    LossyError
        If its compression has changed values.
    SegPaintError
        If it cannot be read, or values of 16 bits would lose half of them.
    """
    image = open_image(path, content)
    if "is lossy" in image.info:
        raise LossyError(
            f"{path} is compressed as a photograph is (JPEG), which changes the values of labels; save the "
            "mask anew from its source, as a PNG."
        )
    bits = image.info.get("channel bits", 8)
    if bits == 16:
        raise SegPaintError(
            f"{path} has 16 bits in each of several channels, of which half would be lost; save it as a grey "
            "PNG, or with 8 bits."
        )
    spread = 255 if image.mode == "1" else 255 // (2**bits - 1)
    return image if spread == 1 else image.convert("L").point([value // spread for value in range(256)])


@reads("an image")
def mode_of(path: Path) -> str:
    """Read Pillow's mode of an image, without its pixels.

    Raises
    ------
    SegPaintError
        If it is no image.
    """
    image_format = FORMATS.get(path.suffix.lower())
    if image_format is not None and image_format.read is not None:
        return open_image(path).mode
    with look_at(path) as image:
        return image.mode
