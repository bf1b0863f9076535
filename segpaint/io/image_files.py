"""Reads and writes the image formats of masks and references."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png, with_ending
from segpaint.core.labels.labels import LabelTable

UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""Raised by Pillow for files that are not images, damaged or too large."""


@dataclass(frozen=True)
class ImageFormat:
    """A format of image files.

    Attributes
    ----------
    name : str
        Shown to the user.
    suffix : str
        File name ending, such as ".png".
    read : callable
        Takes the bytes of a file and returns a Pillow image; raises one of `UNREADABLE` if they are damaged.
    write_mask : callable or None
        Takes mask values (uint8, shape (height, width)) and their label table, and returns a file's bytes;
        None if the format cannot be written.
    """

    name: str
    suffix: str
    read: Callable[[bytes], Image.Image]
    write_mask: Callable[[NDArray[np.uint8], LabelTable], bytes] | None = None

    @property
    def kind(self) -> str:
        """The format for a file dialog."""
        return f"{self.name} (*{self.suffix})"


def _read_with_pillow(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
    return image


def encode_mask(values: NDArray[np.uint8], table: LabelTable) -> bytes:
    """Encode a mask as a palette PNG in the labels' colours."""
    image = Image.fromarray(values)
    image.putpalette(table.colors().tobytes())
    return encode_png(image)


FORMATS = {".png": ImageFormat("PNG", ".png", _read_with_pillow, encode_mask)}
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


def open_image(path: Path, content: bytes | None = None) -> Image.Image:
    """Read an image file of any kind.

    Parameters
    ----------
    content : bytes, optional
        Read instead of the file; errors still name the path.

    Raises
    ------
    SegPaintError
        If it is missing, empty or damaged.
    """
    image_format = FORMATS.get(path.suffix.lower())
    try:
        given = path.read_bytes() if content is None else content
        return (image_format.read if image_format is not None else _read_with_pillow)(given)
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
