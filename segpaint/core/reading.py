"""The one way in for files: whatever is read from a disk or out of another file is read through here.

A reader is a function that `reads` marks. It opens regular files alone, of named formats, and is bounded before
anything is allocated. Whatever it raises becomes one sentence that names the file. A test walks over `READERS`
and feeds each with damaged files, so a reader that is added later is tried, too.
"""

import codecs
import io
import math
import os
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from PIL import Image, ImageOps
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from segpaint.core.errors import NO_MEMORY, SegPaintError, first_problem
from segpaint.core.known_files import COMMENT, recognise

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_FILE = 512 * 2**20
"""Bytes of an image: more than the pixels of `MOST_PIXELS` ever need."""
LARGEST_TEXT = 4 * 2**20
"""Bytes of a text, table or configuration: a hundred times those that people have."""
LARGEST_REQUEST = 64 * 2**20
"""Bytes of a file of requests: two colour images of 4096 x 4096 pixels, as PNG in base64."""
LARGEST_RECORD = 64 * 2**20
"""Bytes of a log, or of a record of many cases: two million lines."""
MOST_VALUES = 200_000
"""Values in a JSON file; a hundred thousand errors of pydantic still fit into memory."""
MOST_PIXELS = 2**25
"""Pixels of one file: two masks of the largest checkpoint, or an image of 5792 x 5792."""
MOST_DECODED = 2**28
"""Pixels that one reader decodes: a thousand masks of 512 x 512 inside one request."""
MOST_REASON = 300
"""Characters of a library's own words in a sentence; it may quote the file."""
PICTURES = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
"""The formats that Pillow may try. Others start programs (PostScript: Ghostscript) or are rare and old."""

P = ParamSpec("P")
R = TypeVar("R")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Reader:
    """A function that reads files.

    Attributes
    ----------
    kind : str
        What it reads, as in "cannot be read as …".
    remedy : str
        What the user can do.
    """

    kind: str
    remedy: str
    function: Callable[..., Any]


READERS: dict[str, Reader] = {}
"""All readers by module and name; a module's are listed once it is imported."""
_left: ContextVar[list[int] | None] = ContextVar(
    "pixels that the reader at work may still decode", default=None
)


def reads(
    kind: str, remedy: str = "get it again, whole"
) -> Callable[[Callable[Concatenate[Path, P], R]], Callable[Concatenate[str | Path, P], R]]:
    """Mark a function, whose first argument is the path, as a reader: it raises nothing but `SegPaintError`.

    Parameters
    ----------
    kind, remedy : str
        See `Reader`.
    """

    def mark(function: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[str | Path, P], R]:
        @wraps(function)
        def guarded(path: str | Path, /, *words: P.args, **named: P.kwargs) -> R:
            token = _left.set([MOST_DECODED])
            try:
                return function(Path(path), *words, **named)
            except SegPaintError as error:
                sentence = str(error).replace("\n", "\\n")  # a name in the file may forge another sentence
                if str(path) not in str(error):
                    sentence = f"{path} cannot be read as {kind}: {sentence}"
                if sentence == str(error):
                    raise
                raise SegPaintError(sentence) from error
            except FileNotFoundError as error:
                raise SegPaintError(f"There is no file {error.filename or path}.") from None
            except Exception as error:
                raise SegPaintError(f"{path} cannot be read as {kind}: {_reason(error)}; {remedy}.") from error
            finally:
                _left.reset(token)

        READERS[f"{function.__module__}.{function.__qualname__}"] = Reader(kind, remedy, guarded)
        return guarded

    return mark


