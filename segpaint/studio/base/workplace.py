"""The folder in which a window keeps its work: one for each window, so that none overwrites another's."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, recover

LOCK = ".lock"
MOST = 100
"""Windows at the same time."""


class Workplace:
    """A locked folder: the usual one or, while another window has that, one beside it with a number.

    Parameters
    ----------
    home : Path
        The usual folder.

    Attributes
    ----------
    folder : Path
        The one that is this window's.
    """

    def __init__(self, home: Path) -> None:
        self.home = self.folder = home
        self._lock: FileLock | None = None
        with suppress(SegPaintError):  # nothing can be kept there; each attempt will report it
            for place in (home, *(_numbered(home, number) for number in range(2, MOST))):
                self._lock = _lock(place)
                if self._lock is not None:
                    self.folder = place
                    break
        for place in (self.folder, self.folder / "earlier", self.folder / "aside"):
            recover(place, own=True)

    @property
    def is_second(self) -> bool:
        """Whether another window has the usual folder."""
        return self.folder != self.home

    @contextmanager
    def left_behind(self) -> Iterator[list[Path]]:
        """Lock the folders of second windows that are closed, to take over what they kept."""
        locks, places = [], []
        if not self.is_second and self._lock is not None:
            for number in range(2, MOST):
                place, lock = _numbered(self.home, number), None
                with suppress(SegPaintError):  # it waits for a better day
                    lock = _lock(place) if place.is_dir() else None
                if lock is not None:
                    locks.append(lock)
                    places.append(place)
        try:
            yield places
        finally:
            for lock in locks:
                lock.release()

    def close(self) -> None:
        """Unlock the folder."""
        if self._lock is not None:
            self._lock.release()


def _numbered(home: Path, number: int) -> Path:
    return home.with_name(f"{home.name}-{number}")


def _lock(place: Path) -> FileLock | None:
    """Lock a folder, which is made; None if somebody else has locked it."""
    make_private(place)
    lock = FileLock(place / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    except OSError as error:
        raise SegPaintError(f"{place} cannot be locked: {error}.") from error
    return lock
