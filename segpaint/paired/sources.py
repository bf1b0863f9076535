"""Finds, copies and reads the masks of a paired set."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.folders import visible
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.words import counted
from segpaint.io.masks import read_mask
from segpaint.io.sizes import IN_SPECIFICATION, WrongSizeError
from segpaint.paired.specification import Specification

Problem = TypeVar("Problem", bound=SegPaintError)
SOURCES = Path("sources")
PATTERN = "*.png"
MOST_NAMED = 3
"""Masks with a problem whose problem is shown."""


@dataclass(frozen=True)
class NamedMask:
    """A mask to make images from.

    Attributes
    ----------
    name : str
        Unique within a set, and valid in a file name.
    values : ndarray of uint8, shape (height, width)
    """

    name: str
    values: NDArray[np.uint8]


def mask_files(paths: tuple[Path, ...]) -> list[Path]:
    """List the given files, and the PNG files of given folders by name.

    Raises
    ------
    SegPaintError
        If a folder holds no PNG file.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = _pngs(path)
            if not found:
                rest = passed_over((path,))
                raise SegPaintError(
                    f"{path} holds no masks; they are PNG files. {about_passed_over(rest)}".strip()
                )
            files += found
        else:
            files.append(path)
    return files


def passed_over(paths: tuple[Path, ...]) -> list[Path]:
    """List the files and folders in given folders that are not taken as masks."""
    folders = [path for path in paths if path.is_dir()]
    taken = {path for folder in folders for path in _pngs(folder)}
    return [path for folder in folders for path in visible(folder) if path not in taken]


def _pngs(folder: Path) -> list[Path]:
    return [path for path in visible(folder, PATTERN) if path.is_file()]


def about_unusable(problems: Sequence[str]) -> str:
    """Report in sentences what is wrong with masks: of the first few, and how many there are.

    Parameters
    ----------
    problems : sequence of str
        A sentence for each mask; at least one.
    """
    if len(problems) == 1:
        return problems[0]
    rest = len(problems) - MOST_NAMED
    more = (f"{counted(rest, 'more mask has', 'more masks have')} a problem.",) if rest > 0 else ()
    return " ".join((f"{len(problems):,} masks cannot be used.", *problems[:MOST_NAMED], *more))


def about_passed_over(paths: Sequence[Path]) -> str:
    """Report in a sentence what `passed_over` found; empty if that is nothing."""
    if not paths:
        return ""
    number = counted(len(paths), "other file or folder is", "other files or folders are")
    return f"{number} passed over, such as {paths[0]}; masks are the PNG files of a folder itself."


def gather(
    specification: Specification, given: Mapping[Path, bytes]
) -> tuple[Specification, dict[Path, Path | bytes]]:
    """Rewrite a specification for the folder of a set, and list the masks to copy there.

    Parameters
    ----------
    specification : Specification
        Holds absolute paths.
    given : mapping of Path to bytes
        Masks of the specification that are not files yet.

    Returns
    -------
    Specification
        Holds paths relative to the folder.
    dict of Path to Path or bytes
        The source of each mask, by path within the folder.

    Raises
    ------
    SegPaintError
        If a folder holds no masks, or a file is missing.
    """
    places: dict[Path, Path] = {}
    names: set[str] = set()

    files, between = mask_files(specification.masks), specification.between
    asked = (*files, between.first, between.second) if between is not None else files
    missing = [f"There is no mask {path}." for path in asked if path not in given and not path.is_file()]
    if missing:
        raise SegPaintError(about_unusable(missing))

    def kept(path: Path) -> Path:
        if path not in places:
            places[path] = SOURCES / f"{_unique(_plain(path.stem), names)}.png"
        return places[path]

    masks = tuple(kept(path) for path in files)
    if between is not None:
        between = between.model_copy(update={"first": kept(between.first), "second": kept(between.second)})
    copies = {place: given.get(path, path) for path, place in places.items()}
    return specification.model_copy(update={"masks": masks, "between": between}), copies


class Sources(Sequence[NamedMask]):
    """The masks of a specification. Those of files are read when they are asked for, and none is kept.

    Parameters
    ----------
    specification : Specification
        Holds absolute paths.
    size : int
        Height and width of the first checkpoint's masks.
    own : mapping of Path to Path, optional
        The user's own files, by the copies of them that the specification names.

    Raises
    ------
    SegPaintError
        If one to go between cannot be read; the others raise it when they are asked for. See
        `segpaint.io.masks.read_mask`.
    """

    def __init__(
        self,
        specification: Specification,
        table: LabelTable,
        size: int,
        own: Mapping[Path, Path] = MappingProxyType({}),
    ) -> None:
        self._table, self._size, self._resize, self._own = table, size, specification.resize, own
        self._names: list[str] = []
        known: set[str] = set()
        self._files = mask_files(specification.masks)
        self._names += (_unique(_plain(path.stem), known) for path in self._files)
        self._between: list[bytes] = []  # compressed: there may be a thousand
        between = specification.between
        if between is not None:
            from segpaint.core.masks.interpolation import Way  # defers loading scipy

            way = Way(self._read(between.first), self._read(between.second), table)
            stem = f"{_plain(between.first.stem)}-to-{_plain(between.second.stem)}"
            for number, share in enumerate(np.linspace(0, 1, between.count).tolist(), start=1):
                self._between.append(zlib.compress(way.at(share).tobytes(), 1))
                self._names.append(_unique(f"{stem}-{number:0{len(str(between.count))}d}", known))

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> NamedMask: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[NamedMask]: ...

    def __getitem__(self, place: int | slice) -> NamedMask | Sequence[NamedMask]:
        if isinstance(place, slice):
            return [self[number] for number in range(len(self))[place]]
        number = range(len(self))[place]
        if number < len(self._files):
            return NamedMask(self._names[number], self._read(self._files[number]))
        content = zlib.decompress(self._between[number - len(self._files)])
        values = np.frombuffer(content, np.uint8).reshape(self._size, self._size)
        return NamedMask(self._names[number], values)

    def _read(self, path: Path) -> NDArray[np.uint8]:
        try:
            return read_mask(path, self._table, self._size, resize=self._resize)
        except WrongSizeError as error:
            raise self._named(path, error).by(IN_SPECIFICATION) from error
        except SegPaintError as error:
            raise self._named(path, error) from error

    def _named(self, path: Path, error: Problem) -> Problem:
        """Return what is wrong with a copy by the name of the user's own file, which has the same problem."""
        own = self._own.get(path)
        if own is not None and own.is_file():
            try:
                read_mask(own, self._table, self._size, resize=self._resize)
            except type(error) as same:
                return same
        return error


def spread_masks(
    painted: NDArray[np.uint8] | None,
    other: Path | None,
    files: Sequence[Path],
    count: int,
    shown: int,
    checkpoint: Checkpoint,
) -> list[NDArray[np.uint8]]:
    """Make a few evenly spread masks of a planned set, for a preview.

    Parameters
    ----------
    painted : ndarray of uint8 or None
        The first mask, or the only one.
    other : Path or None
        The mask to interpolate to.
    files : sequence of Path
        Used if `painted` is None.
    count : int
        Number of masks in the set.
    shown : int
        The most masks to return.

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
    """Replace the characters of a name that are unsafe in a file name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "mask"


def _unique(name: str, known: set[str]) -> str:
    """Return a name, with a number if it is known already, and add it; some file systems ignore case."""
    wanted, number = name, 2
    while wanted.casefold() in known:
        wanted, number = f"{name}-{number}", number + 1
    known.add(wanted.casefold())
    return wanted
