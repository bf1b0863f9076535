"""Writing films off the window's thread."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from segpaint.core.pictures.animation import Tempo, write_animation
from segpaint.core.pictures.film import Scene, thinned
from segpaint.core.pictures.film_look import Look, picture_size, render

BUDGET = 512 * 2**20
"""Bytes of pictures in a film; of a longer one, scenes are left out evenly."""


@dataclass(frozen=True)
class Film:
    """What is to be written.

    Attributes
    ----------
    scenes : sequence of Scene
        At least one.
    look : Look
    pace : Tempo
    model : str
        Which made the images.
    """

    scenes: Sequence[Scene]
    look: Look
    pace: Tempo
    model: str


class FilmWriter(QObject):
    """Writes one film after the other. Lives on the window's thread."""

    progressed = Signal(int, float)
    """Ticket, and how much is drawn, 0 to 1."""
    written = Signal(int, object)
    """Ticket and path."""
    failed = Signal(int, object)
    """Ticket and exception."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._tickets = itertools.count(1)
        self._wanted: set[int] = set()

    def write(self, film: Film, path: Path) -> int:
        """Write a film to a file.

        Returns
        -------
        int
            A ticket, by which `progressed`, `written` and `failed` tell of it.
        """
        ticket = next(self._tickets)
        self._wanted.add(ticket)
        self._pool.start(_Writing(self, ticket, film, path))
        return ticket

    def drop(self, ticket: int) -> None:
        """Give up a film that is not written yet."""
        self._wanted.discard(ticket)

    def is_wanted(self, ticket: int) -> bool:
        """Whether a film has not been given up."""
        return ticket in self._wanted

    def close(self) -> None:
        """Give up all films, and wait until the thread has let go of the last one."""
        self._wanted.clear()
        self._pool.waitForDone()


class _GivenUpError(Exception):
    pass


class _Writing(QRunnable):
    def __init__(self, writer: FilmWriter, ticket: int, film: Film, path: Path) -> None:
        super().__init__()
        self._writer, self._ticket, self._film, self._path = writer, ticket, film, path

    def run(self) -> None:
        film, writer, ticket = self._film, self._writer, self._ticket
        width, height = picture_size(film.scenes[0], film.look)
        scenes = thinned(film.scenes, BUDGET // (3 * width * height))
        pictures = [partial(self._draw, scene, place / len(scenes)) for place, scene in enumerate(scenes, 1)]
        try:
            write_animation(self._path, pictures, film.pace, film.model)
        except _GivenUpError:
            return
        except Exception as error:  # whatever it is, the window must hear of it
            writer.failed.emit(ticket, error)
        else:
            writer.written.emit(ticket, self._path)

    def _draw(self, scene: Scene, done: float) -> NDArray[np.uint8]:
        if not self._writer.is_wanted(self._ticket):
            raise _GivenUpError
        picture = render(scene, self._film.look)
        self._writer.progressed.emit(self._ticket, done)
        return picture
