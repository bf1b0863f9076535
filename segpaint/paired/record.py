"""Records which pairs of a set are whole, so that it is gone on with without opening all of them."""

import json
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import LARGEST_RECORD, open_regular, reads
from segpaint.paired.pairs import Pair, Place, Spot

WORK = Path(".segpaint")
"""The folder, within a set, of what its makers note for each other."""
PATTERN = ".whole-*.jsonl"
STATE = struct.Struct(">4q")
"""Size and time of change of the image's file and the mask's."""


class Record:
    """What makers of a set have noted of the pairs that they wrote: files and digests.

    It only saves time. A file that is not as it was noted, in size or time of change, is looked at whole, and a
    record that is lost or damaged costs no pair. Each maker writes a file of its own.

    Parameters
    ----------
    folder : Path
        Of the set.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / WORK
        self._path = self._folder / PATTERN.replace("*", secrets.token_hex(6))
        self._file: BinaryIO | None = None

    def read(self) -> dict[Place, bytes]:
        """Read what all makers noted: opaque, for `find`; of two notes on a pair the later one."""
        noted: dict[Place, bytes] = {}
        paths = [path for path in self._folder.glob(PATTERN) if path.is_file()]
        for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns):
            with suppress(SegPaintError):
                noted.update(read_notes(path))
        return noted

    def find(self, noted: dict[Place, bytes], spot: Spot, image: str, mask: str) -> bytes | None:
        """Take the note on a pair out; the digest of its image if both files are as noted."""
        note = noted.pop(spot.place, None)
        if note is None or not spot.recipe:
            return None
        kept = note[: -32 - STATE.size], note[-32 - STATE.size : -32]
        return note[-32:] if kept == (spot.recipe, _state(image, mask)) else None

    def add(self, spot: Spot | Pair, image: str, mask: str, digest: bytes) -> None:
        """Note a pair whose files are whole; a disk that refuses costs time later, and nothing now."""
        state = _state(image, mask)
        if not spot.recipe or state is None:
            return
        line = [spot.folder, spot.name, spot.recipe.hex(), state.hex(), digest.hex()]
        with suppress(OSError):
            if self._file is None:
                self._folder.mkdir(exist_ok=True)
                self._file = self._path.open("xb")
            self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file of this maker."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


@reads("a record of a paired set", "delete it")
def read_notes(path: Path) -> dict[Place, bytes]:
    """Read the notes of one maker; a torn line, of one that was killed, is passed over.

    Raises
    ------
    SegPaintError
        If the file cannot be read.
    """
    with open_regular(path, LARGEST_RECORD) as file:
        return dict(_parse(file))


def _parse(lines: Any) -> Iterator[tuple[Place, bytes]]:
    for line in lines:
        with suppress(ValueError, TypeError):
            folder, name, *rest = json.loads(line)
            note = b"".join(map(bytes.fromhex, rest))
            if isinstance(folder, str) and isinstance(name, str) and len(note) > 32 + STATE.size:
                yield (folder, name), note


def _state(image: str, mask: str) -> bytes | None:
    """Describe two files; None if one is missing."""
    try:
        found = [os.stat(path) for path in (image, mask)]  # noqa: PTH116 - 100,000 times
    except (OSError, ValueError):
        return None
    first, second = found
    return STATE.pack(first.st_size, first.st_mtime_ns, second.st_size, second.st_mtime_ns)
