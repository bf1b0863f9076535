"""The pointer as an audience sees it: large, with a trail, and with the name of what it paints."""

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QPointF

TRAIL = 0.6
"""Seconds after which the pointer's way is no longer seen."""
NAMED = 1.5
"""Seconds for which a label's name stays beside the pointer after a stroke."""


class StagePointer:
    """Remembers where the pointer was, in pixels of the mask.

    Parameters
    ----------
    clock : callable
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._way: deque[tuple[float, QPointF]] = deque()
        self._name, self._named = "", 0.0
        self.place: QPointF | None = None

    def move(self, place: QPointF | None) -> None:
        """Move the pointer; None if it has left."""
        self.place = place
        if place is not None:
            self._way.append((self._clock(), QPointF(place)))

    def paint(self, name: str) -> None:
        """Name the label that is painted."""
        self._name, self._named = name, self._clock()

    @property
    def name(self) -> str:
        """The label painted just now; empty if none was."""
        return self._name if self._clock() - self._named < NAMED else ""

    @property
    def trail(self) -> list[tuple[float, QPointF]]:
        """The way of the last moments: how fresh each place is, 0 to 1, and the place."""
        now = self._clock()
        while self._way and now - self._way[0][0] >= TRAIL:
            self._way.popleft()
        return [(1 - (now - when) / TRAIL, place) for when, place in self._way]
