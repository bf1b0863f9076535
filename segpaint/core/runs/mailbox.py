"""The one place where the two threads meet: frames go in on one side and out on the other."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from segpaint.core.runs.trajectory import Frame


class Mailbox:
    """Frames on their way to the window.

    However fast the worker is, one notice is under way at a time, and one look takes all that came
    since the last; so no queue of repaints builds up, and the last frame always arrives.
    """

    def __init__(self, notify: Callable[[], object]) -> None:
        self._notify = notify
        self._lock = Lock()
        self._frames: list[Frame] = []

    def put(self, frame: Frame) -> None:
        """Add a frame, and notify the window if nothing was waiting."""
        with self._lock:
            self._frames.append(frame)
            is_first = len(self._frames) == 1
        if is_first:
            self._notify()

    def take(self) -> tuple[Frame, ...]:
        """Take out everything, oldest first."""
        with self._lock:
            frames = tuple(self._frames)
            self._frames.clear()
        return frames
