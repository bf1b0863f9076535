"""Reads polygons as masks: a file of labelme, or one of COCO with a single image."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shapes import ellipse, polygon, rectangle
from segpaint.core.reading import LARGEST_REQUEST, read_json, reads, spend

LONGEST = 8192
"""Pixels of an image's longer side at most; more would fill the memory."""
MOST_WORK = 2**32
"""Pixels times corners that are drawn; a few seconds."""
MOST_NAMES = 254
Place = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
"""A column or row; what lies outside the image is cut off."""


@dataclass(frozen=True)
class Annotations:
    """Shapes drawn into a mask, later ones over earlier ones.

    Attributes
    ----------
    values : ndarray of uint8, shape (height, width)
        0 outside all shapes.
    names : tuple of str
        The name of each value; that of 0 is "background".
    """

    values: NDArray[np.uint8]
    names: tuple[str, ...]


class _Shape(BaseModel):
    label: str
    points: list[tuple[Place, Place]]
    shape_type: str | None = None
    """Old versions know polygons alone."""

    def fill(self, size: tuple[int, int]) -> Footprint:
        corners = [(row, column) for column, row in self.points]
        match self.shape_type or "polygon", corners:
            case "polygon", _:
                return polygon(corners, size)
            case "rectangle", [first, second]:
                return rectangle(first, second, size)
            case "circle", [centre, edge]:
                radius = float(np.hypot(edge[0] - centre[0], edge[1] - centre[1]))
                row, column = centre
                return ellipse((row - radius, column - radius), (row + radius, column + radius), size)
        raise SegPaintError(
            f"the shape of {self.label!r} is of the kind {self.shape_type!r}, and only polygons, rectangles, "
            "and circles enclose pixels."
        )


class _Labelme(BaseModel):
    height: int = Field(alias="imageHeight", ge=1, le=LONGEST)
    width: int = Field(alias="imageWidth", ge=1, le=LONGEST)
    shapes: list[_Shape]

    def drawn(self, path: Path) -> Annotations:
        size = self.height, self.width
        _check_work(path, size, [shape.points for shape in self.shapes])
        return _drawn(size, ((shape.label, [shape.fill(size)]) for shape in self.shapes))


class _Image(BaseModel):
    id: int | str
    height: int = Field(ge=1, le=LONGEST)
    width: int = Field(ge=1, le=LONGEST)


class _Category(BaseModel):
    id: int
    name: str


class _Runs(BaseModel):
    counts: list[int] | str
    size: tuple[int, int] | None = None

    def fill(self, size: tuple[int, int]) -> Footprint:
        if self.size not in (None, size):
            raise SegPaintError("its run lengths are of an image of another size.")
        counts = _decoded(self.counts) if isinstance(self.counts, str) else self.counts
        return Footprint(0, 0, _unrolled(counts, size))


class _Annotation(BaseModel):
    image_id: int | str
    category_id: int
    segmentation: list[list[Place]] | _Runs

    @property
    def rings(self) -> list[list[tuple[float, float]]]:
        if isinstance(self.segmentation, _Runs):
            return [[]]
        if any(len(ring) % 2 for ring in self.segmentation):
            raise SegPaintError("a polygon has a column without a row; each corner needs both.")
        return [list(zip(ring[::2], ring[1::2], strict=True)) for ring in self.segmentation]

    def fill(self, size: tuple[int, int]) -> list[Footprint]:
        if isinstance(self.segmentation, _Runs):
            return [self.segmentation.fill(size)]
        return [polygon([(row, column) for column, row in ring], size) for ring in self.rings]


