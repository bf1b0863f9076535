"""Reads and writes results: an image with its request inside, the mask, and the request."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin
from pydantic import ValidationError

from segpaint import __version__
from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.files import encode_png, recover, with_ending, write_together
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.kinds import About, Kind, about
from segpaint.core.requests.origins import Withheld
from segpaint.core.requests.request import ABOUT, Request
from segpaint.io.annotations import holds_annotations
from segpaint.io.image_files import UNREADABLE, encode_mask

REQUEST_KEY = "SegPaint request"
REFERENCES = "references"
"""The folder, beside a result of the history, in which its reference has the result's name."""


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

    @property
    def about(self) -> About:
        """What the image is: made, edited, or near to a patient's, and how much of it is the patient's."""
        return about(self.request, self.pixels)

    def save(self, path: str | Path, *, include_reference: bool = False) -> list[Path]:
        """Write the image, its mask and its request with `write_result`; older files are replaced."""
        return write_result(
            Path(path), self.pixels, self.request, self.labels, include_reference=include_reference
        )

    def _repr_png_(self) -> bytes:
        return encode_image(self.pixels, self.request)


def result_files(path: Path) -> list[Path]:
    """Name the image, mask and request of a result; .png is appended to a name that lacks it."""
    image = with_ending(path, ".png")
    stem = image.name[: -len(".png")]
    return [image, image.with_name(f"{stem}_mask.png"), image.with_name(f"{stem}.json")]


def write_result(
    path: Path,
    pixels: NDArray[np.uint8],
    request: Request,
    table: LabelTable,
    *,
    include_reference: bool = False,
) -> list[Path]:
    """Write ``NAME.png``, ``NAME_mask.png`` and ``NAME.json``, all or none.

    Parameters
    ----------
    path : Path
        The image, see `result_files`.
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    request : Request
        Written to the JSON file and into the PNG; both state what the image is.
    include_reference : bool
        Whether the reference, which shows a patient, is written with the request.

    Returns
    -------
    list of Path
        The files, image first.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    files = result_files(path)
    kept = request if include_reference else request.withheld()
    described = {ABOUT: about(request, pixels).as_dict(), **kept.model_dump(mode="json")}
    contents = (
        encode_image(pixels, request, include_reference=include_reference),
        encode_mask(request.final.mask, table),
        (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode(),
    )
    write_together(dict(zip(files, contents, strict=True)))
    return files


def encode_image(
    pixels: NDArray[np.uint8], request: Request, *, is_finished: bool = True, include_reference: bool = False
) -> bytes:
    """Encode an image as a PNG that states what it is, and holds its request.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    is_finished : bool
        If False, the request is left out, since it makes another image.
    include_reference : bool
        Whether the reference, which shows a patient, is part of the request.
    """
    notes, what = PngImagePlugin.PngInfo(), about(request, pixels)
    notes.add_text("Software", f"SegPaint {__version__}")
    notes.add_text("Synthetic", what.sentence)
    notes.add_text("Kind", what.kind.value)
    if what.kind is not Kind.MADE:
        notes.add_text("Patient pixels", what.counted or "not known")
    if is_finished:
        kept = request if include_reference else request.withheld()
        notes.add_text(REQUEST_KEY, kept.model_dump_json())
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

    The reference of a result of the history is put back; of others, it may be `Withheld`.

    Raises
    ------
    SegPaintError
        If the file holds none.
    """
    path = Path(path)
    recover(path.parent)
    try:
        if path.suffix.lower() == ".png":
            with Image.open(path) as image:
                image.load()
                text = str(image.info[REQUEST_KEY])
        else:
            text = path.read_text(encoding="utf-8")
        return _with_reference_beside(Request.model_validate_json(text), path)
    except KeyError:
        raise SegPaintError(f"{path} was not made by SegPaint: it holds no request.") from None
    except ValidationError as error:
        raise SegPaintError(f"{path} is not a request: {first_problem(error)}.") from error
    except FileNotFoundError:
        raise SegPaintError(f"There is no file {path}.") from None
    except UNREADABLE as error:
        raise SegPaintError(f"{path} cannot be read: {error}.") from error


def reference_beside(path: Path) -> Path:
    """Name the file in which the history keeps the reference of a result."""
    return path.parent / REFERENCES / path.name


def _with_reference_beside(request: Request, path: Path) -> Request:
    beside = reference_beside(path)
    if not isinstance(request.origin, Withheld) or not beside.is_file():
        return request
    try:
        with Image.open(beside) as image:
            return request.with_reference(np.asarray(image))
    except (*UNREADABLE, SegPaintError):  # damaged, or another one: the result is still read
        return request
