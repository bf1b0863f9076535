"""Keeps what is opened on another thread until somebody has it, so that nothing stays locked at the end."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What holds a folder until it is closed."""

    def close(self) -> None:
        """Release the folder."""


Opened = TypeVar("Opened", bound=Closable)


class Arriving(Generic[Opened]):
    """Sets that were opened and have not arrived yet on the window's thread, where they may come too late."""

    def __init__(self) -> None:
        self._opened: deque[Opened] = deque()

    def keep(self, opened: Opened) -> Opened:
        """Keep a set that was opened, perhaps on another thread, and return it."""
        self._opened.append(opened)
        return opened

    def arrive(self) -> None:
        """Leave the sets to who has them now."""
        self._opened.clear()

    def close(self) -> None:
        """Close the sets that are kept, once no more can be opened."""
        while self._opened:
            self._opened.popleft().close()
