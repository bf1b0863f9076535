"""Writes files atomically: none is ever half-written under its own name."""

import errno
import io
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.leftovers import create, recover, temporary_name, write_journal
from segpaint.core.reading import open_regular

__all__ = [
    "check_writable", "encode_png", "make_private", "put_aside", "recover", "with_ending", "write_atomically",
    "write_together",
]  # fmt: skip
NO_FOLDERS: Mapping[Path, Path] = MappingProxyType({})


def encode_png(image: Image.Image, **options: Any) -> bytes:
    """Encode an image as a PNG file, with the options of Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def with_ending(path: Path, *endings: str) -> Path:
    """Append the first of some endings to a name that has none of them; nothing is cut off.

    Raises
    ------
    SegPaintError
        If the path has no name.
    """
    if not path.name:
        raise SegPaintError(f"“{path}” is no name of a file; give one.")
    has_one = any(path.name.lower().endswith(ending) and len(path.name) > len(ending) for ending in endings)
    return path if has_one else path.with_name(path.name + endings[0])


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all, see `write_together`."""
    write_together({path: content}, private=private)


def check_writable(folder: Path) -> None:
    """Check that files can be written to a folder, and make it if it is missing.

    Raises
    ------
    SegPaintError
        If files cannot be written.
    """
    probe = temporary_name(folder / "probe")
    write_atomically(probe, b"")
    _remove(probe)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, or make an existing one such.

    Raises
    ------
    SegPaintError
        If it cannot be made. Permissions that cannot be changed stay as they are.
    """
    try:
        _make_folder(folder, private=True)
    except OSError as error:
        raise SegPaintError(f"{folder} cannot be made: {error.strerror or error}.") from error
    with suppress(OSError):
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) & 0o700)


def put_aside(path: Path, folder: Path) -> Path:
    """Move a file into another folder, under a name that no other file has; the new path.

    Raises
    ------
    OSError
        If it cannot be moved; it stays where it is.
    """
    _make_folder(folder, private=True)
    number = 1
    while (aside := folder / f"{path.stem} {number}{path.suffix}").exists():
        number += 1
    path.replace(aside)
    return aside


def write_together(
    contents: Mapping[Path, bytes | Path | Iterable[bytes]],
    *,
    private: bool = False,
    folders: Mapping[Path, Path] = NO_FOLDERS,
    recovered: bool = False,
) -> None:
    """Write several files, which appear together or not at all, even if the program is killed.

    Permissions of a file that is replaced are never widened.

    Parameters
    ----------
    contents : mapping of Path to bytes, Path, or iterable of bytes
        The content of each file, or a file to copy, or the parts of one that is too large for the memory.
    private : bool
        Whether only the owner may read the files and enter folders that are made for them.
    folders : mapping of Path to Path
        At most one folder that appears with them, with its hidden name until then (see `unfinished_name`).
        After an error it is gone.
    recovered : bool
        Whether `recover` was called for the folders before. It lists them, which takes long where they hold
        100,000 files.

    Raises
    ------
    SegPaintError
        If a folder cannot be written or the disk is full; older files stay unchanged.
    """
    temporary: dict[Path, Path] = {}
    whole = {**contents, **folders}
    path = next(iter(whole), Path())
    with ExitStack() as files:
        try:
            for folder in set() if recovered else {path.parent for path in whole} | {_common(whole)}:
                recover(folder)
            for path, content in contents.items():
                _make_folder(path.parent, private=private)
                if path.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
                temporary[path], file = create(path, 0o600 if private else 0o666)
                files.enter_context(file)
                _keep_strict(path, temporary[path])
                if isinstance(content, Path):
                    with open_regular(content, sys.maxsize) as source:
                        shutil.copyfileobj(source, file)
                elif isinstance(content, bytes):
                    file.write(content)
                else:
                    file.writelines(content)
                file.flush()
                os.fsync(file.fileno())
            if os.name == "nt":
                files.close()  # an open file cannot be renamed there
            temporary.update(folders)
            folders = NO_FOLDERS
            _rename(temporary)
        except (FileExistsError, NotADirectoryError) as error:
            raise SegPaintError(f"{path} cannot be written: a file lies where its folder should be.") from error
        except OSError as error:
            raise SegPaintError(f"{path} cannot be written: {error.strerror or error}.") from error
        except ValueError as error:  # a zero byte, or a character that this system's names cannot have
            names = ", ".join(repr(str(path)) for path in contents)
            raise SegPaintError(f"{names} cannot be written: {error}.") from error
        finally:  # after an interruption too
            files.close()
            for leftover in (*temporary.values(), *folders.values()):
                _remove(leftover)


def _rename(temporary: dict[Path, Path]) -> None:
    """Give files their names, all or none; a folder comes last, since it is never moved back.

    If the disk fails so badly that not even the way back is possible, everything stays as it is, and `recover`
    completes it later. `temporary` is then emptied.
    """
    if len(temporary) == 1:
        ((path, name),) = temporary.items()
        name.replace(path)
        return
    before: dict[Path, Path] = {}  # what is replaced, under another name
    folder = _common(temporary)
    with ExitStack() as files:
        try:
            for path in temporary:
                if path.exists():
                    before[path] = _second_name(path)
            journal, file = write_journal(folder, [(name, path) for path, name in temporary.items()])
            files.enter_context(file)
            done: list[Path] = []
            try:
                for path, name in temporary.items():
                    name.replace(path)
                    done.append(path)
            except BaseException:
                back = [
                    (before[path], path) if path in before else (path, temporary_name(path)) for path in done
                ]
                try:
                    _go_back(folder, journal, back, files)
                except OSError:
                    before.clear()
                    temporary.clear()
                    raise
                for _, name in back:
                    if name not in done:
                        _remove(name)
                raise
            _remove(journal)
        finally:
            for name in before.values():
                _remove(name)


def _go_back(folder: Path, journal: Path, moves: list[tuple[Path, Path]], files: ExitStack) -> None:
    """Undo moves under a journal of their own, which takes the place of the first one."""
    undo, file = write_journal(folder, moves)
    files.enter_context(file)
    if os.name == "nt":
        files.close()  # an open file cannot be renamed there
    undo.replace(journal)
    for before, after in moves:
        before.replace(after)
    journal.unlink()


def _remove(path: Path) -> None:
    with suppress(OSError):  # swept later
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)


def _second_name(path: Path) -> Path:
    name = temporary_name(path)
    try:
        os.link(path, name)
    except OSError:  # not every file system can
        shutil.copy2(path, name)
    return name


def _common(paths: Mapping[Path, object]) -> Path:
    return Path(os.path.commonpath([path.parent.absolute() for path in paths]))


def _make_folder(folder: Path, *, private: bool) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(0o700 if private else 0o777, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _keep_strict(path: Path, temporary: Path) -> None:
    """Give a file no permission that the one lacks which it replaces."""
    if path.exists():
        mode = stat.S_IMODE(temporary.stat().st_mode)
        temporary.chmod(mode & stat.S_IMODE(path.stat().st_mode))
