"""Reads and writes results: an image with its request inside, the mask, and the request."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from segpaint import __version__
from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png, recover, with_ending, write_together
from segpaint.core.labels.labels import LabelTable
from segpaint.core.reading import LARGEST_REQUEST, look_at, open_picture, parse_model, read_text, reads, spend
from segpaint.core.requests.kinds import KIND, SYNTHETIC, About, Kind, about, kind_of, maker_in
from segpaint.core.requests.origins import Withheld
from segpaint.core.requests.request import ABOUT, Request
from segpaint.io.image_files import encode_mask

REQUEST_KEY = "SegPaint request"
FOUND = "found in the image by the segmenter, and cleaned; the image was made without a mask"
"""What the description of a made-up patient states about the mask beside it."""
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

    def save(
        self,
        path: str | Path,
        *,
        overwrite: bool = False,
        include_reference: bool = False,
        found: NDArray[np.uint8] | None = None,
    ) -> list[Path]:
        """Write the image, its mask and its request with `write_result`.

        Parameters
        ----------
        overwrite : bool
            Whether to replace files that are there.

        Raises
        ------
        SegPaintError
            If one of the files is there already, unless they are to be replaced.
        """
        there = next((file for file in result_files(Path(path)) if file.exists()), None)
        if there is not None and not overwrite:
            raise SegPaintError(f"{there} is there already; choose another name, or give overwrite=True.")
        return write_result(
            Path(path), self.pixels, self.request, self.labels,
            include_reference=include_reference, found=found,
        )  # fmt: skip

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
    found: NDArray[np.uint8] | None = None,
    measured: Mapping[str, object] | None = None,
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
    found : ndarray of uint8, shape (height, width), optional
        A mask found in the image, to write instead of the one asked for. The JSON file states this.
    measured : mapping of str to object, optional
        What was measured in mask and image, for the JSON file.

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
    what = about(request, pixels).as_dict() | ({} if found is None else {"mask": FOUND}) | {**(measured or {})}
    described = {ABOUT: what, **kept.model_dump(mode="json")}
    contents = (
        encode_image(pixels, request, include_reference=include_reference),
        encode_mask(request.final.mask if found is None else found, table),
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
    kept = request if include_reference else request.withheld()
    told = {REQUEST_KEY: kept.model_dump_json()} if is_finished else {}
    return encode_described(pixels, about(request, pixels), told)


def encode_described(
    pixels: NDArray[np.uint8], what: About, more: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """Encode an image as a PNG that states what it is.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    more : mapping of str to str
        Further texts, by their keys.
    """
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Software", f"SegPaint {__version__}")
    notes.add_text(SYNTHETIC, what.sentence)
    notes.add_text(KIND, what.word)
    if what.kind is not Kind.MADE:
        notes.add_text("Patient pixels", what.counted or "not known")
    for key, text in more.items():
        notes.add_text(key, text)
    return encode_png(Image.fromarray(pixels), pnginfo=notes)


def holds_request(path: Path) -> bool:
    """Check whether a file is a request or holds one, without checking it whole."""
    from segpaint.io.annotations import holds_annotations

    if path.suffix.lower() != ".png":
        return path.suffix.lower() == ".json" and not holds_annotations(path)
    with suppress(SegPaintError):
        return REQUEST_KEY in _texts(path)
    return False


def maker_of(path: Path) -> str:
    """Find which model made an image from a mask, by what its PNG states.

    Returns
    -------
    str
        The model's name; empty if it may show a patient: it states so, or nothing, or its request does.
    """
    if path.suffix.lower() != ".png":
        return ""
    with suppress(SegPaintError):
        texts = _texts(path)
        if REQUEST_KEY not in texts:
            return maker_in(texts)
        request = read_request(path)
        is_made = kind_of(request) is Kind.MADE and texts.get(KIND, Kind.MADE.value) == Kind.MADE.value
        return request.checkpoint if is_made else ""
    return ""


@reads("an image")
def _texts(path: Path) -> dict[str, str]:
    with look_at(path) as image:
        return {str(key): text for key, text in image.info.items() if isinstance(text, str)}


@reads("a request", "open another file, or make the image again")
def read_request(path: Path, content: bytes | None = None) -> Request:
    """Read a request from its JSON file or its image.

    The reference of a result of the history is put back; of others, it may be `Withheld`.

    Parameters
    ----------
    content : bytes, optional
        An image to read instead of the file.

    Raises
    ------
    SegPaintError
        If the file holds none.
    """
    if content is None:
        recover(path.parent)
    if content is None and path.suffix.lower() != ".png":
        return _with_reference_beside(parse_model(read_text(path, LARGEST_REQUEST), Request), path)
    with look_at(path, content) as image:
        spend(path, image.width * image.height)
        image.load()
        text = image.info.get(REQUEST_KEY)
    if text is None:
        raise SegPaintError(f"{path} was not made by SegPaint: it holds no request.")
    request = parse_model(str(text), Request)
    return _with_reference_beside(request, path) if content is None else request


def reference_beside(path: Path) -> Path:
    """Name the file in which the history keeps the reference of a result."""
    return path.parent / REFERENCES / path.name


def _with_reference_beside(request: Request, path: Path) -> Request:
    beside = reference_beside(path)
    if isinstance(request.origin, Withheld) and beside.is_file():
        with suppress(SegPaintError):  # damaged, or another one: the result is still read
            return request.with_reference(np.asarray(open_picture(beside)))
    return request
