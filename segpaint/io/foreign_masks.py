"""Reads masks of other programs, of few values or flat colours, and the label tables beside them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Rgb, SourceValue, lookup
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.core.reading import reads
from segpaint.core.words import counted
from segpaint.io.image_files import LossyError, open_mask_image
from segpaint.io.label_files import is_foreign, read_rows
from segpaint.io.label_tables import read_label_file
from segpaint.io.masks import fit_size
from segpaint.io.sizes import Fit

MOST_VALUES = 64
"""The most labels that a slice shows; a picture has more shades."""
MOST_PLACES = 256
"""The most values of 8 bits."""
MARGIN = MOST_PLACES
"""The place of pixels beside a padded mask, which are always background."""
FLAT_MODES = ("RGB", "RGBA", "LA", "PA", "CMYK")
EDGE = 16
"""The most pixels of a colour that are taken for a smooth edge, and left out where they are transparent."""


class PictureError(SegPaintError):
    """An image with too many shades or colours to be a mask, or with changed ones; it may be a reference."""


@dataclass(frozen=True)
class ForeignMask:
    """A mask whose values are not yet mapped to labels.

    Attributes
    ----------
    places : ndarray of int32, shape (size, size)
        For each pixel, the position of its value in `sources`; `MARGIN` beside a padded mask.
    sources : tuple of SourceValue
        At most 256, with the number of pixels of each in the file.
    """

    path: Path
    places: NDArray[np.int32]
    sources: tuple[SourceValue, ...]

    @property
    def is_black_and_white(self) -> bool:
        """Whether all values are 0 or 255: probably one label, whose white would be taken for free."""
        indices = {source.index for source in self.sources}
        return FREE in indices <= {BACKGROUND, FREE} and all(source.color is None for source in self.sources)

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The pixels in the colours of their values, shape (size, size, 3); black beside a padded mask."""
        shades = np.zeros((MARGIN + 1, 3), np.uint8)
        shades[: len(self.sources)] = self.colors
        return shades[self.places]

    @property
    def colors(self) -> NDArray[np.uint8]:
        """The colour of each value, shape (values, 3); evenly spaced greys where the file has none."""
        greys = np.linspace(0, 255, len(self.sources)) if len(self.sources) > 1 else [0]
        shades = [
            (round(grey),) * 3 if source.color is None else source.color
            for source, grey in zip(self.sources, greys, strict=True)
        ]
        return np.array(shades, np.uint8)

    def mask(self, targets: Sequence[int | None]) -> NDArray[np.uint8]:
        """Translate the mask, shape (size, size), into a checkpoint's labels, given the label of each value."""
        values: NDArray[np.uint8] = np.append(lookup(targets), np.uint8(BACKGROUND))[self.places]
        return values


@reads("a mask", "save it anew as a PNG")
def read_foreign_mask(
    path: Path, table: LabelTable, size: int, fit: Fit | None = None, *, content: bytes | None = None
) -> ForeignMask:
    """Read a mask that may come from another program.

    Parameters
    ----------
    path : Path
        An image: grey with 8 or 16 bits, with a palette, or in flat colours. Colours or a palette of greys
        alone count as grey. Or polygons of labelme or COCO.
    table : LabelTable
        Of the checkpoint.
    size : int
        Height and width that the checkpoint takes.
    fit : Fit, optional
        How to resample a mask of another size, by the nearest pixel; padding is background.
    content : bytes, optional
        Read instead of the file.

    Raises
    ------
    WrongSizeError
        If it has another size and `fit` is None.
    PictureError
        If it holds too many values to be a mask, or its compression has changed them.
    SegPaintError
        If it cannot be read.
    """
    from segpaint.io.annotations import holds_annotations

    if content is None and holds_annotations(path):
        places, sources = _annotated(path)
    else:
        try:
            image = open_mask_image(path, content)
        except LossyError as error:
            raise PictureError(str(error)) from error
        places, sources = _told_apart(path, image, table)
    square = fit_size(path, Image.fromarray(places.astype(np.int32, copy=False)), size, fit, MARGIN)
    return ForeignMask(path, np.asarray(square), sources)


