"""Makes the images of a paired set."""

import itertools
from collections.abc import Callable

from segpaint.core.interrupts import interruptible
from segpaint.paired.store import PairedSet

CHUNK = 64
"""Pairs that are held at a time: some times what the engine makes at once."""


def produce(made: PairedSet, device: str, told: Callable[[str, int], object], chunk: int = CHUNK) -> None:
    """Make the missing images of a set, and sum it up, even when interrupted.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    told : callable
        Called with the name of an image and the number finished since the last call.
    chunk : int
        Images that are asked for at a time; the engine makes up to eight of them at once.

    Raises
    ------
    SegPaintError
        If a checkpoint cannot be loaded, the network fails, or an image cannot be written.
    """
    from segpaint.core.diffusion.device import pick_device
    from segpaint.core.diffusion.engine import Engine

    engine: Engine | None = None
    try:
        for checkpoint, group in itertools.groupby(made.missing, lambda pair: pair.checkpoint):
            if engine is None or engine.checkpoint is not checkpoint:
                engine = None  # makes room for the next one
                engine = Engine(checkpoint, pick_device(device))
            with interruptible() as check:
                while pairs := list(itertools.islice(group, chunk)):
                    images = engine.make_all((pair.request for pair in pairs), "an image of the set")
                    for pair in pairs:
                        check()
                        told(pair.name, 0)
                        made.write(pair, next(images))
                        told(pair.name, 1)
    finally:
        made.sum_up()
