"""Makes the images of a paired set."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from segpaint.paired.store import PairedSet

if TYPE_CHECKING:
    pass


def produce(made: PairedSet, device: str, told: Callable[[str, int], object]) -> None:
    """Make the missing images of a set, and sum it up, even when interrupted.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    told : callable
        Called with the name of the current image and the number finished since the last call.

    Raises
    ------
    SegPaintError
        If a checkpoint cannot be loaded, the network fails, or an image cannot be written.
    """
    from segpaint.core.diffusion.device import pick_device
    from segpaint.core.diffusion.engine import Engine
    from segpaint.core.diffusion.pixels import to_pixels

    engine: Engine | None = None
    try:
        for pair in made.missing:
            told(pair.name, 0)
            if engine is None or engine.checkpoint is not pair.checkpoint:
                engine = Engine(pair.checkpoint, pick_device(device))
            for step in engine.answer(pair.request, pair.name):
                last = step
            made.write(pair, to_pixels(last.sample))
            told(pair.name, 1)
    finally:
        made.sum_up()
