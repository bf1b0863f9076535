"""Stores the history: a folder of PNG files with their requests inside, each named by its time and number.

The reference of a result lies in a folder of its own, so that a file taken from the history shows no more of a
patient than its image does.
"""

import itertools
import json
import os
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from glob import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png, make_private, put_aside, recover, write_atomically, write_together
from segpaint.core.reading import open_picture, read_bytes, read_json, reads
from segpaint.core.requests.origins import Counterfactual, Similarity, Withheld
from segpaint.core.requests.request import Request
from segpaint.io.results import REFERENCES, encode_image, read_request, reference_beside

MOST = 5000
"""The most results kept; beyond them the oldest are deleted, but never a starred one."""
STARS = "stars.json"
DELETED = "deleted"
ASIDE = "unreadable"
STAMP = "%Y-%m-%d %H-%M-%S-%f"
NUMBER = re.compile(r"[-0-9]+ [-0-9]+ #(\d+) ")


class HistoryFolder:
    """Keeps results on the disk, in the order in which they were made, whatever the clock shows.

    Deleted results move into a folder of their own, and can be taken back until the history is opened again.

    Parameters
    ----------
    folder : Path
        Made with the first result.

    Attributes
    ----------
    problem : str
        A sentence on the stars, if they could not be read; else empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if folder.is_dir():
            make_private(folder)
            recover(folder, own=True)
            recover(folder / REFERENCES, own=True)
            for pair in ((folder, folder / DELETED), (folder / DELETED, folder)):
                _reunite(*pair)
        self._stars, self.problem = _stars(folder / STARS)
        there = itertools.chain(folder.glob("*.png"), (folder / DELETED).glob("*.png"))
        self._numbers = itertools.count(1 + max((_order(path)[0] for path in there), default=0))

    def holds(self, path: Path) -> bool:
        """Check whether a file is one of the results."""
        return path.absolute().parent == self._folder.absolute()

    def open(self) -> list[Path]:
        """Remove deleted and surplus results for good, and list the rest.

        Returns
        -------
        list of Path
            The images, oldest first.
        """
        paths = self.in_order(self._folder.glob("*.png"))
        plain = [path for path in paths if path.name not in self._stars]
        surplus = plain[: max(0, len(paths) - MOST)]
        for path in (*surplus, *(self._folder / DELETED).glob("*.png")):
            for file in (reference_beside(path), path):
                with suppress(OSError):  # in use elsewhere: removed the next time
                    file.unlink(missing_ok=True)
        gone = set(surplus)
        return [path for path in paths if path not in gone]

    def in_order(self, paths: Iterable[Path]) -> list[Path]:
        """Sort results, the one made first at the beginning."""
        return sorted(paths, key=_order)

    def add(self, pixels: NDArray[np.uint8], request: Request) -> Path:
        """Keep a result, and the reference that it was made from.

        Raises
        ------
        SegPaintError
            If it cannot be written.
        """
        path = self._folder / stamped_name(request, next(self._numbers))
        contents: dict[Path, bytes | Path] = {path: encode_image(pixels, request)}
        if isinstance(request.origin, Counterfactual | Similarity) and request.origin.shows_patient:
            contents[reference_beside(path)] = encode_png(Image.fromarray(request.origin.image))
        write_together(contents, private=True)
        return path

    def take_in(self, name: str, content: bytes, reference: bytes | None) -> tuple[Path, bool]:
        """Keep a result that lay in a project, unless the history has it already.

        Parameters
        ----------
        name : str
            As it was in another history.
        content, reference : bytes
            Its file, and that of the reference that it was made from.

        Returns
        -------
        Path
            Its file in this history.
        bool
            Whether it is new there.

        Raises
        ------
        SegPaintError
            If it is no result, or cannot be written.
        """
        request = read_request(Path(name), content)
        made = NUMBER.match(name)
        stamp = name[: made.start(1) - 2] if made else f"{datetime.now():{STAMP}}"
        for path in self._folder.glob(f"{escape(stamp)} #*.png"):
            if read_content(path) == content:
                return path, False
        path = self._folder / f"{stamp} #{next(self._numbers):06} {request.checkpoint}.png"
        contents: dict[Path, bytes | Path] = {path: content}
        if reference is not None and isinstance(request.origin, Withheld):
            image = np.asarray(open_picture(Path(name), reference))
            request.with_reference(image)  # refuses another patient's
            contents[reference_beside(path)] = reference
        write_together(contents, private=True)
        return path, True

    @property
    def starred(self) -> list[Path]:
        """The starred results that are there, oldest first."""
        return self.in_order(path for path in map(self._folder.joinpath, self._stars) if path.is_file())

    def is_starred(self, path: Path) -> bool:
        """Check whether a result is starred, and so never removed as too old."""
        return path.name in self._stars

    def star(self, paths: Iterable[Path], *, on: bool) -> None:
        """Add or remove the stars of some results.

        Raises
        ------
        SegPaintError
            If the stars cannot be written.
        """
        names = {path.name for path in paths}
        stars = self._stars | names if on else self._stars - names
        if stars != self._stars:
            content = json.dumps(sorted(stars), indent=1).encode()
            write_atomically(self._folder / STARS, content, private=True)
            self._stars = stars

    def delete(self, paths: Collection[Path]) -> None:
        """Move some results aside until the history is opened again.

        Raises
        ------
        SegPaintError
            If one cannot be moved.
        """
        _move(paths, self._folder / DELETED)

    def take_back(self, paths: Collection[Path]) -> None:
        """Undo a deletion, given the earlier paths.

        Raises
        ------
        SegPaintError
            If one cannot be moved.
        """
        _move([self._folder / DELETED / path.name for path in paths], self._folder)

    def adopt(self, folder: Path) -> int:
        """Move all results of another history in here, as the newest, with their stars.

        Returns
        -------
        int
            The number of results; one that cannot be moved stays where it is.
        """
        other, count, starred = HistoryFolder(folder), 0, []
        for path in other.in_order(folder.glob("*.png")):
            made, number = NUMBER.match(path.name), next(self._numbers)
            name = path.name.replace(f" #{made[1]} ", f" #{number:06} ", 1) if made else path.name
            taken = self._folder / name
            with suppress(OSError):
                if taken.exists():
                    continue
                make_private((self._folder / REFERENCES) if reference_beside(path).exists() else self._folder)
                if reference_beside(path).exists():
                    reference_beside(path).replace(reference_beside(taken))
                path.replace(taken)
                count += 1
                starred += [taken] if other.is_starred(path) else []
        self.star(starred, on=True)
        if not any(folder.glob("*.png")):
            with suppress(OSError):
                (folder / STARS).unlink(missing_ok=True)
        return count


def stamped_name(request: Request, number: int = 0) -> str:
    """Name the file of a result by the time, its number in a history, and its checkpoint."""
    return f"{datetime.now():{STAMP}} #{number:06} {request.checkpoint}.png"


@reads("a result")
def read_content(path: Path) -> bytes:
    """Read the file of a result, or of its reference, as it is.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    return read_bytes(path)


