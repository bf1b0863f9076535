"""Fields of pydantic models for read-only pixels, stored in JSON as a PNG in base64."""

import base64
from pathlib import Path, PurePath
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BeforeValidator, PlainSerializer

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png
from segpaint.core.reading import look_at, spend

INSIDE = Path("the PNG")


def _freeze(value: Any, mode: str | None) -> NDArray[np.uint8]:
    if isinstance(value, str):
        try:
            content = base64.b64decode(value)
            with look_at(INSIDE, content, formats=("PNG",)) as image:
                spend(INSIDE, image.width * image.height)
                value = np.asarray(image.convert(mode or ("RGB" if image.mode == "RGB" else "L")))
        except (OSError, SegPaintError, SyntaxError) as error:
            raise ValueError("is not a PNG in base64, or too large") from error
    if isinstance(value, PurePath):
        raise ValueError("is a path; read its file first, as read_mask and read_reference do")  # noqa: TRY004 - pydantic
    try:
        given = np.asarray(value)
        with np.errstate(invalid="ignore"):  # NaN, which is refused below
            pixels = np.array(given, np.uint8)
        is_whole = given.dtype == np.uint8 or np.array_equal(given, pixels)
    except (TypeError, ValueError, OverflowError):
        is_whole = False
    if not is_whole:
        raise ValueError("holds something else than whole numbers from 0 to 255")
    pixels.flags.writeable = False
    return pixels


def _read_mask(value: Any) -> NDArray[np.uint8]:
    mask = _freeze(value, "L")
    if mask.ndim != 2:
        raise ValueError("has not two dimensions")
    return mask


def _read_image(value: Any) -> NDArray[np.uint8]:
    image = _freeze(value, None)
    if image.ndim != 2 and image.shape[2:] != (3,):
        raise ValueError("is neither grey nor RGB")
    return image


def _write(pixels: NDArray[np.uint8]) -> str:
    return base64.b64encode(encode_png(Image.fromarray(pixels))).decode()


FrozenMask = Annotated[NDArray[np.uint8], BeforeValidator(_read_mask), PlainSerializer(_write, return_type=str)]
FrozenImage = Annotated[
    NDArray[np.uint8], BeforeValidator(_read_image), PlainSerializer(_write, return_type=str)
]
