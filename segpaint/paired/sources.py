"""The masks that a paired set is made from: found, copied beside it, read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.io.masks import read_mask
from segpaint.paired.specification import Specification

SOURCES = Path("sources")


@dataclass(frozen=True)
class NamedMask:
    """A mask to make images from.

    Attributes
    ----------
    name : str
        Unique within a set, and fit to be part of a file's name.
    values : ndarray of uint8, shape (height, width)
    """

    name: str
    values: NDArray[np.uint8]


def mask_files(paths: tuple[Path, ...]) -> list[Path]:
    """Files as they are, and of folders the PNG files in them, by name.

    Raises
    ------
    SegPaintError
        If a folder holds none.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = [file for file in sorted(path.glob("*.png")) if not file.name.startswith(".")]
            if not found:
                raise SegPaintError(f"{path} holds no masks; they are PNG files.")
            files += found
        else:
            files.append(path)
    return files


def gather(
    specification: Specification, given: Mapping[Path, bytes]
) -> tuple[Specification, dict[Path, Path | bytes]]:
    """The specification as it is kept in the folder of a set, with the masks beside it.

    Parameters
    ----------
    specification : Specification
        With absolute paths.
    given : mapping of Path to bytes
        Masks named in it that are no files yet.

    Returns
    -------
    Specification
        With paths relative to the folder.
    dict of Path to Path or bytes
        By path within the folder: what each mask is a copy of.

    Raises
    ------
    SegPaintError
        If a folder named in it holds no masks, or a file is missing.
    """
    places: dict[Path, Path] = {}

    def kept(path: Path) -> Path:
        if path not in given and not path.is_file():
            raise SegPaintError(f"There is no mask {path}.")
        if path not in places:
            name = _unique(_plain(path.stem), {place.stem for place in places.values()})
            places[path] = SOURCES / f"{name}.png"
        return places[path]

    masks = tuple(kept(path) for path in mask_files(specification.masks))
    between = specification.between
    if between is not None:
        between = between.model_copy(update={"first": kept(between.first), "second": kept(between.second)})
    copies = {place: given.get(path, path) for path, place in places.items()}
    return specification.model_copy(update={"masks": masks, "between": between}), copies


def read_sources(specification: Specification, table: LabelTable, size: int) -> tuple[NamedMask, ...]:
    """Read all masks of a specification, and make those between two.

    Parameters
    ----------
    specification : Specification
        With absolute paths.
    table : LabelTable
    size : int
        Of the first checkpoint.

    Raises
    ------
    SegPaintError
        See `segpaint.io.masks.read_mask`.
    """
    found: dict[str, NDArray[np.uint8]] = {}
    for path in mask_files(specification.masks):
        name = _unique(_plain(path.stem), found)
        found[name] = read_mask(path, table, size, resize=specification.resize)
    between = specification.between
    if between is not None:
        from segpaint.core.masks.interpolation import interpolate  # scipy, which a window does not need to open

        ends = [
            read_mask(path, table, size, resize=specification.resize)
            for path in (between.first, between.second)
        ]
        stem = f"{_plain(between.first.stem)}-to-{_plain(between.second.stem)}"
        shares = np.linspace(0, 1, between.count).tolist()
        for number, values in enumerate(interpolate(ends[0], ends[1], table, shares), start=1):
            found[_unique(f"{stem}-{number:0{len(str(between.count))}d}", found)] = values
    return tuple(NamedMask(name, values) for name, values in found.items())


def spread_masks(
    painted: NDArray[np.uint8] | None,
    other: Path | None,
    files: Sequence[Path],
    count: int,
    shown: int,
    checkpoint: Checkpoint,
) -> list[NDArray[np.uint8]]:
    """A few of the masks of a set that is being thought of, spread evenly over them.

    Parameters
    ----------
    painted : ndarray of uint8 or None
        The first of them, or the only one.
    other : Path or None
        The mask to lead to.
    files : sequence of Path
        Taken where none is painted.
    count : int
        How many masks the set is to have.
    shown : int
        The most to return.
    checkpoint : Checkpoint

    Raises
    ------
    SegPaintError
        See `segpaint.io.masks.read_mask`.
    """
    table, size = checkpoint.table, checkpoint.description.size
    places = np.linspace(0, count - 1, min(shown, count)).round().astype(int).tolist()
    if painted is None:
        return [read_mask(files[place], table, size, resize=True) for place in places]
    if other is None:
        return [painted]
    from segpaint.core.masks.interpolation import interpolate

    shares = [place / (count - 1) for place in places]
    return interpolate(painted, read_mask(other, table, size, resize=True), table, shares)


def _plain(name: str) -> str:
    """A name without what a file system, or a reader of the folder, might stumble over."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "mask"


def _unique(name: str, taken: Mapping[str, object] | set[str]) -> str:
    known = {one.casefold() for one in taken}  # some file systems know no difference
    wanted, number = name, 2
    while wanted.casefold() in known:
        wanted, number = f"{name}-{number}", number + 1
    return wanted
