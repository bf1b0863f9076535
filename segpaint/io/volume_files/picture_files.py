"""Reads pictures, pages of TIFF, and arrays of NumPy as volumes of one slice or of several."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import check_regular, look_at, parse_array, read_bytes, reads, spend
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import MOST_BYTES, ArrayVoxels, Stored, Values, Volume
from segpaint.io.image_files import open_image
from segpaint.io.results import maker_of

PLAIN = ("L", "RGB", "I;16", "I", "F")
"""Pillow's modes whose values are used as they are."""
DENSITIES = ("dpi", "aspect", "jfif_density")
"""Where Pillow puts the pixels to a unit: across and down."""
MOST_ASPECT = 20.0
"""What is beyond is taken for a mistake in the file."""


@reads("a picture")
def read_picture(path: Path) -> Volume:
    """Read a PNG, JPEG, or another file of Pillow as a volume of one slice.

    Values of 8 and 16 bits stay as they are stored. Colours whose three parts are alike become grey.

    Raises
    ------
    SegPaintError
        If it is damaged, too large, or holds several pictures.
    """
    image = open_image(path)
    read = _volume(path, _pixels(image)[None], _remarks(path, image), _aspect(image))
    return replace(read, made_by=maker_of(path))


@reads("a TIFF")
def read_pages(path: Path) -> Volume:
    """Read a TIFF, whose pages are slices.

    Raises
    ------
    SegPaintError
        If it is damaged, too large, or its pages differ in size or kind.
    """
    pages: list[Values] = []
    with look_at(path, formats=("TIFF",)) as image:
        remarks, aspect = _remarks(path, image), 1.0
        with suppress(EOFError):  # after the last page
            while True:
                image.seek(len(pages))
                aspect = _aspect(image)
                spend(path, image.width * image.height)
                pages.append(_pixels(image))
                if (pages[-1].shape, pages[-1].dtype) != (pages[0].shape, pages[0].dtype):
                    raise SegPaintError("its pages differ in size or kind; save those of one kind.")
    return _volume(path, np.stack(pages), remarks, aspect)


def _remarks(path: Path, image: Image.Image) -> list[str]:
    remarks = []
    if image.info.get("channel bits") == 16:
        remarks.append(f"{path.name} has colours of 16 bits; the upper 8 of them are used.")
    if image.mode in ("P", "1"):
        remarks.append(
            f"{path.name} has a palette, as masks have. Its colours are shown; open it as a mask if it is one."
        )
    if image.mode in ("LA", "La", "RGBA", "RGBa", "PA"):
        remarks.append(f"{path.name} is transparent in parts. It is shown without its transparency.")
    return remarks


def _pixels(image: Image.Image) -> Values:
    """Convert an image to values: shape (rows, columns), or uint8 (rows, columns, 3)."""
    if image.mode not in PLAIN:
        is_grey = image.mode in ("1", "LA", "La") or image.mode.startswith("I;16")
        image = image.convert("I" if image.mode.startswith("I;16") else "L" if is_grey else "RGB")
    return _without_colors(np.array(image))


@reads("an array of NumPy")
def read_numpy(path: Path) -> Volume:
    """Read an NPY file, or the largest array in an NPZ file; neither may hold objects of Python.

    Axes are rows and columns, or slices, rows, and columns. A last axis of 3 bytes is RGB.

    Raises
    ------
    SegPaintError
        If it is damaged, would fill the memory, or holds no numbers of 2 or 3 axes.
    """
    check_regular(path, MOST_BYTES)
    content = read_bytes(path, MOST_BYTES)
    remarks = []
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name, content, others = _largest(archive)
        if others:
            remarks.append(f"{path.name} holds several arrays: “{name}” is the largest and is used.")
    values = parse_array(content)
    if values.dtype.kind not in "buif" or not values.size:
        raise SegPaintError("it holds no numbers; save the array of the image alone.")
    kind = {"b": "uint8", "f": "float64" if values.dtype.itemsize > 4 else "float32"}.get(values.dtype.kind)
    values = np.array(values, kind or values.dtype.newbyteorder("="), order="C")
    is_color = values.dtype == np.uint8 and values.ndim in (3, 4) and values.shape[-1] == 3
    if values.ndim - is_color not in (2, 3):
        axes = " x ".join(map(str, values.shape))
        raise SegPaintError(f"it has {values.ndim} axes ({axes}); save rows and columns, or slices of these.")
    if values.ndim - is_color == 2:
        values = _without_colors(values)[None] if is_color else values[None]
    return _volume(path, values, remarks)


def _largest(archive: zipfile.ZipFile) -> tuple[str, bytes, int]:
    """Unpack the largest array of an NPZ file: its name, its NPY file, and how many others there are."""
    arrays = [one for one in archive.infolist() if one.filename.endswith(".npy")]
    if not arrays:
        raise SegPaintError("it holds no array.")
    chosen = max(arrays, key=lambda one: one.file_size)
    if chosen.file_size > MOST_BYTES:
        raise SegPaintError("it would fill the memory; save what is needed alone.")
    with archive.open(chosen) as file:  # which ends after the size that is promised
        return chosen.filename.removesuffix(".npy"), file.read(chosen.file_size), len(arrays) - 1


def _without_colors(pixels: Values) -> Values:
    """Keep one of three colours that are alike; shape (rows, columns, 3) or (rows, columns) to the same."""
    is_grey = pixels.ndim == 3 and bool((pixels == pixels[..., :1]).all())
    return pixels[..., 0].copy() if is_grey else pixels


def _aspect(image: Image.Image) -> float:
    """Find the height of a pixel divided by its width, from how many there are to a unit of length."""
    density = next((image.info[name] for name in DENSITIES if name in image.info), (1, 1))
    with suppress(TypeError, ValueError, ArithmeticError):  # the file is odd
        across, down = map(float, density)
        if across > 0 and down > 0 and 1 / MOST_ASPECT < across / down < MOST_ASPECT:
            return across / down
    return 1.0


def _volume(path: Path, values: Values, remarks: Sequence[str], aspect: float = 1.0) -> Volume:
    geometry = Geometry.of(
        values.shape[:3], (0, 0, 0), (1, aspect, 1), np.eye(3), is_placed=False, is_measured=False
    )
    stored = Stored(str(values.dtype))
    return Volume(ArrayVoxels(values[None]), geometry, path.name, stored, remarks=tuple(remarks))
