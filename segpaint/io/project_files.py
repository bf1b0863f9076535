"""The project file: a zip of a few named parts, bounded before anything of it is unpacked."""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.reading import check_regular, read_bytes, reads

ENDING = ".segpaint"
HEAD, WORK, EDITS, SLICES = "project.json", "work.json", "edits.json", "slices.json"
NEEDED, KNOWN = {HEAD, WORK}, {HEAD, WORK, EDITS, SLICES}
PICTURE = re.compile(r"(?:results|references)/[^/\\\x00-\x1f]{1,200}\.png")
"""The names of results, and of the references that they were made from."""
LARGEST = 256 * 2**20
"""Bytes of a project, packed and unpacked: its parts hold pictures, which do not shrink any more."""
MOST_ENTRIES = 1000
"""Entries of a zip that are looked at; each takes memory before its name is known."""
ENTRY = b"PK\x01\x02"
"""The first bytes of an entry in the directory of a zip."""
IS_ENCRYPTED = 1


@reads("a project")
def read_parts(path: Path) -> dict[str, bytes]:
    """Read the parts of a project by their names.

    Raises
    ------
    SegPaintError
        If it is no zip, is damaged, lacks a part, or holds anything else.
    """
    check_regular(path, LARGEST)
    content = read_bytes(path, LARGEST)
    if content.count(ENTRY) > 2 * MOST_ENTRIES:  # packed bytes may look like an entry, too
        raise SegPaintError(f"{path} holds more files than a project has; give a project that SegPaint saved.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            entries = parts.infolist()
            _check(path, entries)
            return {entry.filename: _unpacked(parts, entry) for entry in entries}
    except zipfile.BadZipFile as error:
        raise SegPaintError(f"{path} is no whole project: {error}.") from error


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    strange = [name for name in names if name not in KNOWN and not PICTURE.fullmatch(name)]
    if strange:
        raise SegPaintError(f"{path} holds {strange[0]!r}, as no project does; give one that SegPaint saved.")
    if len(set(names)) < len(names) or not set(names) >= NEEDED:
        raise SegPaintError(f"{path} does not hold {HEAD} and {WORK} once each, as a project does.")
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise SegPaintError(f"{path} would unpack to more than {LARGEST >> 20} MiB, as no project does.")
    if any(entry.flag_bits & IS_ENCRYPTED for entry in entries):
        raise SegPaintError(f"{path} is encrypted; unpack it, and pack it again without a password.")


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
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in parts.items():
            packing = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            packed.writestr(zipfile.ZipInfo(name), content, packing)  # the same date for each
    write_atomically(path, buffer.getvalue(), private=True)
