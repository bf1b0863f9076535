"""The parts of stories."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.tour.puppeteer import Puppeteer


@dataclass(frozen=True)
class Say:
    """Show a sentence, once the one before it has been read."""

    text: str


@dataclass(frozen=True)
class Rest:
    """Pause for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Until:
    """Wait until a condition holds; it is checked whenever the runs emit a signal."""

    holds: Callable[[], bool]


Beat: TypeAlias = Say | Rest | Until


@dataclass(frozen=True)
class Story:
    """A story of the tour.

    Attributes
    ----------
    key : str
        Names it in lists of scenes, so it must never change.
    title : str
        Shown to the user.
    model : str
        A name for users of the model that it needs.
    checkpoint : Checkpoint or None
        None if it is not installed; the story is then skipped.
    tell : callable
        Plays the story on a stage with the checkpoint: acts between the beats that it yields.
    """

    key: str
    title: str
    model: str
    checkpoint: Checkpoint | None
    tell: Callable[[Puppeteer, Checkpoint], Iterator[Beat]]


@dataclass(frozen=True)
class Tempo:
    """The speed of stories.

    Attributes
    ----------
    per_character, least : float
        Seconds that a sentence stays for each of its characters, and at least.
    rest : float
        Seconds for each second of a `Rest`.
    """

    per_character: float = 0.06
    least: float = 2.5
    rest: float = 1.0

    def reading(self, text: str) -> float:
        """Estimate the seconds that it takes to read a sentence."""
        return max(self.least, self.per_character * len(text))


class Clock:
    """Seconds that a story has been playing; the clock is stopped while the story waits."""

    def __init__(self) -> None:
        self._before = 0.0
        self._started: float | None = None

    @property
    def now(self) -> float:
        """Seconds so far."""
        return self._before + (time.monotonic() - self._started if self._started is not None else 0.0)

    def start(self) -> None:
        """Start or continue."""
        if self._started is None:
            self._started = time.monotonic()

    def stop(self) -> None:
        """Stop until the next `start`."""
        self._before, self._started = self.now, None
