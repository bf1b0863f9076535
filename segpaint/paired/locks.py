"""Locks the folder of a set: for one process alone, or while it is opened among those that share it."""

import errno
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from segpaint.core.errors import SegPaintError
from segpaint.paired.claims import Claims

LOCK = ".segpaint.lock"
"""Held by who works alone; among those that share the folder, by the one that opens it."""
OPENING = ".segpaint.opening.lock"
"""Waited for by those that share the folder, so that one of them begins it."""
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system without locks answers."""
PATIENCE = 600.0
"""Seconds that another may take to begin a folder: it copies all masks."""


class FolderLock:
    """Keeps those apart that cannot work on one folder together.

    Parameters
    ----------
    folder : Path
    claims : Claims, optional
        Those of the folder, if it is of a kind that can be shared.
    shared : bool
        Whether others that share it, too, may work on it after `settle`. They keep apart by claims.
    """

    def __init__(self, folder: Path, claims: Claims | None = None, *, shared: bool = False) -> None:
        self._folder, self._claims, self._shared = folder, claims, shared
        self._lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
        self._opening = FileLock(folder / OPENING, timeout=PATIENCE, thread_local=False)

    @property
    def is_being_begun(self) -> bool:
        """Whether the folder may be half there, since another that shares it is copying masks."""
        return self._shared and (self._folder / OPENING).exists()

    def acquire(self) -> None:
        """Lock the folder, and sign on where there are claims.

        Raises
        ------
        SegPaintError
            If somebody works on it who does not share it, or it cannot be locked or written.
        """
        try:
            self._acquire()
            self._sign_on()
        except BaseException:
            self.release()
            raise

    def _sign_on(self) -> None:
        if self._claims is None:
            return
        self._claims.begin(beats=self._shared)  # where nobody else is let in, the lock is sign enough
        if not self._shared and self._claims.others():
            raise self._refused()

    def _acquire(self) -> None:
        try:
            if self._shared:
                self._opening.acquire()
            self._lock.acquire()
        except Timeout:
            raise self._refused() from None
        except OSError as error:
            if not (self._shared and error.errno in NO_LOCKS):  # claims need none
                raise SegPaintError(
                    f"{self._folder} cannot be locked: {error.strerror or error}; choose another folder."
                ) from error

    def _refused(self) -> SegPaintError:
        return SegPaintError(
            f"Another SegPaint is working on {self._folder} already; wait for it, or choose another folder."
        )

    def settle(self) -> None:
        """Let others in that share the folder, once it is begun."""
        if self._shared:
            self._unlock()

    def release(self) -> None:
        """Unlock the folder, and sign off."""
        if self._claims is not None:
            self._claims.end()
        self._unlock()

    def _unlock(self) -> None:
        for lock in (self._lock, self._opening):
            with suppress(OSError):
                lock.release()
