"""Temporary files of a write, and what an interrupted write has left.

A temporary file is locked while its writer lives, so that nobody else sweeps it. Files that belong together
are listed in a journal before the first of them gets its own name. If the writer dies then, the next one finds
the journal and goes on; if it dies earlier, the temporary files are removed.
"""

import errno
import json
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import read_json, reads

if sys.platform != "win32":
    import fcntl

JOURNAL = "segpaint-journal"
LEFTOVER = re.compile(r"\..+\.segpaint-[0-9a-f]{8}")
OLDER = re.compile(r"\..+\.[0-9a-f]{8}")
"""Leftovers of older versions; too much like other files to be removed anywhere but in own folders."""
ABANDONED = 3600
"""Seconds after which a temporary file is a leftover where files cannot be locked."""
LEVELS = 4
"""Folders above one with leftovers in which their journal may lie."""


def temporary_name(path: Path) -> Path:
    """Draw a hidden name in the folder of a file; long names are cut, since file systems limit them."""
    return path.with_name(f".{path.name[:80]}.segpaint-{secrets.token_hex(4)}")


def unfinished_name(folder: Path) -> Path:
    """Name a folder while it is written: the same each time, so that the next try removes what is left."""
    return folder.with_name(f".{folder.name}.unfinished")


def create(path: Path, mode: int) -> tuple[Path, BinaryIO]:
    """Create a temporary file beside the file that it will become, and lock it until it is closed.

    Parameters
    ----------
    mode : int
        Permissions, which the user's mask may restrict further.

    Returns
    -------
    Path
        Its name.
    BinaryIO
        Open for writing.
    """
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    while True:
        name = temporary_name(path)
        file = os.fdopen(os.open(name, flags, mode), "w+b")
        if _lock(file.fileno()) is not False and name.exists():
            return name, file
        file.close()  # it was swept between its making and its locking


def write_journal(folder: Path, moves: Iterable[tuple[Path, Path]]) -> tuple[Path, BinaryIO]:
    """List which files are to get which names; once this is written, the move is as good as done.

    Returns
    -------
    Path
        The journal's name.
    BinaryIO
        To be closed when the files have their names.
    """
    name, file = create(folder / JOURNAL, 0o600)
    try:
        listed = [[os.path.relpath(before, folder), os.path.relpath(after, folder)] for before, after in moves]
        file.write(json.dumps(listed).encode())
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        file.close()
        name.unlink(missing_ok=True)
        raise
    return name, file


def recover(folder: Path, *, own: bool = False) -> None:
    """Finish or remove what interrupted writes have left in a folder.

    Parameters
    ----------
    own : bool
        Whether the folder is the program's own, where leftovers of older versions are removed, too.
    """
    if not (left := _leftovers(folder, own=own)):
        return
    for place in [*folder.absolute().parents[:LEVELS], folder]:
        for journal in _leftovers(place):
            if journal.name.startswith(f".{JOURNAL}.") and not _finish(journal):
                return  # its files must wait
    for path in left:
        with suppress(OSError), _claimed(path) as is_mine:
            if is_mine:
                path.unlink()


def _leftovers(folder: Path, *, own: bool = False) -> list[Path]:
    patterns = (LEFTOVER, OLDER) if own else (LEFTOVER,)
    try:
        with os.scandir(folder) as entries:
            return [
                folder / entry.name
                for entry in entries
                if any(pattern.fullmatch(entry.name) for pattern in patterns)
            ]
    except OSError:
        return []


def _finish(journal: Path) -> bool:
    """Do what a dead writer has left to do; False if that is not possible now."""
    try:
        with _claimed(journal) as is_mine:
            if not is_mine:
                return not journal.exists()  # its writer lives, or somebody else has just finished it
            for before, after in _read_journal(journal):
                if before.exists():
                    before.replace(after)
            journal.unlink()
    except OSError:
        return False
    return True


def _read_journal(journal: Path) -> list[tuple[Path, Path]]:
    """Read the moves; none if the journal was never finished, and so no file has got its name yet.

    A journal that came with somebody's files moves nothing but their leftovers, and these within their folders.
    """
    try:
        moves = read_moves(journal)
    except SegPaintError:
        return []
    if all(_is_ours(*move) for move in moves):
        return [(journal.parent / before, journal.parent / after) for before, after in moves]
    return []


@reads("a journal")
def read_moves(path: Path) -> list[tuple[Path, Path]]:
    """Read what a journal lists: the present and the future name of each file, relative to its folder.

    Raises
    ------
    SegPaintError
        If it is missing or was never finished.
    """
    return [(Path(before), Path(after)) for before, after in read_json(path)]


def _is_ours(before: Path, after: Path) -> bool:
    stays = (
        before.parent == after.parent and not before.is_absolute() and ".." not in before.parts + after.parts
    )
    return stays and (
        before == unfinished_name(after) or any(LEFTOVER.fullmatch(path.name) for path in (before, after))
    )


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Lock a leftover; False if its writer still lives."""
    if sys.platform == "win32":
        yield _is_abandoned(path.stat())
        return
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        about = os.fstat(file)
        is_mine = stat.S_ISREG(about.st_mode) and _lock(file)
        yield _is_abandoned(about) if is_mine is None else is_mine
    finally:
        os.close(file)


def _lock(file: int) -> bool | None:
    """Lock an open file until it is closed; False if somebody else has, None where files cannot be locked."""
    if sys.platform == "win32":
        return True  # an open file cannot be removed there
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN) else None
    return True


def _is_abandoned(about: os.stat_result) -> bool:
    return time.time() - about.st_mtime > ABANDONED
