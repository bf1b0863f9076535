"""Writes folders whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable, write_together
from segpaint.core.leftovers import unfinished_name

NOTHING: Mapping[Path, bytes] = MappingProxyType({})


@contextmanager
def whole_folder(
    folder: Path, *, private: bool = False, beside: Mapping[Path, bytes] = NOTHING
) -> Iterator[Path]:
    """Make a folder that appears when all is in it; after an error there is nothing.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    private : bool
        Whether only the owner may enter it.
    beside : mapping of Path to bytes
        Files that appear with it or not at all, even if the program is killed.

    Yields
    ------
    Path
        The folder to write to, a hidden one beside it.

    Raises
    ------
    SegPaintError
        If the folder holds something, or cannot be written.
    """
    check_writable(folder.parent)  # a program that was killed may have all but finished the folder
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise SegPaintError(f"{folder} exists already; choose another folder, or remove it.")
    unfinished = unfinished_name(folder)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)  # of a program that was killed
        unfinished.mkdir(0o700 if private else 0o777)
        yield unfinished
        if folder.exists():
            folder.rmdir()
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError):
            raise SegPaintError(f"{folder} cannot be written: {error.strerror or error}.") from error
        raise
    write_together(beside, private=private, folders={folder: unfinished})


def write_new(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file that does not exist yet, down to the disk.

    Parameters
    ----------
    private : bool
        Whether only the owner may read it.

    Raises
    ------
    OSError
        If it exists or cannot be written.
    """
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600 if private else 0o666), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
