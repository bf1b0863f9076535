"""Lets several processes, on several machines, share a folder: each claims what it makes, a chunk at a time.

A claim is a file that only one process can create (`O_EXCL`). It names its maker, whose own file is touched
while it lives. A claim of a dead maker is not removed by who comes next: two might do so, and the second would
remove the claim of the first. Instead, the next generation of it is created, which again only one can. Ages are
measured by the clock of the file system, so clocks of machines may differ.
"""

import os
import secrets
import socket
import threading
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import read_model, reads

BEAT = 20.0
"""Seconds between two signs of life."""
STALE = 300.0
"""Seconds without a sign of life after which a maker counts as dead; on this machine, once it has ended."""
LARGEST = 4096
"""Bytes of a claim."""
_here: set[str] = set()
"""Tokens of the makers of this process."""


class Maker(BaseModel, frozen=True, extra="forbid"):
    """A process that makes pairs.

    Attributes
    ----------
    token : str
        Drawn at random.
    machine : str
        Where it runs: the name, and the space of process numbers.
    process : int
        Its number there.
    """

    token: str
    machine: str
    process: int

    @classmethod
    def here(cls) -> "Maker":
        """Describe this process."""
        space = ""
        with suppress(OSError):  # of Linux: a container numbers its processes by itself
            space = str(Path("/proc/self/ns/pid").readlink())
        return cls(token=secrets.token_hex(8), machine=f"{socket.gethostname()} {space}", process=os.getpid())

    def has_ended(self, here: "Maker") -> bool:
        """Check whether it was a process of this machine that is not there any more."""
        if self.machine != here.machine:
            return False
        if self.process == here.process:  # numbers come again, above all in containers
            return self.token not in _here
        return not _is_running(self.process)


class Claims:
    """The claims of a folder, as one maker sees them.

    Parameters
    ----------
    folder : Path
        Where claims lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.maker = Maker.here()
        _here.add(self.maker.token)
        self._path = folder / f"maker-{self.maker.token}"
        self._held: dict[str, int] = {}
        self._end = threading.Event()
        self._beating: threading.Thread | None = None
        self._is_seen = False

    def begin(self, *, beats: bool = True) -> None:
        """Begin to be seen by others, who find a sign of life here from now on.

        Parameters
        ----------
        beats : bool
            Whether signs go on, which a maker needs that others may work beside.

        Raises
        ------
        SegPaintError
            If the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _create(self._path, self.maker)
        except OSError as error:
            raise SegPaintError(f"{self._path} cannot be written: {error.strerror or error}.") from error
        self._is_seen = True
        if beats:
            self._beating = threading.Thread(target=self._beat, daemon=True)
            self._beating.start()

    def end(self) -> None:
        """Give up all claims, and sign off."""
        for name in list(self._held):
            self.give_back(name)
        if self._beating is not None:
            self._end.set()
            self._beating.join()
            self._beating = None
        if self._is_seen:
            self._is_seen = False
            _remove(self._path)
        _here.discard(self.maker.token)

    def others(self) -> bool:
        """Check whether another maker lives; the signs of dead ones are removed."""
        found = False
        for path in self._folder.glob("maker-*"):
            if path == self._path:
                continue
            if self._lives(path):
                found = True
            else:
                _remove(path)
        return found

    def take(self, name: str) -> bool | None:
        """Take something for this maker, unless another that lives has it.

        Returns
        -------
        bool or None
            True if it is ours; False if it is claimed by another that lives; None if it is ours, and was left
            by a dead maker, who may have left files half-renamed.

        Raises
        ------
        SegPaintError
            If the folder cannot be written.
        """
        latest = max(self._generations(name), default=0)
        if latest and self._lives(self._claim(name, latest)):
            return False
        try:
            _create(self._claim(name, latest + 1), self.maker)
        except FileExistsError:
            return False
        except OSError as error:
            raise SegPaintError(f"{self._folder} cannot be written: {error.strerror or error}.") from error
        self._held[name] = latest + 1
        return None if latest else True

    def give_back(self, name: str) -> None:
        """Give a claim up, with those of dead makers before it."""
        mine = self._held.pop(name, 0)
        for generation in sorted(self._generations(name)):
            if generation <= mine:
                _remove(self._claim(name, generation))

    def _claim(self, name: str, generation: int) -> Path:
        return self._folder / f"{name}.{generation}"

    def _generations(self, name: str) -> list[int]:
        endings = (path.name.removeprefix(f"{name}.") for path in self._folder.glob(f"{name}.*"))
        return [int(ending) for ending in endings if ending.isdecimal()]

    def _lives(self, path: Path) -> bool:
        """Check whether the maker of a file lives."""
        last = _changed(path)
        if last is None:
            return False  # given up meanwhile
        with suppress(SegPaintError):  # it is being written, or was cut by the death of its maker
            maker = read_maker(path)
            if maker.has_ended(self.maker):
                return False
            last = max(last, _changed(self._folder / f"maker-{maker.token}") or 0.0)
        return self._now() - last < STALE

    def _now(self) -> float:
        """Return the time by the clock of the file system."""
        self._touch()
        return _changed(self._path) or 0.0

    def _touch(self) -> None:
        with suppress(OSError):
            try:
                os.utime(self._path)
            except FileNotFoundError:  # others took us for dead, since the machine slept
                _create(self._path, self.maker)

    def _beat(self) -> None:
        while not self._end.wait(BEAT):
            self._touch()


@reads("a claim on a part of a paired set", "delete it")
def read_maker(path: Path) -> Maker:
    """Read who has made a claim.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    return read_model(path, Maker, LARGEST)


def _create(path: Path, maker: Maker) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(maker.model_dump_json())


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return True  # asking would end it; its last sign of life decides
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
