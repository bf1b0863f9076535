"""Writes folders whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable


@contextmanager
def whole_folder(folder: Path, *, private: bool = False) -> Iterator[Path]:
    """Make a folder that appears when all is in it; after an error there is nothing.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    private : bool
        Whether only the owner may enter it.

    Yields
    ------
    Path
        The folder to write to, a hidden one beside it.

    Raises
    ------
    SegPaintError
        If the folder holds something, or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise SegPaintError(f"{folder} exists already; choose another folder, or remove it.")
    check_writable(folder.parent)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)  # of a program that was killed
        unfinished.mkdir(0o700 if private else 0o777)
        yield unfinished
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise SegPaintError(f"{folder} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


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
