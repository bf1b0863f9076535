"""The project file: a zip of a few named parts, bounded before anything of it is unpacked."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.reading import LARGEST_REQUEST, check_regular, read_bytes, reads

ENDING = ".segpaint"
HEAD, WORK = "project.json", "work.json"
MOST_ENTRIES = 100
"""Entries of a zip that are looked at; each takes memory before its name is known."""
ENTRY = b"PK\x01\x02"
"""The first bytes of an entry in the directory of a zip."""
IS_ENCRYPTED = 1


@reads("a project")
def read_parts(path: Path) -> dict[str, bytes]:
    """Read the parts of a project by their names, `HEAD` and `WORK`.

    Raises
    ------
    SegPaintError
        If it is no zip, is damaged, lacks a part, or holds anything else.
    """
    check_regular(path, LARGEST_REQUEST)
    content = read_bytes(path, LARGEST_REQUEST)
    if content.count(ENTRY) > MOST_ENTRIES:
        raise SegPaintError(f"{path} holds more files than a project has; give a project that SegPaint saved.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            entries = parts.infolist()
            if sorted(entry.filename for entry in entries) != sorted((HEAD, WORK)):
                raise SegPaintError(f"{path} does not hold {HEAD} and {WORK} alone, as a project does.")
            if sum(entry.file_size for entry in entries) > LARGEST_REQUEST:
                raise SegPaintError(
                    f"{path} would unpack to more than {LARGEST_REQUEST >> 20} MiB, as no project does."
                )
            if any(entry.flag_bits & IS_ENCRYPTED for entry in entries):
                raise SegPaintError(f"{path} is encrypted; unpack it, and pack it again without a password.")
            return {entry.filename: _unpacked(parts, entry) for entry in entries}
    except zipfile.BadZipFile as error:
        raise SegPaintError(f"{path} is no whole project: {error}.") from error


def _unpacked(parts: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with parts.open(entry) as part:
        return part.read(entry.file_size)  # never more, whatever the packed bytes hold


def write_parts(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write a project whole or not at all, for its owner alone.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # the same date for each
    write_atomically(path, buffer.getvalue(), private=True)
