"""Makes a paired set at an address, such as s3://bucket/folder, in a working folder of this machine.

Stores of objects have no claims, see `segpaint.paired.claims`, and no renaming. So each pair goes to the
address once it is made, and counts as made once it is there. Makers share a set by parts. Whoever finds all
pairs there fetches those of others, and writes what describes the set. If two do so at once, they write the
same bytes.
"""

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from filelock import FileLock, Timeout

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Precision
from segpaint.paired.address import Address
from segpaint.paired.begun_folder import holds, read_file
from segpaint.paired.locks import LOCK
from segpaint.paired.manifest import CSV, JSON
from segpaint.paired.missing import Missing
from segpaint.paired.plan import Pair, spot_at
from segpaint.paired.shards import Shard
from segpaint.paired.sources import SOURCES
from segpaint.paired.specification import SPECIFICATION, Specification, read_specification
from segpaint.paired.store import PairedSet

MASK = re.compile(rf"{SOURCES}/[\w.-]+\.png")
PREFIX = "segpaint-set-"
OLD = 3600.0
"""Seconds after which a working folder that nobody holds was left by a maker that was killed."""
TRIES = 5
"""How often files are listed anew that others have packed meanwhile."""


@contextmanager
def open_remote(
    address: Address,
    specification: Specification,
    precision: Precision,
    checkpoints: Sequence[Path],
    shard: Shard,
) -> Iterator["RemoteSet"]:
    """Open a set at an address, with a working folder that goes with it; see `RemoteSet`."""
    _sweep()
    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with closing(RemoteSet(address, folder, specification, precision, checkpoints, shard)) as made:
            yield made