class _Coco(BaseModel):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]

    def drawn(self, path: Path) -> Annotations:
        if len(self.images) != 1:
            raise SegPaintError(
                f"it annotates {len(self.images)} images, and a mask belongs to one; export that image alone."
            )
        (image,) = self.images
        names = {category.id: category.name for category in self.categories}
        if len(names) < len(self.categories):
            raise SegPaintError("two of its categories have one number; give each its own.")
        size, parts = (image.height, image.width), self.annotations
        strangers = [part.image_id for part in parts if str(part.image_id) != str(image.id)]
        if strangers:
            raise SegPaintError(f"it has no image {strangers[0]}, which an annotation refers to.")
        unknown = {part.category_id for part in parts} - names.keys()
        if unknown:
            raise SegPaintError(f"it has no category {min(unknown)}, which an annotation refers to.")
        _check_work(path, size, [ring for part in parts for ring in part.rings])
        return _drawn(size, ((names[part.category_id], part.fill(size)) for part in parts))


def holds_annotations(path: Path) -> bool:
    """Check whether a file is one of labelme or COCO, without checking it whole."""
    with suppress(SegPaintError, OSError):
        return path.suffix.lower() == ".json" and _kind(_content(path)) is not None
    return False


@reads("a mask", "export it anew")
def read_annotations(path: Path) -> Annotations:
    """Read the shapes in a file.

    Raises
    ------
    SegPaintError
        If the file is damaged, annotates several images, or has shapes that enclose nothing.
    """
    content = _content(path)
    return (_kind(content) or _Labelme).model_validate(content).drawn(path)


@reads("JSON", "export it anew")
def _content(path: Path) -> Any:
    return read_json(path, LARGEST_REQUEST)


def _kind(content: Any) -> type[_Labelme | _Coco] | None:
    if isinstance(content, dict) and "shapes" in content:
        return _Labelme
    return _Coco if isinstance(content, dict) and {"images", "annotations"} <= content.keys() else None


def _check_work(path: Path, size: tuple[int, int], rings: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Refuse what takes minutes to draw: each pixel of a shape's frame is held against each corner."""
    spend(path, size[0] * size[1])
    work = 0.0
    for ring in rings:
        work += size[0] * size[1]
        if ring:
            sides = np.ptp(np.clip(np.asarray(ring, np.float64), 0, size[::-1]), axis=0) + 1
            work += len(ring) * float(sides[0] * sides[1])
    if work > MOST_WORK:
        raise SegPaintError("its shapes are too many, or have too many corners, for so large an image.")


def _drawn(size: tuple[int, int], shapes: Iterable[tuple[str, list[Footprint]]]) -> Annotations:
    places = {"background": BACKGROUND}
    values = np.full(size, BACKGROUND, np.uint8)
    covering: list[bool] = []
    for name, footprints in shapes:
        place = places.setdefault(name, len(places))
        if place > MOST_NAMES:
            raise SegPaintError(f"it has more than {MOST_NAMES} names, and a mask has no more labels.")
        for shape in footprints:
            rows, columns = shape.inside.shape
            part = values[shape.top : shape.top + rows, shape.left : shape.left + columns]
            part[shape.inside] = place
            covering.append(bool(shape.inside.any()))
    if len(places) > 1 and not any(covering):
        raise SegPaintError("none of its shapes covers a pixel of the image.")
    return Annotations(values, tuple(places))


def _unrolled(counts: Sequence[int], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Unroll COCO's run lengths, which run down the columns and begin outside."""
    if min(counts, default=0) < 0 or sum(counts) != size[0] * size[1]:
        raise SegPaintError("its run lengths do not add up to the pixels of the image.")
    states = np.arange(len(counts)) % 2 == 1
    return np.repeat(states, counts).reshape(size, order="F")


def _decoded(text: str) -> list[int]:
    """Decode run lengths as pycocotools packs them: 5 bits in a character, differences from the fourth on."""
    counts: list[int] = []
    value = shift = 0
    for code in (ord(character) - 48 for character in text):
        if not 0 <= code < 64 or shift > 50:
            raise SegPaintError("its packed run lengths are damaged.")
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            value -= (code & 16) << (shift - 4)  # the sign
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = shift = 0
    return counts