def _reason(error: Exception) -> str:
    """Write what was wrong as a clause; libraries raise nearly anything for a damaged file."""
    match error:
        case ValidationError():
            reason = first_problem(error)
        case RecursionError():
            reason = "it is nested too deeply"
        case MemoryError():
            reason = NO_MEMORY
        case UnicodeError():
            reason = "it is not text in UTF-8"
        case KeyError():
            reason = f"it lacks {error}"
        case TypeError() | AttributeError() | IndexError():  # Python's words on our code
            reason = "its parts are of other kinds than they should be"
        case OSError() if error.strerror:
            reason = error.strerror
        case _:
            reason = str(error)
    plain = " ".join(reason.split()).rstrip(".")[:MOST_REASON]
    return plain or f"it is damaged ({type(error).__name__})"


# ---- bytes


@contextmanager
def open_regular(path: Path, most: int = LARGEST_FILE) -> Iterator[io.BufferedReader]:
    """Open a regular file to read.

    Parameters
    ----------
    most : int
        The most bytes that it may have.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    SegPaintError
        If it is a folder, a pipe or a device, or too large.
    """
    check_regular(path, most)
    # Not blocking: somebody may put a pipe in its place meanwhile.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - of a descriptor
        _check_status(path, os.fstat(descriptor), most)
        yield file


def check_regular(path: Path, most: int = LARGEST_FILE) -> None:
    """Check that a file, for a library that opens it by its path, is regular and not too large.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    SegPaintError
        If it is a folder, a pipe or a device, or too large.
    """
    try:
        status = path.stat()
    except ValueError:  # a name with a zero byte
        raise FileNotFoundError(None, None, str(path)) from None
    _check_status(path, status, most)


