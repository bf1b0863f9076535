"""Makes the images of a set, alone or beside others."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from segpaint.core.interrupts import interruptible
from segpaint.core.requests.checkpoint import Checkpoint, has_segmenter
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Precision, Request
from segpaint.paired.missing import Missing
from segpaint.paired.plan import Pair, Place
from segpaint.paired.shards import LARGEST, chunks
from segpaint.paired.store import PairedSet

PAUSE = 0.5
"""Seconds between two looks at what others are making."""


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
Any_co = TypeVar("Any_co", covariant=True)


class Several(Protocol[Any_co]):
    """Some images of a set, which may be built one by one when they come."""

    def __len__(self) -> int:
        """Count them."""

    def __iter__(self) -> Iterator[Any_co]:
        """Go through them in order."""


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
    def missing(self) -> Several[One]:
        """Those that are not made yet."""

    def write(self, pair: One, pixels: NDArray[np.uint8], judgement: Judgement | None = None) -> None:
        """Write one."""

    def sum_up(self) -> None:
        """Write what describes the set."""

    def close(self) -> None:
        """Unlock the folder."""


class Makers(Protocol):
    """What makes the images of a set: this process, or those of a cluster."""

    def precision(self) -> Precision:
        """Find the precision in which the network runs fastest on their device."""

    def produce(self, made: PairedSet, told: Callable[[str, int], object]) -> None:
        """Make the missing images of a set, and sum it up; see `produce`."""


class Alone:
    """Makes the images of a set in this process.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    """

    def __init__(self, device: str) -> None:
        self._device = device

    def precision(self) -> Precision:
        """Find the precision in which the network runs fastest here."""
        from segpaint.core.diffusion.device import faster_precision, pick_device

        return faster_precision(pick_device(self._device))

    def produce(self, made: PairedSet, told: Callable[[str, int], object]) -> None:
        """Make the missing images of a set, and sum it up; see `produce`."""
        produce(made, self._device, told)


def produce(
    made: Productive[One], device: str, told: Callable[[str, int], object], together: int = LARGEST
) -> None:
    """Make the missing images of a set, and sum it up, even when interrupted.

    A paired set may be made by several processes at once, which claim chunks of it.

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
    name, counted = "", _finished(made)

    def count(current: str, finished: int) -> None:
        nonlocal name, counted
        name, counted = current, counted + finished
        told(current, finished)

    try:
        with interruptible() as check:
            make_missing(made, device, count, check, together)
    finally:
        if isinstance(made, PairedSet):
            made.sum_up_last()
        else:
            made.sum_up()
        if (finished := _finished(made)) > counted:  # others have finished some since
            told(name, finished - counted)


def make_missing(
    made: Productive[One],
    device: str,
    told: Callable[[str, int], object],
    check: Callable[[], object],
    together: int = LARGEST,
) -> None:
    """Make the missing images of a set.

    Parameters
    ----------
    device, told, together
        See `produce`.
    check : callable
        Called between two images, and while others make what is missing; what it raises ends the work.

    Raises
    ------
    SegPaintError
        If a checkpoint cannot be loaded, the network fails, or an image cannot be written.
    """
    from segpaint.core.diffusion.device import pick_device
    from segpaint.core.diffusion.engine import Engine

    engine: Engine | None = None
    counted = _finished(made)
    for checkpoint, pairs in _batches(made, together, check):
        if engine is None or engine.checkpoint is not checkpoint:
            engine = None  # makes room for the next one
            engine = Engine(checkpoint, pick_device(device))
        judges = made.judges and has_segmenter(checkpoint.folder)
        images = engine.make_all((pair.request for pair in pairs), "an image of the set")
        for pair in pairs:
            check()
            told(pair.name, 0)
            image = next(images)
            made.write(pair, image, engine.judge(image, pair.request) if judges else None)
            finished = _finished(made)
            told(pair.name, finished - counted)
            counted = finished


def _finished(made: Productive[Any]) -> int:
    """Count the finished images, as far as they are known here."""
    return len(made.digests) if isinstance(made, PairedSet) else len(made.pairs) - len(made.missing)


def _batches(
    made: Productive[Any], most: int, check: Callable[[], object]
) -> Iterator[tuple[Checkpoint, list[Any]]]:
    """Go through what is missing, by checkpoint and at most so many; of a paired set, once it is claimed."""
    if isinstance(made, PairedSet):
        yield from _claimed(made, most, check)
    else:
        yield from _grouped(made.missing, most)


def _grouped(missing: Several[One], most: int) -> Iterator[tuple[Checkpoint, list[One]]]:
    for checkpoint, group in groupby(missing, lambda pair: pair.checkpoint):
        pairs = list(group)
        for first in range(0, len(pairs), most):
            yield checkpoint, pairs[first : first + most]


def _claimed(
    made: PairedSet, most: int, check: Callable[[], object]
) -> Iterator[tuple[Checkpoint, list[Pair]]]:
    """Claim chunk after chunk, and go through what is missing of each."""
    left = chunks(len(made.pairs), made.shard)
    while left:
        claimed_by_others = []
        for chunk in left:
            made.take_in(chunk)
            if not Missing(made.pairs, made.digests, chunk):
                continue
            name = f"pairs-{chunk.start:07}"
            mine = made.claims.take(name)
            if mine is False:
                claimed_by_others.append(chunk)
                continue
            if mine is None:  # a dead maker may have left files half-renamed
                made.recover()
            made.take_in(chunk)
            yield from _grouped(Missing(made.pairs, made.digests, chunk), most)
            made.claims.give_back(name)
            made.pack(chunk)
        left = claimed_by_others
        check()
        if left:
            time.sleep(PAUSE)