def _annotated(path: Path) -> tuple[NDArray[np.integer], tuple[SourceValue, ...]]:
    """Read polygons: the place of each pixel's value, and the named values."""
    from segpaint.io.annotations import read_annotations

    read = read_annotations(path)
    counts = np.bincount(read.values.ravel(), minlength=len(read.names)).tolist()
    named = enumerate(zip(counts, read.names, strict=True))
    return read.values, tuple(SourceValue(value, pixels, name=name) for value, (pixels, name) in named)


def _told_apart(
    path: Path, image: Image.Image, table: LabelTable
) -> tuple[NDArray[np.integer], tuple[SourceValue, ...]]:
    """Tell the values of an image apart: the place of each pixel's value, and the values."""
    is_flat = image.mode in FLAT_MODES
    if not (is_flat or image.mode in ("L", "P") or image.mode.startswith("I")):
        raise SegPaintError(f"{path} is of mode {image.mode}, which is no mask; save it as a PNG.")
    numbers = _packed(path, image) if is_flat else np.asarray(image)
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
    return places, sources


def table_beside(path: Path) -> Path | None:
    """Find the label table beside a mask: of its own name, or ``labels.json`` and the like."""
    own = [path.with_suffix(ending) for ending in (".label", ".ctbl", ".tsv", ".csv", ".txt")]
    places = [*own, *(path.with_name(name) for name in ("dseg.tsv", "labels.json", "labelmap.txt"))]
    return next((place for place in places if place.is_file()), None)


@reads("a label table", "write it anew")
def read_names(path: Path) -> dict[int | Rgb, str]:
    """Read how a label table of any kind names indices and unique colours; see `with_names`.

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
    """List the values in order, the position of each pixel's value among them, and the pixels of each value."""
    if not numbers.size or (numbers.min() >= 0 and numbers.max() < 2**24):  # counted without sorting
        counts = np.bincount(numbers.ravel())
        values = np.flatnonzero(counts)
        places = np.zeros(len(counts), np.int32)
        places[values] = np.arange(len(values))
        return values, places[numbers], counts[values]
    values = np.unique(numbers)
    found = np.searchsorted(values, numbers)  # several times as fast as the inverse of np.unique
    return values, found, np.bincount(found.ravel())


def _packed(path: Path, image: Image.Image) -> NDArray[np.int32]:
    """Pack each pixel's colour into one number; what is far more transparent than the rest is background."""
    clear = image.convert("RGBA")
    alpha = clear.getchannel("A")
    least = (int(np.asarray(alpha).max()) + 1) // 2  # of overlays, which are transparent everywhere
    kept = alpha.point([255 * (level >= max(least, 1)) for level in range(256)])
    flat = Image.new("RGB", image.size)
    flat.paste(clear.convert("RGB"), mask=kept)
    colors = flat.getcolors(MOST_PLACES)  # faster than sorting all pixels of a photograph
    if colors is None:
        raise _is_picture(path)
    _check_transparent(path, clear, kept, {color for _, color in colors}, all_clear=not least)
    pixels = np.asarray(flat)
    packed = np.zeros(pixels.shape[:2], np.int32)
    for channel in range(3):  # one at a time, to save memory
        packed <<= 8
        packed |= pixels[..., channel]
    return packed


def _check_transparent(
    path: Path, clear: Image.Image, kept: Image.Image, known: Collection[object], *, all_clear: bool
) -> None:
    """Refuse a mask in which a whole colour is more transparent than others, and so would be left out."""
    left_out = np.asarray(kept) == 0
    if not all_clear:
        left_out &= np.asarray(clear.getchannel("A")) > 0
    red, green, blue, _ = np.asarray(clear)[left_out].T.astype(np.int32)
    colors, counts = np.unique(red << 16 | green << 8 | blue, return_counts=True)
    for color, count in zip(colors.tolist(), counts.tolist(), strict=True):
        if color and count > EDGE and _unpacked(color) not in known:
            raise SegPaintError(
                f"{path} holds {counted(count, 'transparent pixel')} of the colour #{color:06x}, which may be "
                "a label; save it without transparency, or with the same for all labels."
            )


def _told(image: Image.Image, values: list[int]) -> tuple[list[int | None], dict[int, Rgb]]:
    """Find the index of each value, and the known colours by position."""
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
        "File > Open scan or File > Open reference; or if it is a mask, save it as a PNG without smooth edges."
    )
