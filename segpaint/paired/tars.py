"""The tar files of a paired set: which pairs each has, what it consists of, and what is read from it.

A set in the layout of WebDataset has its pairs in tar files of `PAIRS` pairs, in the order of the plan. A file
is written once all of its pairs are made, so its bytes depend on them alone, and not on who made them, or when.
"""

import hashlib
import tarfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import LARGEST_FILE, open_regular, reads
from segpaint.paired.begun_folder import read_file
from segpaint.paired.pairs import Pair, Spot
from segpaint.paired.plan import spot_at, spots

PAIRS = 1000
"""Pairs of a tar file. It must stay as it is: a set that was begun is gone on with by the same number."""
MEMBERS = 3
"""Files of each pair."""
LARGEST_TAR = 32 * 2**30
"""Bytes of a tar file: `PAIRS` colour images of 4096 x 4096 that compress to half, and their masks."""


@dataclass(frozen=True)
class Tar:
    """A tar file of a set.

    Attributes
    ----------
    path : Path
        Within the set.
    positions : sequence of int
        Of its pairs in the plan.
    """

    path: Path
    positions: Sequence[int]


class Tars:
    """Which pairs of a set each of its tar files has.

    Parameters
    ----------
    pairs : sequence of Pair
        All of the set.
    """

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        groups: dict[tuple[str, str], array[int]] = {}
        for position, spot in enumerate(spots(pairs)):
            groups.setdefault((spot.folder, spot.split), array("q")).append(position)
        self._tars = [
            Tar(Path(folder, split, f"{first // PAIRS:06}.tar"), positions[first : first + PAIRS])
            for (folder, split), positions in groups.items()
            for first in range(0, len(positions), PAIRS)
        ]
        self._numbers = array("q", bytes(8 * len(pairs)))
        for number, tar in enumerate(self._tars):
            for position in tar.positions:
                self._numbers[position] = number
        self._index: dict[str, tuple[int, int]] = {}
        self._indexed: tuple[Path, int, int] | None = None

    def over(self, positions: Iterable[int] | None = None) -> list[Tar]:
        """Return the tar files of some pairs, or all."""
        if positions is None:
            return self._tars
        return [self._tars[number] for number in sorted({self._numbers[position] for position in positions})]

    def spot(self, tar: Tar) -> Spot:
        """Return what stands for a tar file among the notes on pairs; its recipe is that of all its pairs."""
        recipe = hashlib.sha256()
        for position in tar.positions:
            spot = spot_at(self._pairs, position)
            recipe.update(f"{spot.name}\0".encode() + spot.recipe)
        return Spot(tar.path.name, tar.path.parent.as_posix(), "", recipe.digest())

    def read(self, folder: Path, position: int, path: Path) -> bytes:
        """Read a file of a pair, whether it lies by itself or in its tar file.

        Parameters
        ----------
        folder : Path
            Of the set, or of a part of it.
        path : Path
            Of the image or the mask, within the set.

        Returns
        -------
        bytes
            Nothing if it is missing, or the tar file is damaged.
        """
        with suppress(SegPaintError):
            if (folder / path).is_file():
                return read_file(folder / path)
        tar = folder / self._tars[self._numbers[position]].path
        with suppress(OSError, SegPaintError):
            status = tar.stat()
            state = tar, status.st_size, status.st_mtime_ns
            if self._indexed != state:
                self._index, self._indexed = read_index(tar), state
            if path.name in self._index:
                return read_member(tar, *self._index[path.name])
        return b""


def tar_bytes(members: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Encode a tar file, by the names of its members and what they hold; none has a time or an owner.

    Yields
    ------
    bytes
        A part of the file.
    """
    for name, content in members:
        head = tarfile.TarInfo(name)
        head.size = len(content)
        yield head.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
        yield content
        yield bytes(-len(content) % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


@reads("a tar file of a paired set", "delete it, and make its pairs again by the same command")
def read_index(path: Path) -> dict[str, tuple[int, int]]:
    """Find where the members of a tar file lie.

    Returns
    -------
    dict of str to (int, int)
        First byte and size, by name.

    Raises
    ------
    SegPaintError
        If it cannot be read, or has more members than a file of a set.
    """
    index: dict[str, tuple[int, int]] = {}
    with open_regular(path, LARGEST_TAR) as file, tarfile.TarFile(fileobj=file, mode="r") as tar:
        for member in tar:
            if len(index) >= MEMBERS * PAIRS:
                raise ValueError(f"it has more than {MEMBERS * PAIRS:,} members")
            if member.isreg() and member.sparse is None:
                index[member.name] = member.offset_data, member.size
    return index


@reads("a tar file of a paired set", "delete it, and make its pairs again by the same command")
def read_member(path: Path, start: int, size: int) -> bytes:
    """Read a member of a tar file, see `read_index`.

    Raises
    ------
    SegPaintError
        If it cannot be read, or ends before the member does.
    """
    if size > LARGEST_FILE:
        raise ValueError(f"a member has {size:,} bytes")
    with open_regular(path, LARGEST_TAR) as file:
        file.seek(start)
        content = file.read(size)
    if len(content) != size:
        raise ValueError("it is cut short")
    return content
