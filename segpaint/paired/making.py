"""Makes the images of a set."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from segpaint.core.interrupts import interruptible
from segpaint.core.requests.checkpoint import Checkpoint, has_segmenter
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Request
from segpaint.paired.plan import Place


class Planned(Protocol):
    """An image that belongs to a set, made or not, with the key by which the set knows it."""

    @property
    def name(self) -> str:
        """Shown while it is made."""

    @property
    def place(self) -> Place:
        """Its key in the set."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What makes it."""

    @property
    def request(self) -> Request:
        """Everything that determines it."""


One = TypeVar("One", bound=Planned)


class Productive(Protocol[One]):
    """A set, open on the disk, whose missing images can be made.

    Attributes
    ----------
    folder : Path
    notes : tuple of str
        Sentences about the set.
    judges : bool
        Whether it keeps what the segmenter finds.
    """

    folder: Path
    notes: tuple[str, ...]
    judges: bool

    @property
    def pairs(self) -> Sequence[One]:
        """All that belong to the set."""

    @property
    def missing(self) -> Sequence[One]:
        """Those that are not made yet."""

    def write(self, pair: One, pixels: NDArray[np.uint8], judgement: Judgement | None = None) -> None:
        """Write one."""

    def sum_up(self) -> None:
        """Write what describes the set."""

    def close(self) -> None:
        """Unlock the folder."""


def produce(made: Productive[One], device: str, told: Callable[[str, int], object]) -> None:
    """Make the missing images of a set, and sum it up, even when interrupted.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    told : callable
        Called with the name of an image and the number finished since the last call.

    Raises
    ------
    SegPaintError
        If a checkpoint cannot be loaded, the network fails, or an image cannot be written.
    """
    from segpaint.core.diffusion.device import pick_device
    from segpaint.core.diffusion.engine import Engine

    try:
        for checkpoint, group in itertools.groupby(made.missing, lambda pair: pair.checkpoint):
            engine, pairs = Engine(checkpoint, pick_device(device)), list(group)
            judges = made.judges and has_segmenter(checkpoint.folder)
            images = engine.make_all((pair.request for pair in pairs), "an image of the set")
            with interruptible() as check:
                for pair in pairs:
                    check()
                    told(pair.name, 0)
                    image = next(images)
                    made.write(pair, image, engine.judge(image, pair.request) if judges else None)
                    told(pair.name, 1)
    finally:
        made.sum_up()
