"""Makes a paired set on a Ray cluster: its makers are actors, which share the folder as any others do.

Ray starts them, and reports those that are lost. What is made, and by whom, is in the folder alone, see
`segpaint.paired.claims`. Ray itself is loaded when it is asked for.
"""

import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from segpaint.core.errors import SegPaintError
from segpaint.core.interrupts import interruptible
from segpaint.core.requests.request import Precision
from segpaint.core.words import counted
from segpaint.paired.claims import Maker
from segpaint.paired.making import Alone, Makers, make_missing
from segpaint.paired.record import WORK
from segpaint.paired.shards import Shard
from segpaint.paired.specification import SPECIFICATION, read_specification
from segpaint.paired.store import PairedSet

AUTO, LOCAL = "auto", "local"
"""The cluster that this machine belongs to; one that is started here, and ends with the set."""
CORES = 4
"""Of a maker without a GPU."""
PAUSE = 0.5
"""Seconds between two looks at what is made."""
PATIENCE = 30.0
"""Seconds that makers get to finish the image under way, once they are to stop."""
REACHED = 10.0
"""Seconds after which a cluster counts as out of reach; Ray itself would try for many minutes."""
SEEN = 10.0
"""Seconds in which a file must be seen by all machines that share a folder."""
TRIES = 3
"""How often each maker may be lost without a finished pair between."""
STORE = 80 * 2**20
"""Bytes of the memory in which Ray passes objects on: the least that it takes; no image goes through it."""


class Room(NamedTuple):
    """A machine of the cluster, and the makers that it has room for.

    Attributes
    ----------
    node : str
        By which Ray knows it.
    makers : int
    cores, gpus : int
        Of each maker.
    """

    node: str
    makers: int
    cores: int
    gpus: int


