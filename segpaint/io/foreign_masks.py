"""Masks from elsewhere: images of few values or flat colours, and the label tables that lie beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Rgb, SourceValue, lookup
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.io.label_files import is_foreign, read_rows
from segpaint.io.label_tables import read_label_file
from segpaint.io.masks import fit_size, open_image
from segpaint.io.sizes import Fit

MOST_VALUES = 64
"""A slice shows no more labels than that; a picture has more shades."""
MOST_PLACES = 256
"""As many as 8 bits can number."""
MARGIN = MOST_PLACES
"""The place of what lies beside a padded mask: none of its values, and background whatever they mean."""
FLAT_MODES = ("RGB", "RGBA", "LA", "PA", "CMYK")
OPAQUE = 128
"""From this alpha on a pixel counts; what is more transparent than that is background."""


class PictureError(SegPaintError):
    """An image of so many shades or colours that it is no mask; it may be a reference."""


@dataclass(frozen=True)
class ForeignMask:
    """A mask whose values may mean anything.

    Attributes
    ----------
    path : Path
    places : ndarray of int32, shape (size, size)
        Which of the values each pixel holds, by its place among them; `MARGIN` beside a mask that was padded.
    sources : tuple of SourceValue
        At most 256, with the pixels that the file has of each.
    """

    path: Path
    places: NDArray[np.int32]
    sources: tuple[SourceValue, ...]

    @property
    def is_black_and_white(self) -> bool:
        """Whether it looks like a picture of one label, whose white would be taken for free."""
        indices = {source.index for source in self.sources}
        return FREE in indices <= {BACKGROUND, FREE} and all(source.color is None for source in self.sources)

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The pixels in the colours of their values, black beside a mask that was padded.

        Returns
        -------
        ndarray of uint8, shape (size, size, 3)
        """
        shades = np.zeros((MARGIN + 1, 3), np.uint8)
        shades[: len(self.sources)] = self.colors
        return shades[self.places]

    @property
    def colors(self) -> NDArray[np.uint8]:
        """Red, green and blue of each value; evenly spaced greys where the file has no colours.

        Returns
        -------
        ndarray of uint8, shape (values, 3)
        """
        greys = np.linspace(0, 255, len(self.sources)) if len(self.sources) > 1 else [0]
        shades = [
            (round(grey),) * 3 if source.color is None else source.color
            for source, grey in zip(self.sources, greys, strict=True)
        ]
        return np.array(shades, np.uint8)

    def mask(self, targets: Sequence[int | None]) -> NDArray[np.uint8]:
        """The mask in a checkpoint's labels, if this is what each value means.

        Returns
        -------
        ndarray of uint8, shape (size, size)
        """
        values: NDArray[np.uint8] = np.append(lookup(targets), np.uint8(BACKGROUND))[self.places]
        return values


def read_foreign_mask(
    path: Path, table: LabelTable, size: int, fit: Fit | None = None, *, content: bytes | None = None
) -> ForeignMask:
    """Read a mask that may come from another program.

    Parameters
    ----------
    path : Path
        An image: grey with 8 or 16 bits, with a palette, or in flat colours. A coloured mode that shows
        nothing but greys counts as grey, and so does a palette.
    table : LabelTable
        Of the checkpoint.
    size : int
        Height and width that the checkpoint takes.
    fit : Fit, optional
        What to do with a mask of another size; the nearest pixel is taken, and what is padded is background.
    content : bytes, optional
        What to read instead of the file.

    Returns
    -------
    ForeignMask

    Raises
    ------
    WrongSizeError
        If it has another size, and no way to fit it is given.
    PictureError
        If it holds so many values that nobody could say what each means.
    SegPaintError
        If it cannot be read.
    """
    image = open_image(path, content)
    is_flat = image.mode in FLAT_MODES
    if not (is_flat or image.mode in ("1", "L", "P") or image.mode.startswith("I")):
        raise SegPaintError(f"{path} is of mode {image.mode}, which is no mask; save it as a PNG.")
    numbers = _packed(path, image) if is_flat else np.asarray(image) + np.uint8(0)  # of one bit, 0 and 1
    values, places, counts = _counted(numbers)
    if len(values) > MOST_PLACES:
        raise _is_picture(path)
    indices, colors = _told(image, values.tolist())
    sources = tuple(
        SourceValue(index, pixels, colors.get(place))
        for place, (index, pixels) in enumerate(zip(indices, counts.tolist(), strict=True))
    )
    known = {BACKGROUND, FREE, *table.indices}
    if len(sources) > MOST_VALUES and not known.issuperset(indices):
        raise _is_picture(path)
    square = fit_size(path, Image.fromarray(places.astype(np.int32, copy=False)), size, fit, MARGIN)
    return ForeignMask(path, np.asarray(square), sources)


