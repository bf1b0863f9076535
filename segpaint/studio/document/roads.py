"""The ways from a mask to those that it may be turned into, found beside the window."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.interpolation import Way
from segpaint.io.masks import read_mask
from segpaint.studio.base.background import Background


@dataclass(frozen=True)
class _Road:
    """A way from a mask to another one, or the reason why there is none."""

    target: object
    before: NDArray[np.uint8]
    road: Way | SegPaintError


def _look_ahead(
    target: object, before: NDArray[np.uint8], known: NDArray[np.uint8] | None, table: LabelTable
) -> _Road:
    """Read a mask, if it is not known, and find the way to it; a large one takes half a second."""
    try:
        mask = known if known is not None else read_mask(Path(str(target)), table, len(before))
    except SegPaintError as error:
        return _Road(target, before, error)
    return _Road(target, before, Way(before, mask, table))


class Roads(QObject):
    """Finds the ways from one mask to others."""

    found = Signal(object)
    """The `Way` that was looked for, or the `SegPaintError` why there is none."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._before: NDArray[np.uint8] | None = None
        self._roads: dict[object, Way | SegPaintError | None] = {}  # None during the search

    def begin(self, before: NDArray[np.uint8] | None) -> None:
        """Begin with another mask, and forget the ways from the one before."""
        self._before, self._roads = before, {}

    def look(self, target: object, known: NDArray[np.uint8] | None, table: LabelTable) -> None:
        """Find the way to a mask, unless it was looked for.

        Parameters
        ----------
        target : object
            The file of the mask, or whatever else it is known by.
        known : ndarray of uint8, shape (height, width), optional
            The mask; it is read from the file otherwise.
        """
        if self._before is not None and target not in self._roads:
            self._roads[target] = None
            look = partial(_look_ahead, target, self._before, known, table)
            self._background.start(look, self._on_road, lane="gestures")

    def to(self, target: object) -> Way | SegPaintError | None:
        """Return the way to a mask, or the reason why there is none; None if it is not known yet."""
        return self._roads.get(target)

    def look_again(self, target: object) -> None:
        """Let a mask that could not be read be read again: the file may have been corrected since."""
        if isinstance(self._roads.get(target), SegPaintError):
            del self._roads[target]

    def _on_road(self, found: _Road) -> None:
        if self._before is found.before:
            self._roads[found.target] = found.road
            self.found.emit(found.road)
