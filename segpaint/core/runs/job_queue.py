"""Makes images beside the run, one after the other, step by step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError, explained
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Request
from segpaint.core.runs.messages import Answer, Job, JobDone, JobFailed

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine


class JobQueue:
    """Makes images in the order of their jobs, and answers with `JobDone` or `JobFailed`.

    A job may name another checkpoint than the loaded one; one such guest is kept loaded.
    """

    def __init__(self, answer: Callable[[Answer], object], open_engine: Callable[[Checkpoint], Engine]) -> None:
        self._open_engine = open_engine
        self._answer = answer
        self._jobs: deque[Job] = deque()
        self._making: Iterator[NDArray[np.uint8] | None] | None = None  # the first of them
        self._guest: Engine | None = None

    def add(self, jobs: Sequence[Job]) -> None:
        """Append jobs."""
        self._jobs.extend(jobs)

    def drop(self, is_unwanted: Callable[[Job], bool]) -> None:
        """Remove unwanted jobs that are not finished."""
        if self._jobs and is_unwanted(self._jobs[0]):
            self._making = None
        self._jobs = deque(job for job in self._jobs if not is_unwanted(job))
        if not self._jobs:
            self._guest = None

    def take_turn(self, loaded: Engine | None) -> bool:
        """Do one step of the first job, and return whether there was one.

        Parameters
        ----------
        loaded : Engine or None
            The loaded checkpoint, for jobs that name it or none.
        """
        if not self._jobs:
            return False
        job = self._jobs[0]
        answer: Answer
        try:
            if self._making is None:
                self._making = _make(self._engine_for(job.checkpoint, loaded), job.request)
            pixels = next(self._making)
            if pixels is None:
                return True
            if job.keep is not None:
                job.keep(pixels)
            answer = JobDone(job.ticket, pixels)
        except Exception as error:  # the others may still work
            answer = JobFailed(job.ticket, explained(error))
        self._jobs.popleft()
        self._making = None
        self._answer(answer)
        return True

    def _engine_for(self, checkpoint: Checkpoint | None, loaded: Engine | None) -> Engine:
        if checkpoint is None:
            if loaded is None:
                raise SegPaintError("No model is loaded; choose one.")
            return loaded
        if loaded is not None and _is_same(loaded.checkpoint, checkpoint):
            return loaded
        if self._guest is None or not _is_same(self._guest.checkpoint, checkpoint):
            self._guest = None  # free memory before the next is loaded
            self._guest = self._open_engine(checkpoint)
        return self._guest


def _make(engine: Engine, request: Request) -> Iterator[NDArray[np.uint8] | None]:
    """Make an image step by step; None until it is finished."""
    from segpaint.core.diffusion.pixels import to_pixels

    for _ in engine.prepare(request):
        yield None
    for step in engine.run(request):
        yield to_pixels(step.sample) if step.is_last else None


def _is_same(first: Checkpoint, second: Checkpoint) -> bool:
    return first.folder.resolve() == second.folder.resolve() and first.fingerprint == second.fingerprint