def find_rooms(nodes: Sequence[Mapping[str, Any]], device: str) -> list[Room]:
    """Divide a cluster among makers: one for each GPU, or where there is none at all, for every four cores.

    Parameters
    ----------
    nodes : sequence of mapping
        As `ray.nodes` describes machines.
    device : str
        With "cpu", GPUs are left alone.
    """
    found = [(node["NodeID"], node["Resources"]) for node in nodes if node["Alive"]]
    sizes = [(node, int(size.get("CPU", 0)), int(size.get("GPU", 0))) for node, size in found]
    if device != "cpu" and any(gpus for _, _, gpus in sizes):
        return [Room(node, gpus, min(CORES, cores // gpus), 1) for node, cores, gpus in sizes if gpus]
    return [Room(node, max(cores // CORES, 1), min(CORES, cores), 0) for node, cores, _ in sizes if cores]


@contextmanager
def find_makers(
    address: str | None, device: str, checkpoints: Sequence[Path], shard: Shard
) -> Iterator[Makers]:
    """Find what makes a set: this process or, given an address, the actors of a Ray cluster.

    A cluster that this process has joined already is used as it is, and stays joined.

    Parameters
    ----------
    address : str or None
        "auto", "local", or host and port, as in 10.0.0.1:6379.
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    checkpoints : sequence of Path
        Folders that the set may use.
    shard : Shard
        The part to make, which is the whole with a cluster.

    Raises
    ------
    SegPaintError
        If Ray is not installed, or the cluster is not reached.
    """
    if address is None:
        yield Alone(device)
        return
    if not shard.is_whole:
        raise SegPaintError("--ray shares the whole set out by itself; leave --shard out.")
    ray = _join(address)
    makers = RayMakers(ray.module, device, [path.resolve() for path in checkpoints])
    try:
        yield makers
    finally:
        try:
            makers.end()
        finally:
            if ray.is_ours:
                ray.module.shutdown()


class _Joined(NamedTuple):
    """The module, and whether this process joins a cluster for this set alone."""

    module: Any
    is_ours: bool


def _join(address: str) -> _Joined:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
    if address == LOCAL and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        # Ray listens to the network. It reads the token when it is loaded, or keeps one in the home folder.
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        import ray
    except ImportError as error:
        raise SegPaintError("Ray is not installed; leave out --ray, or install segpaint[ray].") from error
    if ray.is_initialized():
        return _Joined(ray, is_ours=False)
    _check_reached(address)
    alone = {"include_dashboard": False, "object_store_memory": STORE} if address == LOCAL else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **alone)
    except (OSError, RuntimeError, ValueError, ImportError, ray.exceptions.RayError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise SegPaintError(
            f"--ray {address}: the cluster is not reached: {reason}; start one with ray start --head, or give "
            f"--ray {LOCAL}."
        ) from error
    return _Joined(ray, is_ours=True)


def _check_reached(address: str) -> None:
    if address in (AUTO, LOCAL) or "://" in address:
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        raise SegPaintError(f"--ray {address}: give {AUTO}, {LOCAL}, or host and port, as in 10.0.0.1:6379.")
    try:
        socket.create_connection((host, int(port)), timeout=REACHED).close()
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SegPaintError(
            f"--ray {address}: nothing answers there ({reason}); start a cluster with ray start --head, or "
            f"give --ray {LOCAL}."
        ) from error


class Stopped(Exception):  # noqa: N818 - no error
    """Ends the work of a maker that is to stop."""


class RayMaker:
    """A maker that Ray starts: opens the set in the shared folder, and makes what is missing beside others.

    Parameters
    ----------
    device : str
    checkpoints : sequence of Path
        Folders that the set may use.
    """

    def __init__(self, device: str, checkpoints: Sequence[Path]) -> None:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as on the command line
        self._device, self._checkpoints = device, checkpoints
        self._stop = threading.Event()

    def precision(self) -> Precision:
        """Find the precision in which the network runs fastest on its device."""
        return Alone(self._device).precision()

    def make(self, folder: Path, asking: Maker) -> str:
        """Make pairs until all are made, or it is to stop.

        Parameters
        ----------
        folder : Path
            With the set.
        asking : Maker
            Whoever asks for it, and has the folder open.

        Returns
        -------
        str
            A sentence on what went wrong, or nothing.
        """
        try:
            self._check_shared(folder, asking)
            wanted = read_specification(folder / SPECIFICATION)
            with closing(
                PairedSet(folder, wanted, "float32", checkpoints=self._checkpoints, shared=True)
            ) as made:
                make_missing(made, self._device, lambda _name, _finished: None, self._check)
        except Stopped:
            return ""
        except SegPaintError as error:
            return f"On {socket.gethostname()}: {error}"
        return ""

    def stop(self) -> None:
        """Let it end after the image under way."""
        self._stop.set()

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _check_shared(self, folder: Path, asking: Maker) -> None:
        """Refuse a folder of the same name that is another one: whoever asks for pairs shows in its own."""
        limit = time.monotonic() + SEEN
        while not (folder / WORK / f"maker-{asking.token}").exists():
            self._check()
            if time.monotonic() > limit:
                raise SegPaintError(
                    f"{folder} is not the folder that {asking.machine.split()[0]} has under this name; give "
                    "one on a disk that all machines share."
                )
            time.sleep(PAUSE)


@dataclass(eq=False)
class _Begun:
    """A maker that Ray was asked for, whether it has room for it yet or not."""

    node: str
    actor: Any
    answer: Any
    """Comes once it is there: its precision."""
    end: Any = None
    """Comes once it has nothing left to make; None before it is set to work."""


class RayMakers:
    """The makers of a cluster, which are begun where there is room, and anew where one was lost.

    Parameters
    ----------
    ray : module
        Connected to the cluster.
    device : str
    checkpoints : sequence of Path
        Folders that the set may use.
    """

    def __init__(self, ray: Any, device: str, checkpoints: Sequence[Path]) -> None:
        self._ray, self._device, self._checkpoints = ray, device, checkpoints
        self._begun: list[_Begun] = []
        self._places = self._lost = self._count = 0

    def precision(self) -> Precision:
        """Find the precision in which the network runs fastest on the device of the first that answers."""
        while True:
            self._begin()
            for _, found in self._results("answer", PAUSE):
                precision: Precision = found
                return precision

    def produce(self, made: PairedSet, told: Callable[[str, int], object]) -> None:
        """Make the missing images of a set, and sum it up, even when interrupted.

        Raises
        ------
        SegPaintError
            If a maker cannot go on, or there is room for none.
        """
        self._count = made.look()[1]
        told("waiting for Ray", 0)
        try:
            with interruptible() as check:
                while len(made.missing) and not self._is_made(made, told):
                    check()
        finally:
            self.end()
            made.sum_up_last()
            self._report(made, told)

    def end(self) -> None:
        """Let all makers finish the image under way and sign off, and end those that take too long."""
        begun, self._begun = self._begun, []
        try:
            for one in begun:
                one.actor.stop.remote()
            if ends := [one.end for one in begun if one.end is not None]:
                self._ray.wait(ends, num_returns=len(ends), timeout=PATIENCE)
        finally:
            for one in begun:
                self._ray.kill(one.actor)

    def _begin(self) -> None:
        """Ask for makers wherever the cluster has room for more."""
        rooms = find_rooms(self._ray.nodes(), self._device)
        if not rooms:
            raise SegPaintError("The Ray cluster has no machine with a core or a GPU; add one: ray start.")
        self._places = max(self._places, sum(room.makers for room in rooms))
        for room in rooms:
            for _ in range(room.makers - sum(one.node == room.node for one in self._begun)):
                place = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                    room.node, soft=False
                )
                actor = self._ray.remote(RayMaker).options(
                    num_cpus=room.cores, num_gpus=room.gpus, scheduling_strategy=place,
                    max_concurrency=3,  # each of its methods may run while it makes pairs
                ).remote(self._device, self._checkpoints)  # fmt: skip
                self._begun.append(_Begun(room.node, actor, actor.precision.remote()))

    def _is_made(self, made: PairedSet, told: Callable[[str, int], object]) -> bool:
        """Let all makers work for a moment; a maker only ends once all is made."""
        self._begin()
        for one, _ in self._results("answer", 0.0):
            if one.end is None:
                one.end = one.actor.make.remote(made.folder.resolve(), made.claims.maker)
        ended = [problem for _, problem in self._results("end", PAUSE)]
        self._report(made, told)
        for problem in ended:
            if problem:
                raise SegPaintError(problem)
        return bool(ended)

    def _results(self, kind: str, seconds: float) -> Iterator[tuple[_Begun, Any]]:
        """Wait so long for results of makers, and forget those that were lost."""
        awaited = {getattr(one, kind): one for one in self._begun}
        awaited.pop(None, None)
        if not awaited:
            time.sleep(seconds)
            return
        for result in self._ray.wait(list(awaited), num_returns=len(awaited), timeout=seconds)[0]:
            try:
                yield awaited[result], self._ray.get(result)
            except self._ray.exceptions.RayTaskError:
                raise
            except self._ray.exceptions.RayError as error:
                self._lose(awaited[result], error)

    def _lose(self, one: _Begun, error: Exception) -> None:
        """Forget a maker that was lost: others make what it had claimed."""
        self._begun.remove(one)
        self._ray.kill(one.actor)
        self._lost += 1
        if self._lost >= TRIES * self._places:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise SegPaintError(
                f"{counted(self._lost, 'maker')} were lost one after the other, and no pair was finished: "
                f"{reason}. See the logs of Ray, by default in /tmp/ray/session_latest/logs."
            ) from error

    def _report(self, made: PairedSet, told: Callable[[str, int], object]) -> None:
        name, finished = made.look()
        if finished > self._count:
            told(name, finished - self._count)
            self._count, self._lost = finished, 0
