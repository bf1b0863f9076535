"""Locks the folder of a set while it is worked on."""

from pathlib import Path

from filelock import FileLock, Timeout

from segpaint.core.errors import SegPaintError

LOCK = ".segpaint.lock"


def lock_folder(folder: Path) -> FileLock:
    """Lock a folder until the lock is released.

    Raises
    ------
    SegPaintError
        If another program has locked it, or it cannot be locked.
    """
    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise SegPaintError(
            f"Another SegPaint is working on {folder} already; wait for it, or choose another folder."
        ) from None
    except OSError as error:
        raise SegPaintError(f"{folder} cannot be locked: {error.strerror or error}.") from error
    return lock
