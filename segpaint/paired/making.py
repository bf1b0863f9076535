"""Making the images of a paired set, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Request
from segpaint.paired.store import PairedSet

if TYPE_CHECKING:
    import torch

    from segpaint.core.diffusion.engine import Engine


def produce(made: PairedSet, device: torch.device, told: Callable[[str, int], object]) -> None:
    """Make what is missing of a set, and sum it up, even when interrupted.

    Parameters
    ----------
    made : PairedSet
    device : torch.device
    told : callable
        Called with the name of the image under way and the number of those finished since the last call.

    Raises
    ------
    SegPaintError
        If a checkpoint cannot be loaded, the network fails, or an image cannot be written.
    """
    from segpaint.core.diffusion.engine import Engine

    engine: Engine | None = None
    try:
        for pair in made.missing:
            told(pair.name, 0)
            if engine is None or engine.checkpoint is not pair.checkpoint:
                engine = Engine(pair.checkpoint, device)
            made.write(pair, paint(engine, pair.request, pair.name))
            told(pair.name, 1)
    finally:
        made.sum_up()


def paint(
    engine: Engine, request: Request, name: str, step_taken: Callable[[], object] = lambda: None
) -> NDArray[np.uint8]:
    """The pixels of a request.

    Parameters
    ----------
    engine : Engine
    request : Request
    name : str
        Of the image, for the error.
    step_taken : callable
        Called after each step.

    Raises
    ------
    SegPaintError
        If the network fails, for want of memory most of all.
    """
    from segpaint.core.diffusion.pixels import to_pixels

    try:
        for step in engine.run(request):
            step_taken()
            image = step.sample
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise SegPaintError(f"The network failed while it made {name}: {reason}.") from error
    return to_pixels(image)