def table_beside(path: Path) -> Path | None:
    """The label table of a mask: of its own name, or else ``dseg.tsv`` or ``labels.json`` in its folder."""
    own = [path.with_suffix(ending) for ending in (".label", ".ctbl", ".tsv", ".txt")]
    places = [*own, path.with_name("dseg.tsv"), path.with_name("labels.json")]
    return next((place for place in places if place.is_file()), None)


def read_names(path: Path) -> dict[int | Rgb, str]:
    """How a label table of any kind names indices, and colours that it has but once; see `with_names`.

    Raises
    ------
    SegPaintError
        If it is missing or is no label table.
    """
    if is_foreign(path):
        rows = [(row.index, row.name, row.color) for row in read_rows(path)]
    else:
        rows = [(label.index, label.name, label.color) for label in read_label_file(path).table]
    times = Counter(color for _, _, color in rows)
    names: dict[int | Rgb, str] = {index: name for index, name, _ in rows}
    for _, name, color in rows:
        if color is not None and times[color] == 1:
            names[_unpacked(int(color[1:], 16))] = name
    return names


def _counted(
    numbers: NDArray[np.integer],
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]:
    """The values, in order; the place among them of what each pixel holds; and how many pixels hold each."""
    if numbers.dtype in (np.uint8, np.uint16):  # there are so few that they need not be sorted
        counts = np.bincount(numbers.ravel())
        values = np.flatnonzero(counts)
        places = np.zeros(len(counts), np.int32)
        places[values] = np.arange(len(values))
        return values, places[numbers], counts[values]
    values = np.unique(numbers)
    found = np.searchsorted(values, numbers)  # several times as fast as the inverse that unique can give
    return values, found, np.bincount(found.ravel())


def _packed(path: Path, image: Image.Image) -> NDArray[np.int32]:
    """Each pixel's colour as one number."""
    clear = image.convert("RGBA")
    flat = Image.new("RGB", image.size)
    flat.paste(clear.convert("RGB"), mask=clear.getchannel("A").point([0] * OPAQUE + [255] * (256 - OPAQUE)))
    if flat.getcolors(MOST_PLACES) is None:  # sooner told than by sorting all the pixels of a photograph
        raise _is_picture(path)
    red, green, blue = (np.asarray(band).astype(np.int32) for band in flat.split())
    return red << 16 | green << 8 | blue


def _told(image: Image.Image, values: list[int]) -> tuple[list[int | None], dict[int, Rgb]]:
    """The index of each value, and the colours of their places as far as they are told."""
    if image.mode in FLAT_MODES:
        colors = [_unpacked(value) for value in values]
        if _are_grey(colors):
            return [red for red, _, _ in colors], {}
        return [None] * len(values), dict(enumerate(colors))
    parts = (image.getpalette("RGB") if image.mode == "P" else None) or []
    palette = list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))
    if _are_grey(palette):
        return [*values], {}
    return [*values], {place: palette[value] for place, value in enumerate(values) if value < len(palette)}


def _unpacked(color: int) -> Rgb:
    return color >> 16, color >> 8 & 255, color & 255


def _are_grey(colors: Iterable[Rgb]) -> bool:
    return all(red == green == blue for red, green, blue in colors)


def _is_picture(path: Path) -> PictureError:
    return PictureError(
        f"{path} has more than {MOST_VALUES} colours or shades, so it is a picture, not a mask. Open it with "
        "File > Open reference; or if it is a mask, save it as a PNG without smooth edges."
    )
