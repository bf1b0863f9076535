"""The worker: owns the network, on a thread of its own, and takes one step per turn of its loop.

So pausing, stepping, stopping and shutting down are ordinary queued calls. torch is imported here,
not before the window is on the screen.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.checkpoint import Checkpoint
from segpaint.core.kept import Kept
from segpaint.core.request import Request, Stage
from segpaint.core.trajectory import Frame
from segpaint.session.mailbox import Mailbox
from segpaint.session.state import RunState

if TYPE_CHECKING:
    from segpaint.core.engine import Engine
    from segpaint.core.sampler import Step


STEP_BUDGET = 512 * 2**20
"""Bytes of steps kept to go on from, over all branches; beyond it they thin out, and are taken again."""


@dataclass(frozen=True)
class Order:
    """What the worker is asked to run.

    Attributes
    ----------
    run : int
        Its number.
    request : Request
    paused : bool
        Whether it waits for `Worker.step` or `Worker.play`.
    after : tuple of int or None
        Run and step to go on from; without it, all earlier runs are forgotten.
    """

    run: int
    request: Request
    paused: bool
    after: tuple[int, int] | None = None


class Worker(QObject):
    """Answers requests. All slots are called through queued connections.

    Parameters
    ----------
    mailbox : Mailbox
        Where frames go; `mail` is emitted when there is something in it.
    """

    ready = Signal(object, str, str)
    """A `Checkpoint` is loaded and its fingerprint known; the device and the precision."""
    mail = Signal()
    state_changed = Signal(int, RunState)
    """Of a run, by its number."""
    request_changed = Signal(int, object)
    """The `Request` of a run after an edit was taken up, which says from which step on."""
    failed = Signal(object)
    """The exception; the worker lives on."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self._mailbox = mailbox
        self._engine: Engine | None = None
        self._order: Order | None = None
        self._steps: Iterator[Step] | None = None
        self._kept: dict[int, Kept[Step]] = {}
        # A child, so that it moves to the thread with its parent.
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._take_step)

    @Slot(object, str)
    def load(self, checkpoint: Checkpoint, device: str) -> None:
        """Load a checkpoint and run the network once, so that the first step is not the slow one."""
        self.stop()
        self._kept.clear()
        self._engine = None
        try:
            with _without_collection():
                from segpaint.core.device import faster_precision, pick_device
                from segpaint.core.engine import Engine

            place = pick_device(device)
            self._engine = Engine(checkpoint, place)
            precision = faster_precision(place)
            next(self._engine.run(_trial(checkpoint, precision)))
            self.ready.emit(checkpoint, place.type, precision)
        except Exception as error:  # whatever it is, the window must hear of it
            self.failed.emit(error)

    @Slot(object)
    def start(self, order: Order) -> None:
        """Begin a run, or go on with one from a kept step."""
        self._order = order
        if self._engine is None:
            self._end(RunState.FAILED)
            return
        if order.after is None:
            self._kept = {order.run: Kept(STEP_BUDGET)}
        else:
            run, index = order.after
            self._kept[order.run] = self._kept[run].until(index)
            for kept in self._kept.values():
                kept.fit(STEP_BUDGET // len(self._kept))
        self._steps = self._engine.run(order.request, after=self._kept[order.run].newest)
        if order.paused:
            self.pause()
        else:
            self.play()

    @Slot(object)
    def change(self, stage: Stage) -> None:
        """Ask for something else from the next step on, whatever step the stage names."""
        if self._steps is None or self._order is None or self._engine is None:
            return
        last = self._kept[self._order.run].newest
        following = last.index + 1 if last is not None else 0
        if following < self._order.request.steps:
            request = self._order.request.changed(stage.model_copy(update={"step": following}))
            self._order = replace(self._order, request=request)
            self._steps = self._engine.run(request, after=last)
            self.request_changed.emit(self._order.run, request)

    @Slot()
    def play(self) -> None:
        """Go on by itself."""
        if self._steps is not None:
            self._turn.start()
            self._tell(RunState.RUNNING)

    @Slot()
    def pause(self) -> None:
        """Wait after the step that is being taken."""
        self._turn.stop()
        if self._steps is not None:
            self._tell(RunState.PAUSED)

    @Slot()
    def step(self) -> None:
        """Take one step and wait."""
        self.pause()
        self._take_step()

    @Slot()
    def stop(self) -> None:
        """Give up the run; what has been seen of it stays."""
        if self._steps is not None:
            self._mailbox.take()
            self._end(RunState.STOPPED)

    def _take_step(self) -> None:
        if self._steps is None or self._order is None:
            return
        from segpaint.core.pixels import to_pixels

        begun = time.perf_counter()
        try:
            step = next(self._steps)
            frame = Frame(
                self._order.run, step.index, step.count, step.timestep,
                to_pixels(step.denoised), to_pixels(step.sample), time.perf_counter() - begun,
            )  # fmt: skip
        except Exception as error:  # the thread lives on, and the next request works
            self._end(RunState.FAILED)
            self.failed.emit(error)
            return
        self._kept[self._order.run].add(step)
        # A step that had been thinned out and was taken again has been seen already.
        is_new = self._order.after is None or frame.index > self._order.after[1]
        if is_new and self._mailbox.put(frame):
            self.mail.emit()
        if frame.is_last:
            self._end(RunState.FINISHED)

    def _end(self, state: RunState) -> None:
        self._turn.stop()
        self._steps = None
        self._tell(state)

    def _tell(self, state: RunState) -> None:
        if self._order is not None:
            self.state_changed.emit(self._order.run, state)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the garbage collector from going through torch's many objects while they are made.

    Each full pass held the window up for 50 to 180 ms; what is imported stays for good anyway.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _trial(checkpoint: Checkpoint, precision: str) -> Request:
    """A request for a blank mask; takes the fingerprint, so that the window never has to wait for it."""
    import numpy as np

    size = checkpoint.description.size
    return Request.model_validate(
        {
            "checkpoint": checkpoint.folder.name,
            "fingerprint": checkpoint.fingerprint,
            "used": (),
            "steps": 1,
            "precision": precision,
            "mask": np.zeros((size, size), np.uint8),
        }
    )
