"""Passes frames from the worker's thread to the window's."""

from collections.abc import Callable
from threading import Lock

from segpaint.core.runs.trajectory import Frame


class Mailbox:
    """Frames on their way to the window.

    Only one notice is pending at a time, and `take` returns all frames since the last call. So no queue of
    repaints builds up, and the last frame always arrives.
    """

    def __init__(self, notify: Callable[[], object]) -> None:
        self._notify = notify
        self._lock = Lock()
        self._frames: list[Frame] = []

    def put(self, frame: Frame) -> None:
        """Add a frame, and notify the window if none was waiting."""
        with self._lock:
            self._frames.append(frame)
            is_first = len(self._frames) == 1
        if is_first:
            self._notify()

    def take(self) -> tuple[Frame, ...]:
        """Remove and return all frames, oldest first."""
        with self._lock:
            frames = tuple(self._frames)
            self._frames.clear()
        return frames
