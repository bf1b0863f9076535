"""Measures what the plan of a large paired set costs, in a process of its own."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from segpaint.core.errors import SegPaintError

PLAIN = 1000
"""Pairs of which the plain way is measured: a whole request for each."""


@dataclass(frozen=True)
class PlanCost:
    """What the plan of a set costs.

    Attributes
    ----------
    pairs, masks : int
    opening : float
        Seconds until the folder is begun: the masks are copied, and each was looked at once.
    first : float
        Seconds from there to the first pair.
    processor : float
        Seconds of the processor in both: what is left out is waiting, for the disk above all.
    names, walk : float
        Seconds to go through all pairs by name, and with their requests.
    times_faster : float
        How much faster that is than to ask for each request by itself.
    memory_before, memory : float or None
        Most MiB that the process held before the set was opened, and in the end; None where it is not known.
    """

    pairs: int
    masks: int
    opening: float
    first: float
    processor: float
    names: float
    walk: float
    times_faster: float
    memory_before: float | None
    memory: float | None


def measure_plan(specification: Path, out: Path, checkpoints: Sequence[Path]) -> PlanCost:
    """Measure the plan of a set, in a new process that makes no image.

    Parameters
    ----------
    specification : Path
        Its file.
    out : Path
        An empty or missing folder, which is begun.
    checkpoints : sequence of Path
        Folders that it may use.

    Raises
    ------
    SegPaintError
        If the set cannot be opened.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(theirs, specification, out, tuple(checkpoints)))
    process.start()
    theirs.close()
    try:
        found = ours.recv()
    except EOFError:
        raise SegPaintError("The process that plans the set ended without a result; try again.") from None
    finally:
        process.join()
    if isinstance(found, str):
        raise SegPaintError(found)
    return PlanCost(**found)


def _measure(pipe: Connection, specification: Path, out: Path, checkpoints: tuple[Path, ...]) -> None:
    from segpaint.core.requests.request import Request
    from segpaint.paired.plan import Pairs
    from segpaint.paired.specification import read_specification
    from segpaint.paired.store import PairedSet

    before, begun, worked = _peak(), time.perf_counter(), time.process_time()
    try:
        opened = PairedSet(out, read_specification(specification), "float32", checkpoints=checkpoints)
    except SegPaintError as error:
        pipe.send(str(error))
        return
    with closing(opened):
        times = [begun, time.perf_counter()]
        first = next(iter(opened.missing))
        times.append(time.perf_counter())
        processor = time.process_time() - worked
        pairs = opened.pairs
        count = sum(1 for _ in (pairs.spots() if isinstance(pairs, Pairs) else pairs))
        times.append(time.perf_counter())
        for _ in pairs:
            pass
        times.append(time.perf_counter())
        memory = _peak()
        for pair in islice(pairs, PLAIN):
            settings = pair.request.model_dump(include={"sampler", "steps", "guidance", "seed", "attributes"})
            Request.ask(first.checkpoint, first.request.mask, "float32", pair.request.used, **settings)
        plain = (time.perf_counter() - times[-1]) / min(count, PLAIN)
    opening, to_first, names, walk = (later - one for one, later in pairwise(times))
    masks = len(list((out / "sources").glob("*.png")))
    pipe.send(
        {
            "pairs": count, "masks": masks, "opening": opening, "first": to_first, "processor": processor,
            "names": names, "walk": walk, "times_faster": plain * count / walk,
            "memory_before": before, "memory": memory,
        }
    )  # fmt: skip


def _peak() -> float | None:
    """Return the most MiB that the process ever held; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