def _sweep() -> None:
    """Remove the working folders of makers that were killed."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout):
            if time.time() - folder.stat().st_mtime > OLD:
                with FileLock(folder / LOCK, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)


class RemoteSet(PairedSet):
    """A paired set at an address. Its folder holds copies of the pairs of the part that is made here.

    Parameters
    ----------
    address : Address
        Empty or missing, or with a set of the same specification.
    folder : Path
        Empty.
    specification, precision, checkpoints, shard
        See `PairedSet`. Nobody else may make the same part.

    Raises
    ------
    SegPaintError
        See `PairedSet`; or if the address is not reached, or holds other files.
    """

    def __init__(
        self,
        address: Address,
        folder: Path,
        specification: Specification,
        precision: Precision,
        checkpoints: Sequence[Path] = (),
        shard: Shard | None = None,
    ) -> None:
        self._address = address
        self._there = address.names()
        self._is_begun = self._fetch_beginning(folder, specification)
        super().__init__(folder, specification, precision, checkpoints=checkpoints, shard=shard)

    def shown(self, path: Path = Path()) -> str:
        """Name a file of the set, or its place, in a sentence."""
        return str(self._address) if path == Path() else f"{self._address}/{path.as_posix()}"

    @property
    def count(self) -> int:
        """Count the pairs at the address, as far as they are known here."""
        return sum(self._is_there(position) for position in range(len(self.pairs)))

    # ---- beginning

    def _fetch_beginning(self, folder: Path, specification: Specification) -> bool:
        """Fetch specification and masks, and check that they are those asked for; False if there are none."""
        others = {name for name in self._there if not _is_beginning(name)}
        if SPECIFICATION in self._there:
            self._address.get([SPECIFICATION], folder)
            try:
                read_specification(folder / SPECIFICATION)
            except SegPaintError:
                if others:
                    raise
                (folder / SPECIFICATION).unlink()  # cut short when whoever began it was killed
                return False
            self._address.get(self._there - others, folder)
            if not holds(folder, specification):
                raise SegPaintError(
                    f"{self._address} holds another set than the one asked for; choose another address."
                )
            return True
        if others:
            raise self._strange(min(others))
        return False

    def _strange(self, name: str) -> SegPaintError:
        return SegPaintError(
            f"{self._address} holds other files, such as {name}; choose an empty folder there for the set."
        )

    def take_up(self) -> None:
        """Begin the set at the address, or fetch the pairs of this part that are there."""
        if not self._is_begun:
            self._begin()
        self._fetch(self.positions)

    def _begin(self) -> None:
        own = {name: read_file(self.folder / name) for name in self._local() if _is_beginning(name)}
        for name in sorted(self._there):  # of whoever was killed while beginning the same set
            if not own.get(name, b"").startswith(self._address.read(name)):
                raise self._strange(name)
        specification = own.pop(SPECIFICATION)
        if own:
            self._address.write(own)
        self._address.write({SPECIFICATION: specification})  # last: with it, the set is begun

    # ---- making

    def adopt(self, pair: Pair, image: bytes) -> None:
        """Write a pair to the address, and into the folder.

        Raises
        ------
        SegPaintError
            If it cannot be written, or another maker has just made the same pair.
        """
        path, mask = self.layout.image(pair).as_posix(), self.layout.mask(pair).as_posix()
        if path not in self._there and self._address.has(path):
            raise SegPaintError(
                f"{self.shown(Path(path))} was just made by another process, too. Let only one process make a "
                "set at an address, or give each its own part: --shard 1/4 and so on."
            )
        self._address.write({mask: self.layout.encode_mask(pair), path: image})
        self._there |= {mask, path}
        super().adopt(pair, image)

    def pack(self, positions: Iterable[int]) -> None:
        """Pack tar files as `PairedSet.pack` does, and put them to the address in place of their pairs."""
        positions = list(positions)
        super().pack(positions)
        self._put_tars(positions)

    def _put_tars(self, positions: Iterable[int] | None = None) -> None:
        for tar in self.packing.tars.over(positions) if self.packing is not None else ():
            name = tar.path.as_posix()
            if (self.folder / tar.path).is_file():
                loose = self._there & self._loose(tar.positions)
                if loose or name not in self._there:
                    self._address.put([name], self.folder)
                    self._there.add(name)
                    self._address.remove(loose)
                    self._there -= loose

    # ---- summing up

    def sum_up_last(self) -> None:
        """Sum up once all pairs of all parts are at the address.

        Raises
        ------
        SegPaintError
            If the address is not reached, or a pair of another part is damaged.
        """
        if len(self.missing):
            return
        self._there = self._address.names()
        if self.count < len(self.pairs):
            return
        everything, own = range(len(self.pairs)), set(self.digests)
        self._fetch(everything)
        self.take_in()
        damaged = next(Missing(self.pairs, self.digests, everything).places(), None)
        if damaged is not None:
            path = self.layout.image(spot_at(self.pairs, damaged))
            raise SegPaintError(
                f"{self.shown(path)}, its mask, or the tar file that holds them is damaged. Once nobody else "
                "makes the set, give the command without --shard, which makes it anew."
            )
        if self._address.read(SPECIFICATION) != read_file(self.folder / SPECIFICATION):
            raise SegPaintError(f"Another set was begun at {self._address}; choose another address.")
        self.sum_up()
        self._put_tars()
        tables = self._local() - self._names(everything) - {CSV, JSON}
        self._address.put(sorted(name for name in tables if not _is_beginning(name)), self.folder)
        self._address.put([CSV, JSON], self.folder)  # last: with them, the set is finished
        for place in self.digests.keys() - own:  # what is counted as finished here is the part
            del self.digests[place]

    # ---- files

    def _fetch(self, positions: Sequence[int]) -> None:
        """Fetch what the address has of some pairs and the folder lacks."""
        wanted = self._names(positions)
        for _ in range(TRIES):
            lacking = (name for name in self._there & wanted if not (self.folder / name).exists())
            if self._address.get(lacking, self.folder):
                return
            self._there = self._address.names()  # another has packed pairs that were listed
        raise SegPaintError(f"{self._address} is changed by others meanwhile; give the same command again.")

    def _local(self) -> set[str]:
        """List the files of the folder but hidden ones."""
        paths = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return {path.as_posix() for path in paths if not path.parts[0].startswith(".")}

    def _names(self, positions: Sequence[int]) -> set[str]:
        """Name the files that some pairs may have: their own, and tar files."""
        tars = self.packing.tars.over(positions) if self.packing is not None else ()
        return self._loose(positions) | {tar.path.as_posix() for tar in tars}

    def _loose(self, positions: Sequence[int]) -> set[str]:
        """Name the files that some pairs have by themselves."""
        spots = (spot_at(self.pairs, position) for position in positions)
        return {place(spot).as_posix() for spot in spots for place in (self.layout.image, self.layout.mask)}

    def _is_there(self, position: int) -> bool:
        loose = self._loose([position])
        return loose <= self._there or not self._there.isdisjoint(self._names([position]) - loose)


def _is_beginning(name: str) -> bool:
    """Check whether a file is the specification or one of its masks; others may lead out of the folder."""
    return name == SPECIFICATION or MASK.fullmatch(name) is not None
