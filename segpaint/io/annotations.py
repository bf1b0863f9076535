"""Reads polygons as masks: a file of labelme, or one of COCO with a single image."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shapes import Point, ellipse, polygon, rectangle
from segpaint.core.reading import LARGEST_REQUEST, read_json, reads, spend

LONGEST = 8192
"""Pixels of an image's longer side at most; more would fill the memory."""
MOST_WORK = 2**32
"""Pixels times corners that are drawn; a few seconds."""
MOST_NAMES = 254


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
    points: list[Point]
    shape_type: str = "polygon"

    def fill(self, size: tuple[int, int]) -> Footprint:
        corners = [(row, column) for column, row in self.points]
        match self.shape_type, corners:
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
    counts: list[int]


class _Annotation(BaseModel):
    image_id: int | str
    category_id: int
    segmentation: list[list[float]] | _Runs

    @property
    def rings(self) -> list[list[Point]]:
        if isinstance(self.segmentation, _Runs):
            return [[]]
        return [list(zip(ring[::2], ring[1::2], strict=True)) for ring in self.segmentation]

    def fill(self, size: tuple[int, int]) -> list[Footprint]:
        if isinstance(self.segmentation, _Runs):
            return [Footprint(0, 0, _unrolled(self.segmentation.counts, size))]
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
        size = image.height, image.width
        own = [annotation for annotation in self.annotations if annotation.image_id == image.id]
        unknown = {annotation.category_id for annotation in own} - names.keys()
        if unknown:
            raise SegPaintError(f"it has no category {min(unknown)}, which an annotation refers to.")
        _check_work(path, size, [ring for annotation in own for ring in annotation.rings])
        return _drawn(size, ((names[annotation.category_id], annotation.fill(size)) for annotation in own))


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


def _check_work(path: Path, size: tuple[int, int], rings: Sequence[Sequence[Point]]) -> None:
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
    for name, footprints in shapes:
        place = places.setdefault(name, len(places))
        if place > MOST_NAMES:
            raise SegPaintError(f"it has more than {MOST_NAMES} names, and a mask has no more labels.")
        for shape in footprints:
            rows, columns = shape.inside.shape
            part = values[shape.top : shape.top + rows, shape.left : shape.left + columns]
            part[shape.inside] = place
    return Annotations(values, tuple(places))


def _unrolled(counts: Sequence[int], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Unroll COCO's run lengths, which run down the columns and begin outside."""
    if min(counts, default=0) < 0 or sum(counts) != size[0] * size[1]:
        raise SegPaintError("its run lengths do not add up to the pixels of the image.")
    states = np.arange(len(counts)) % 2 == 1
    return np.repeat(states, counts).reshape(size, order="F")
