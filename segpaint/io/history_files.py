"""Stores the history: a folder of PNG files with their requests inside, each named by its time."""

import json
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.requests.request import Request
from segpaint.io.results import encode_image

MOST = 5000
"""The most results kept; beyond them the oldest are deleted, but never a starred one."""
STARS = "stars.json"
DELETED = "deleted"


class HistoryFolder:
    """Keeps results on the disk.

    Deleted results move into a folder of their own, and can be taken back until the history is opened again.

    Parameters
    ----------
    folder : Path
        Made with the first result.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stars = _read_stars(folder / STARS)

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
        paths = sorted(self._folder.glob("*.png"))
        plain = [path for path in paths if path.name not in self._stars]
        surplus = plain[: max(0, len(paths) - MOST)]
        for path in (*surplus, *(self._folder / DELETED).glob("*.png")):
            with suppress(OSError):  # in use elsewhere: removed the next time
                path.unlink()
        gone = set(surplus)
        return [path for path in paths if path not in gone]

    def add(self, pixels: NDArray[np.uint8], request: Request) -> Path:
        """Keep a result.

        Raises
        ------
        SegPaintError
            If it cannot be written.
        """
        path = self._folder / f"{datetime.now():%Y-%m-%d %H-%M-%S-%f} {request.checkpoint}.png"
        write_atomically(path, encode_image(pixels, request))
        return path

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
            write_atomically(self._folder / STARS, json.dumps(sorted(stars), indent=1).encode())
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


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """Read the image of a result, read-only, of the shape (height, width) or (height, width, 3).

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    try:
        with Image.open(path) as image:
            pixels = np.array(image, np.uint8)
    except (OSError, SyntaxError) as error:
        raise SegPaintError(f"{path} cannot be read as an image: {error}.") from error
    pixels.flags.writeable = False
    return pixels


def _move(paths: Collection[Path], folder: Path) -> None:
    for path in paths:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.replace(folder / path.name)
        except OSError as error:
            raise SegPaintError(f"{path} cannot be moved: {error.strerror or error}.") from error


def _read_stars(path: Path) -> frozenset[str]:
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or damaged; no results are lost
        return frozenset()
    return frozenset(str(name) for name in names) if isinstance(names, list) else frozenset()
