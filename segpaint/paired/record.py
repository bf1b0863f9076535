"""Records which pairs of a set are whole, so that it is gone on with without opening all of them."""

import json
import os
import secrets
import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import LARGEST_RECORD, open_regular, reads
from segpaint.paired.pairs import Pair, Place, Spot

WORK = Path(".segpaint")
"""The folder, within a set, of what its makers note for each other."""
PATTERN = ".whole-*.jsonl"
DIGEST = 32
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
        self._is_closed = False
        self._read: dict[Path, int] = {}
        self._noted: dict[Place, bytes] = {}

    def refresh(self) -> None:
        """Read what other makers noted since the last time; of two notes on a pair the later one holds."""
        paths = [path for path in self._folder.glob(PATTERN) if path != self._path and path.is_file()]
        for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns):
            before = self._read.get(path, 0)
            if path.stat().st_size > before:
                with suppress(SegPaintError):
                    notes, self._read[path] = read_notes(path, before)
                    self._noted.update(notes)

    @property
    def count(self) -> int:
        """Count the pairs that others noted, and that were not looked for yet; tar files are none."""
        return sum(not name.endswith(".tar") for _, name in self._noted)

    @property
    def latest(self) -> str:
        """Name the one of these that was noted last."""
        return next(reversed(self._noted), ("", ""))[1]

    def find(self, spot: Spot, image: str, mask: str, count: int = 1) -> bytes | None:
        """Take the note on a pair out; the digest of its image if both files are as noted.

        A tar file has a note, too, as if it were an image and its mask: with the digests of `count` images.
        """
        note = self._noted.pop(spot.place, None)
        if note is None or not spot.recipe:
            return None
        head = spot.recipe + (_state(image, mask) or b"")
        return note[len(head) :] if note.startswith(head) and len(note) == len(head) + count * DIGEST else None

    def add(self, spot: Spot | Pair, image: str, mask: str, digest: bytes) -> None:
        """Note a pair whose files are whole; a disk that refuses costs time later, and nothing now."""
        state = _state(image, mask)
        if not spot.recipe or state is None or self._is_closed:
            return
        line = [spot.folder, spot.name, spot.recipe.hex(), state.hex(), digest.hex()]
        with suppress(OSError):
            if self._file is None:
                self._folder.mkdir(exist_ok=True)
                self._file = self._path.open("xb")
            self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file of this maker, who notes no more: an image under way may be finished still."""
        self._is_closed = True
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


@reads("a record of a paired set", "delete it")
def read_notes(path: Path, start: int = 0) -> tuple[dict[Place, bytes], int]:
    """Read the notes of one maker, from a byte on; a torn line, of one that was killed, is passed over.

    Returns
    -------
    dict of Place to bytes
        For `Record.find`.
    int
        Where the last whole line ends.

    Raises
    ------
    SegPaintError
        If the file cannot be read.
    """
    notes: dict[Place, bytes] = {}
    with open_regular(path, LARGEST_RECORD) as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                break
            start += len(line)
            with suppress(ValueError, TypeError):
                folder, name, *rest = json.loads(line)
                note = b"".join(map(bytes.fromhex, rest))
                if isinstance(folder, str) and isinstance(name, str) and len(note) > DIGEST + STATE.size:
                    notes[folder, name] = note
    return notes, start


def _state(image: str, mask: str) -> bytes | None:
    """Describe two files; None if one is missing."""
    try:
        found = [os.stat(path) for path in (image, mask)]  # noqa: PTH116 - 100,000 times
    except (OSError, ValueError):
        return None
    first, second = found
    return STATE.pack(first.st_size, first.st_mtime_ns, second.st_size, second.st_mtime_ns)
