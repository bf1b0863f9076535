"""Writing films on another thread."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from segpaint.core.pictures.animation import Tempo, write_animation
from segpaint.core.pictures.film import Scene, sentence_of_film, thinned
from segpaint.core.pictures.film_look import Look, picture_size, render
from segpaint.studio.base.background import Background

BUDGET = 512 * 2**20
"""Bytes of pictures in a film; from a longer one, scenes are left out evenly."""


@dataclass(frozen=True)
class Film:
    """A film to be written.

    Attributes
    ----------
    scenes : sequence of Scene
        At least one.
    """

    scenes: Sequence[Scene]
    look: Look
    pace: Tempo


class FilmWriter(QObject):
    """Writes one film after the other. Lives on the window's thread."""

    progressed = Signal(int, float)
    """Ticket, and the share that is drawn, 0 to 1."""
    written = Signal(int, object)
    """Ticket and path."""
    failed = Signal(int, object)
    """Ticket and exception."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._tickets = itertools.count(1)
        self._wanted: set[int] = set()

    def write(self, film: Film, path: Path) -> int:
        """Write a film to a file.

        Returns
        -------
        int
            A ticket, which identifies it in `progressed`, `written` and `failed`.
        """
        ticket = next(self._tickets)
        self._wanted.add(ticket)
        self._background.start(
            partial(self._write, ticket, film, path),
            partial(self.written.emit, ticket),
            partial(self._on_failed, ticket),
            lane="films",
        )
        return ticket

    def drop(self, ticket: int) -> None:
        """Cancel a film that is not written yet."""
        self._wanted.discard(ticket)

    def close(self) -> None:
        """Cancel all films."""
        self._wanted.clear()

    # ---- on another thread

    def _write(self, ticket: int, film: Film, path: Path) -> Path:
        width, height = picture_size(film.scenes[0], film.look)
        scenes = thinned(film.scenes, BUDGET // (3 * width * height))
        pictures = [
            partial(self._draw, ticket, film, scene, place / len(scenes))
            for place, scene in enumerate(scenes, 1)
        ]
        note = f"Synthetic: {sentence_of_film(film.scenes)}"
        write_animation(path, pictures, film.pace, note)
        return path

    def _draw(self, ticket: int, film: Film, scene: Scene, done: float) -> NDArray[np.uint8]:
        if ticket not in self._wanted:
            raise _GivenUpError
        picture = render(scene, film.look)
        self.progressed.emit(ticket, done)
        return picture

    # ---- on the window's thread

    def _on_failed(self, ticket: int, error: Exception) -> None:
        if not isinstance(error, _GivenUpError):
            self.failed.emit(ticket, error)


class _GivenUpError(Exception):
    """The film was cancelled while it was being drawn."""