@reads("an image")
def read_pixels(path: Path) -> NDArray[np.uint8]:
    """Read the image of a result, read-only, of the shape (height, width) or (height, width, 3).

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    pixels = np.array(open_picture(path), np.uint8)
    pixels.flags.writeable = False
    return pixels


def _order(path: Path) -> tuple[int, str]:
    """Sort by the number of a result; those of older versions have none, and come first, by their time."""
    made = NUMBER.match(path.name)
    return (int(made[1]) if made else 0, path.name)


def _move(paths: Collection[Path], folder: Path) -> None:
    """Move results with their references, all or none."""
    done: list[tuple[Path, Path]] = []
    try:
        for path in paths:
            make_private(folder)
            beside = reference_beside(path)
            if beside.exists():
                make_private(folder / REFERENCES)
                done.append((beside, folder / REFERENCES / path.name))
                beside.replace(folder / REFERENCES / path.name)
            path.replace(folder / path.name)
            done.append((path, folder / path.name))
    except OSError as error:
        for before, after in done:
            with suppress(OSError):
                after.replace(before)
        raise SegPaintError(f"{path} cannot be moved: {error.strerror or error}.") from error


def _reunite(folder: Path, other: Path) -> None:
    """Move references to their results, if the program was killed between the two."""
    for reference in (other / REFERENCES).glob("*.png"):
        if not (other / reference.name).exists() and (folder / reference.name).exists():
            with suppress(OSError, SegPaintError):
                make_private(folder / REFERENCES)
                reference.replace(reference_beside(folder / reference.name))


def _stars(path: Path) -> tuple[frozenset[str], str]:
    """Find the starred results; a file that cannot be read is put aside, and reported in a sentence."""
    if not os.path.lexists(path):
        return frozenset(), ""
    try:
        return read_stars(path), ""
    except SegPaintError as error:
        sentence = f"The stars of the history could not be read. {error}"
        with suppress(OSError):
            sentence += f" The file is kept as {put_aside(path, path.parent / ASIDE)}."
        return frozenset(), sentence


@reads("the stars of the history")
def read_stars(path: Path) -> frozenset[str]:
    """Read the names of the starred results.

    Raises
    ------
    SegPaintError
        If the file is missing or damaged.
    """
    return frozenset(TypeAdapter(list[str]).validate_python(read_json(path)))
