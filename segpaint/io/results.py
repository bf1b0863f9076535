"""Reads and writes results: an image with its request inside, the mask, and the request."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin
from pydantic import ValidationError

from segpaint import __version__
from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.files import encode_png, write_together
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.request import Request
from segpaint.io.annotations import holds_annotations
from segpaint.io.image_files import UNREADABLE, encode_mask

REQUEST_KEY = "SegPaint request"


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A finished image with its request; a notebook shows it as a picture.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (size, size) or (size, size, 3)
        Read-only.
    request : Request
        Determines the image.
    labels : LabelTable
        Labels of the checkpoint.
    """

    pixels: NDArray[np.uint8]
    request: Request
    labels: LabelTable

    @property
    def mask(self) -> NDArray[np.uint8]:
        """The mask that the image was made from, read-only; shape (size, size)."""
        return self.request.final.mask

    def save(self, path: str | Path) -> list[Path]:
        """Write the image, its mask and its request with `write_result`; older files are replaced."""
        return write_result(Path(path), self.pixels, self.request, self.labels)

    def _repr_png_(self) -> bytes:
        return encode_image(self.pixels, self.request)


def write_result(path: Path, pixels: NDArray[np.uint8], request: Request, table: LabelTable) -> list[Path]:
    """Write ``NAME.png``, ``NAME_mask.png`` and ``NAME.json``, all or none.

    Parameters
    ----------
    path : Path
        The image; an ending other than .png is replaced.
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    request : Request
        Written to the JSON file and into the PNG, which is marked as synthetic.

    Returns
    -------
    list of Path
        The files, image first.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    image = path.with_suffix(".png")
    contents = {
        image: encode_image(pixels, request),
        image.with_name(f"{image.stem}_mask.png"): encode_mask(request.final.mask, table),
        image.with_suffix(".json"): (request.model_dump_json(indent=2) + "\n").encode(),
    }
    write_together(contents)
    return list(contents)


def encode_image(pixels: NDArray[np.uint8], request: Request, *, is_finished: bool = True) -> bytes:
    """Encode an image as a PNG that is marked as synthetic and holds its request.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    is_finished : bool
        If False, the request is left out, since it makes another image.
    """
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Software", f"SegPaint {__version__}")
    notes.add_text("Synthetic", f"YES: made by the diffusion model {request.checkpoint}; shows no patient")
    if is_finished:
        notes.add_text(REQUEST_KEY, request.model_dump_json())
    return encode_png(Image.fromarray(pixels), pnginfo=notes)


def holds_request(path: Path) -> bool:
    """Check whether a file is a request or holds one, without checking it whole."""
    if path.suffix.lower() != ".png":
        return path.suffix.lower() == ".json" and not holds_annotations(path)
    try:
        with Image.open(path) as image:
            return REQUEST_KEY in image.info
    except UNREADABLE:
        return False


def read_request(path: str | Path) -> Request:
    """Read a request from its JSON file or its image.

    Raises
    ------
    SegPaintError
        If the file holds none.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".png":
            with Image.open(path) as image:
                image.load()
                text = str(image.info[REQUEST_KEY])
        else:
            text = path.read_text(encoding="utf-8")
        return Request.model_validate_json(text)
    except KeyError:
        raise SegPaintError(f"{path} was not made by SegPaint: it holds no request.") from None
    except ValidationError as error:
        raise SegPaintError(f"{path} is not a request: {first_problem(error)}.") from error
    except FileNotFoundError:
        raise SegPaintError(f"There is no file {path}.") from None
    except UNREADABLE as error:
        raise SegPaintError(f"{path} cannot be read: {error}.") from error
