"""Writes files atomically: none is ever half-written under its own name."""

import errno
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from segpaint.core.errors import SegPaintError


def encode_png(image: Image.Image, **options: Any) -> bytes:
    """Encode an image as a PNG file, with the options of Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, see `write_together`."""
    write_together({path: content})


def check_writable(folder: Path) -> None:
    """Check that files can be written to a folder, and make it if it is missing.

    Raises
    ------
    SegPaintError
        If files cannot be written.
    """
    probe = folder / f".{secrets.token_hex(4)}"
    write_atomically(probe, b"")
    probe.unlink()


def write_together(contents: Mapping[Path, bytes | Path]) -> None:
    """Write several files, each whole, and none if one of them does not fit on the disk.

    Parameters
    ----------
    contents : mapping of Path to bytes or Path
        The content of each file, or a file to copy.

    Raises
    ------
    SegPaintError
        If a folder cannot be written or the disk is full; older files stay unchanged.
    """
    temporary = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}") for path in contents}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            with temporary[path].open("xb") as file:
                if isinstance(content, Path):
                    with content.open("rb") as source:
                        shutil.copyfileobj(source, file)
                else:
                    file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in contents:
            temporary[path].replace(path)
    except (FileExistsError, NotADirectoryError) as error:
        raise SegPaintError(f"{path} cannot be written: a file lies where its folder should be.") from error
    except OSError as error:
        raise SegPaintError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:  # after an interruption too
        for leftover in temporary.values():
            # In an unwritable folder, even Path.exists may fail.
            if os.path.lexists(leftover):
                leftover.unlink()