def _check_status(path: Path, status: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise SegPaintError(f"{path} is a folder; give a file.")
    if not stat.S_ISREG(status.st_mode):
        raise SegPaintError(f"{path} is no regular file but a pipe or a device; give a file on a disk.")
    if status.st_size > most:
        raise SegPaintError(
            f"{path} has {status.st_size / 2**20:,.0f} MiB, and at most {most / 2**20:,.0f} MiB are read of "
            "such a file; cut out or shrink what is needed."
        )


def read_bytes(path: Path, most: int = LARGEST_FILE) -> bytes:
    """Read a regular file whole, see `open_regular`."""
    with open_regular(path, most) as file:
        return file.read(most)


# ---- text


def read_text(path: Path, most: int = LARGEST_TEXT, *, old: bool = False) -> str:
    """Read a text in UTF-8, with or without a byte order mark, or in UTF-16.

    Parameters
    ----------
    old : bool
        Whether a text of neither is taken for Windows' old code page of Western Europe.

    Raises
    ------
    SegPaintError
        If it is too large, or a known file of another kind.
    UnicodeError
        If it is of another encoding.
    """
    content = read_bytes(path, most)
    known = recognise(content)
    if known is not None:
        raise SegPaintError(f"{path} is {known}; it is no text, as is wanted here.")
    return decode(content, old=old)


def decode(content: bytes, *, old: bool = False) -> str:
    """Decode a text, see `read_text`."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    if b"\0" in content[:2]:
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if old:
            return content.decode("cp1252", errors="replace")
        raise


def read_json(path: Path, most: int = LARGEST_TEXT) -> Any:
    """Read a JSON file, see `parse_json`."""
    return parse_json(read_text(path, most))


def parse_json(text: str) -> Any:
    """Parse JSON of at most `MOST_VALUES` values, nested at most 200 deep.

    Raises
    ------
    ValueError
        If it is no JSON, or holds or nests more.
    """
    _check_count(text)
    return from_json(text)


def read_model(path: Path, kind: type[Model], most: int = LARGEST_TEXT) -> Model:
    """Read a JSON file into a model of pydantic."""
    return parse_model(read_text(path, most), kind)


def parse_model(text: str, kind: type[Model]) -> Model:
    """Parse JSON into a model of pydantic, see `parse_json`."""
    _check_count(text)
    return kind.model_validate_json(text)


def _check_count(text: str) -> None:
    if text.count(",") > MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES:,} values")


# ---- arrays


def read_array(path: Path) -> "NDArray[Any]":
    """Read a file of NumPy's own format, see `parse_array`."""
    return parse_array(read_bytes(path))


def parse_array(content: bytes) -> "NDArray[Any]":
    """Read an array in NumPy's own format, which may hold no objects and has to be as long as it claims.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    import numpy as np  # here, for the help of a command is to load nothing large

    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError("it is of a newer kind than is known here")
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = header(file)
    if math.prod(shape) * kind.itemsize != len(content) - file.tell():
        raise ValueError("it is cut short")
    file.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


# ---- pictures


def open_picture(path: Path, content: bytes | None = None) -> Image.Image:
    """Read the pixels of an image file, upright as its EXIF orientation asks.

    Parameters
    ----------
    content : bytes, optional
        Read instead of the file.

    Returns
    -------
    PIL.Image.Image
        Loaded. Its ``info["channel bits"]`` is 16 where Pillow has kept only the upper 8 bits of each channel,
        and 2 or 4 where it has spread grey levels of so many bits from 0 to 255. ``info["is lossy"]`` is there
        if its compression changes values, and ``info["is of several"]`` if the file holds more pictures.

    Raises
    ------
    SegPaintError
        If it is none of `PICTURES`, or has too many pixels.
    """
    with look_at(path, content) as image:
        spend(path, image.width * image.height)
        stored = " ".join(str(tile[3]) for tile in getattr(image, "tile", []))
        notes: dict[Any, Any] = {}
        if image.mode in ("LA", "RGB", "RGBA") and ";16" in stored:
            notes["channel bits"] = 16
        elif image.mode == "L" and ("L;2" in stored or "L;4" in stored):
            notes["channel bits"] = 2 if "L;2" in stored else 4
        if image.format not in ("JPEG", "MPO") and getattr(image, "is_animated", False):
            notes["is of several"] = True  # a camera's JPEG may hold a second one, for a preview
        image.load()
        with suppress(SyntaxError, ValueError, LookupError, TypeError, struct.error):  # EXIF data are damaged
            ImageOps.exif_transpose(image, in_place=True)
        image.info.update(notes)
        return image


@contextmanager
def look_at(
    path: Path, content: bytes | None = None, formats: tuple[str, ...] = PICTURES
) -> Iterator[Image.Image]:
    """Open an image file without its pixels, see `open_picture`."""
    given = read_bytes(path) if content is None else content
    try:
        with Image.open(io.BytesIO(given), formats=formats) as image:
            if _is_lossy(image, given):
                image.info["is lossy"] = True
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(path) from None
    except (OSError, SyntaxError) as error:  # UnidentifiedImageError among them
        known = recognise(given)
        if known is not None and not known.endswith(" image"):
            raise SegPaintError(f"{path} is {known}.") from error
        reason = "it is damaged or no image" if given else "it is empty"
        raise SegPaintError(f"{path} cannot be read as an image: {reason}; give a PNG.") from error
    except ValueError as error:
        if "MAX_TEXT" not in str(error):  # Pillow's limits of comments
            raise
        raise SegPaintError(f"{path} is {COMMENT}.") from error


def _is_lossy(image: Image.Image, content: bytes) -> bool:
    match image.format:
        case "JPEG" | "MPO":
            return True
        case "WEBP":
            return b"VP8L" not in content
    return image.format == "TIFF" and "jpeg" in str(image.info.get("compression"))


def spend(path: Path, pixels: int) -> None:
    """Count pixels that are about to be decoded.

    Raises
    ------
    SegPaintError
        If a file has more than `MOST_PIXELS`, or all that one reader decodes more than `MOST_DECODED`.
    """
    left = _left.get()
    if left is not None:
        left[0] -= pixels
    if pixels > min(MOST_PIXELS, Image.MAX_IMAGE_PIXELS or MOST_PIXELS) or (left is not None and left[0] < 0):
        raise _too_many(path)


def _too_many(path: Path) -> SegPaintError:
    return SegPaintError(f"{path} has too many pixels to be opened; cut out or shrink what is needed.")
