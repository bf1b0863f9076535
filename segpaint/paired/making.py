"""Makes the images of a paired set, alone or beside others."""

import time
from collections.abc import Callable, Iterator
from itertools import groupby

from segpaint.core.interrupts import interruptible
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.paired.plan import Pair
from segpaint.paired.shards import LARGEST, chunks
from segpaint.paired.store import Missing, PairedSet

PAUSE = 0.5
"""Seconds between two looks at what others are making."""


def produce(made: PairedSet, device: str, told: Callable[[str, int], object], together: int = LARGEST) -> None:
    """Make the missing images of a set, and sum it up, even when interrupted.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    told : callable
        Called with the name of an image and the number finished since the last call, by others, too.
    together : int
        Images that are asked for together; the engine makes up to eight of them at once.

    Raises
    ------
    SegPaintError
        If a checkpoint cannot be loaded, the network fails, or an image cannot be written.
    """
    from segpaint.core.diffusion.device import pick_device
    from segpaint.core.diffusion.engine import Engine

    engine: Engine | None = None
    name, counted = "", len(made.digests)
    try:
        with interruptible() as check:
            for checkpoint, pairs in _claimed(made, together, check):
                if engine is None or engine.checkpoint is not checkpoint:
                    engine = None  # makes room for the next one
                    engine = Engine(checkpoint, pick_device(device))
                images = engine.make_all((pair.request for pair in pairs), "an image of the set")
                for pair in pairs:
                    check()
                    name = pair.name
                    told(name, 0)
                    made.write(pair, next(images))
                    told(name, len(made.digests) - counted)
                    counted = len(made.digests)
    finally:
        made.sum_up_last()
        if len(made.digests) > counted:  # others have finished some since
            told(name, len(made.digests) - counted)


def _claimed(
    made: PairedSet, most: int, check: Callable[[], object]
) -> Iterator[tuple[Checkpoint, list[Pair]]]:
    """Claim chunk after chunk, and go through what is missing of each, by checkpoint and at most so many."""
    left = chunks(len(made.pairs), made.shard)
    while left:
        claimed_by_others = []
        for chunk in left:
            made.take_in(chunk)
            if not Missing(made, chunk):
                continue
            name = f"pairs-{chunk.start:07}"
            mine = made.claims.take(name)
            if mine is False:
                claimed_by_others.append(chunk)
                continue
            if mine is None:  # a dead maker may have left files half-renamed
                made.recover()
            made.take_in(chunk)
            for checkpoint, group in groupby(Missing(made, chunk), lambda pair: pair.checkpoint):
                pairs = list(group)
                for first in range(0, len(pairs), most):
                    yield checkpoint, pairs[first : first + most]
            made.claims.give_back(name)
        left = claimed_by_others
        check()
        if left:
            time.sleep(PAUSE)
