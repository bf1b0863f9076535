"""Makes images beside the run, in their order, step by step, and a few at once where that is quicker."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError, explained
from segpaint.core.requests.checkpoint import Checkpoint, has_segmenter
from segpaint.core.requests.request import Request
from segpaint.core.runs.messages import Answer, Job, JobDone, JobFailed

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine

MOST = 4
"""Images at once, since a run or a draft waits for a step of them."""


class JobQueue:
    """Makes images in the order of their jobs, and answers with `JobDone` or `JobFailed`.

    A job may name another checkpoint than the loaded one; one such guest is kept loaded.
    """

    def __init__(self, answer: Callable[[Answer], object], open_engine: Callable[[Checkpoint], Engine]) -> None:
        self._open_engine = open_engine
        self._answer = answer
        self._jobs: deque[Job] = deque()
        self._making: Iterator[list[NDArray[np.uint8]] | None] | None = None  # the first of them
        self._together = 0  # how many of them
        self._goes_alone = False  # after several at once have failed
        self._guest: Engine | None = None

    def add(self, jobs: Sequence[Job], *, first: bool = False) -> None:
        """Append jobs, or put them before all that are not under way."""
        waiting = list(itertools.islice(self._jobs, self._together, None)) if first else []
        for _ in waiting:
            self._jobs.pop()
        self._jobs.extend((*jobs, *waiting))

    def drop(self, is_unwanted: Callable[[Job], bool]) -> None:
        """Remove unwanted jobs that are not finished."""
        if any(is_unwanted(job) for job in itertools.islice(self._jobs, self._together)):
            self._making, self._together = None, 0
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
            self._goes_alone = False
            return False
        try:
            engine = self._engine_for(self._jobs[0].checkpoint, loaded)
            if self._making is None:
                self._making = self._begin(engine)
            images = next(self._making)
            if images is None:
                return True
        except Exception as error:  # the others may still work
            failed, self._making = self._together, None
            self._goes_alone, self._together = self._goes_alone or failed > 1, 0
            if failed <= 1:
                self._answer(JobFailed(self._jobs.popleft().ticket, explained(error)))
            return True
        self._making, self._together = None, 0
        for pixels in images:
            self._finish(engine, self._jobs.popleft(), pixels)
        return True

    def _begin(self, engine: Engine) -> Iterator[list[NDArray[np.uint8]] | None]:
        first = self._jobs[0]
        self._together = 1
        if not self._goes_alone:
            same = itertools.takewhile(lambda job: job.checkpoint is first.checkpoint, self._jobs)
            requests = [job.request for job in itertools.islice(same, MOST)]
            self._together = engine.count_together(requests, MOST)
        return _make(engine, [job.request for job in itertools.islice(self._jobs, self._together)])

    def _finish(self, engine: Engine, job: Job, pixels: NDArray[np.uint8]) -> None:
        try:
            can_judge = job.judge and has_segmenter(engine.checkpoint.folder)
            judgement = engine.judge(pixels, job.request) if can_judge else None
            if job.keep is not None:
                job.keep(pixels, judgement)
        except Exception as error:
            self._answer(JobFailed(job.ticket, explained(error)))
        else:
            self._answer(JobDone(job.ticket, pixels, judgement))

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


def _make(engine: Engine, requests: Sequence[Request]) -> Iterator[list[NDArray[np.uint8]] | None]:
    """Make images step by step; None until they are finished."""
    from segpaint.core.diffusion.pixels import to_pixels

    for _ in engine.prepare(requests[0]):
        yield None
    for step in engine.run_together(requests):
        places = range(len(requests)) if step.is_last else ()
        yield [to_pixels(step.sample[place : place + 1]) for place in places] or None


def _is_same(first: Checkpoint, second: Checkpoint) -> bool:
    return first.folder.resolve() == second.folder.resolve() and first.fingerprint == second.fingerprint
