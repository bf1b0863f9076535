"""The worker: owns the network, on a thread of its own, and takes one step per turn of its loop.

So pausing, stepping, stopping and shutting down are ordinary queued calls. torch is imported here,
not before the window is on the screen.
"""

from __future__ import annotations

import gc
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Request, Stage
from segpaint.core.runs.mailbox import Mailbox
from segpaint.core.runs.run_state import RunState
from segpaint.core.runs.thinning import ThinningList
from segpaint.core.runs.trajectory import Frame

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine
    from segpaint.core.diffusion.sampler import Step


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


@dataclass(frozen=True)
class Job:
    """An image to be made when no run is playing.

    Attributes
    ----------
    ticket : int
        Its number.
    request : Request
    checkpoint : Checkpoint or None
        What makes it; None: the one that is loaded.
    keep : callable or None
        Takes the pixels on the worker's thread, where files may be written.
    """

    ticket: int
    request: Request
    checkpoint: Checkpoint | None = None
    keep: Callable[[NDArray[np.uint8]], object] | None = None


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
    preparing = Signal(int, float)
    """Of a run: how much of what must be done before its first step is done, 0 to 1."""
    segmented = Signal(object, object)
    """A `Reference` image as it was given, and the mask that the segmenter found in it."""
    judged = Signal(int, object)
    """The `Judgement` of a run's finished image."""
    job_done = Signal(int, object)
    """The pixels of a `Job`, by its ticket."""
    job_failed = Signal(int, object)
    failed = Signal(object)
    """The exception; the worker lives on."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self._mailbox = mailbox
        self._engine: Engine | None = None
        self._guest: Engine | None = None  # of jobs that name another checkpoint
        self._device = "auto"
        self._order: Order | None = None
        self._preparation: Iterator[float] = iter(())
        self._prepared = 0.0  # seconds that it took so far
        self._steps: Iterator[Step] | None = None
        self._kept: dict[int, ThinningList[Step]] = {}
        self._takes_one = False
        self._plays = False
        self._jobs: deque[Job] = deque()
        self._job: Iterator[NDArray[np.uint8] | None] | None = None
        # A child, so that it moves to the thread with its parent.
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._take_turn)

    @Slot(object, str)
    def load(self, checkpoint: Checkpoint, device: str) -> None:
        """Load a checkpoint and run the network once, so that the first step is not the slow one."""
        self.stop()
        self.drop_jobs([job.ticket for job in self._jobs if job.checkpoint is None])
        self._kept.clear()
        self._engine = None
        self._device = device
        try:
            with _without_collection():
                from segpaint.core.diffusion.device import faster_precision, pick_device
                from segpaint.core.diffusion.engine import Engine

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
            self._kept = {order.run: ThinningList(STEP_BUDGET)}
        else:
            run, index = order.after
            self._kept[order.run] = self._kept[run].until(index)
            for kept in self._kept.values():
                kept.fit(STEP_BUDGET // len(self._kept))
        self._preparation, self._prepared = self._engine.prepare(order.request), 0.0
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
        self._takes_one = False
        if self._steps is not None:
            self._plays = True
            self._turn.start()
            self._tell(RunState.RUNNING)

    @Slot()
    def pause(self) -> None:
        """Wait after the step that is being taken."""
        self._takes_one = self._plays = False
        if self._steps is not None:
            self._tell(RunState.PAUSED)

    @Slot()
    def step(self) -> None:
        """Take one step, with all that must be done before it, and wait."""
        self.pause()
        self._takes_one = True
        self._turn.start()

    @Slot()
    def stop(self) -> None:
        """Give up the run; what has been seen of it stays."""
        if self._steps is not None:
            self._mailbox.take()
            self._end(RunState.STOPPED)

    @Slot(object)
    def add_jobs(self, jobs: Sequence[Job]) -> None:
        """Make some images, one after the other, whenever no run is playing."""
        self._jobs.extend(jobs)
        self._turn.start()

    @Slot(object)
    def drop_jobs(self, tickets: Collection[int]) -> None:
        """Make none of these images that are not finished."""
        if self._jobs and self._jobs[0].ticket in tickets:
            self._job = None
        self._jobs = deque(job for job in self._jobs if job.ticket not in tickets)
        if not self._jobs:
            self._guest = None

    @Slot(object)
    def segment(self, image: NDArray[np.uint8]) -> None:
        """Find the checkpoint's labels in an image."""
        try:
            if self._engine is None:
                return
            self.segmented.emit(image, self._engine.find_mask(image))
        except Exception as error:  # the window must hear of it
            self.failed.emit(error)

    @Slot(int, object, object)
    def judge(self, run: int, image: NDArray[np.uint8], request: Request) -> None:
        """Hold what the segmenter finds in a run's image against what was asked for."""
        try:
            if self._engine is not None:
                self.judged.emit(run, self._engine.judge(image, request))
        except Exception as error:  # the window must hear of it
            self.failed.emit(error)

    def release(self) -> None:
        """Let go of the networks and of all that was made with them, once the thread has ended.

        The window's parts refer to each other, so they may be freed late.
        """
        self._engine = self._guest = self._steps = self._job = None
        self._preparation = iter(())
        self._jobs.clear()
        self._kept.clear()

    @Slot()
    def _take_turn(self) -> None:
        """Do one step of whatever there is to do; a run that plays comes first."""
        if self._steps is not None and (self._plays or self._takes_one):
            self._take_step()
        elif self._jobs:
            self._take_job_step()
        else:
            self._turn.stop()

    def _take_job_step(self) -> None:
        job = self._jobs[0]
        try:
            if self._job is None:
                self._job = self._work_on(job)
            pixels = next(self._job)
            if pixels is not None and job.keep is not None:
                job.keep(pixels)
        except Exception as error:  # the others may still work
            self._next_job()
            self.job_failed.emit(job.ticket, error)
            return
        if pixels is not None:
            self._next_job()
            self.job_done.emit(job.ticket, pixels)

    def _next_job(self) -> None:
        self._jobs.popleft()
        self._job = None

    def _work_on(self, job: Job) -> Iterator[NDArray[np.uint8] | None]:
        """The image of a job in small bites; None until it is finished."""
        from segpaint.core.diffusion.pixels import to_pixels

        engine = self._engine if job.checkpoint is None else self._engine_of(job.checkpoint)
        if engine is None:
            raise SegPaintError("No model is loaded; choose one.")
        for _ in engine.prepare(job.request):
            yield None
        for step in engine.run(job.request):
            yield to_pixels(step.sample) if step.is_last else None

    def _engine_of(self, checkpoint: Checkpoint) -> Engine:
        """The loaded engine of a checkpoint, or a guest beside it; no more than one, for memory is short."""
        for engine in (self._engine, self._guest):
            if engine is not None and _is_same(engine.checkpoint, checkpoint):
                return engine
        from segpaint.core.diffusion.device import pick_device
        from segpaint.core.diffusion.engine import Engine

        self._guest = None
        self._guest = Engine(checkpoint, pick_device(self._device))
        return self._guest

    def _take_step(self) -> None:
        if self._steps is None or self._order is None:
            return
        from segpaint.core.diffusion.pixels import to_pixels

        begun = time.perf_counter()
        try:
            done = next(self._preparation, None)
            if done is not None:
                self._prepared += time.perf_counter() - begun
                self.preparing.emit(self._order.run, done)
                return
            step = next(self._steps)
            frame = Frame(
                self._order.run, step.index, step.count, step.timestep,
                to_pixels(step.denoised), to_pixels(step.sample), time.perf_counter() - begun, self._prepared,
            )  # fmt: skip
            self._prepared = 0.0
        except Exception as error:  # the thread lives on, and the next request works
            self._end(RunState.FAILED)
            self.failed.emit(error)
            return
        self._takes_one = False
        self._kept[self._order.run].add(step)
        # A step that had been thinned out and was taken again has been seen already.
        is_new = self._order.after is None or frame.index > self._order.after[1]
        if is_new and self._mailbox.put(frame):
            self.mail.emit()
        if frame.is_last:
            self._end(RunState.FINISHED)

    def _end(self, state: RunState) -> None:
        self._plays = self._takes_one = False
        self._steps = None
        self._tell(state)

    def _tell(self, state: RunState) -> None:
        if self._order is not None:
            self.state_changed.emit(self._order.run, state)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the garbage collector from going through torch's many objects while they are made.

    Each full pass held the window up for 50 to 180 ms; what is imported stays for good anyway. Only the first
    time: later, what had been used up but not collected yet, such as a window that was closed, would stay, too.
    """
    is_first = "torch" not in sys.modules
    gc.disable()
    try:
        yield
    finally:
        if is_first:
            gc.freeze()
        gc.enable()


def _is_same(first: Checkpoint, second: Checkpoint) -> bool:
    return first.folder.resolve() == second.folder.resolve() and first.fingerprint == second.fingerprint


def _trial(checkpoint: Checkpoint, precision: str) -> Request:
    """A request for a blank mask; takes the fingerprint, so that the window never has to wait for it."""
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
