"""The player owns the network, and does one step of its work each turn.

It is independent of threads and event loops, and loads torch only with the first checkpoint.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from segpaint.core.errors import explained
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Stage
from segpaint.core.runs import messages
from segpaint.core.runs.job_queue import JobQueue
from segpaint.core.runs.mailbox import Mailbox
from segpaint.core.runs.run_state import RunState
from segpaint.core.runs.thinning import ThinningList
from segpaint.core.runs.trajectory import Frame

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine
    from segpaint.core.diffusion.sampler import Step

STEP_BUDGET = 512 * 2**20
"""Bytes of steps kept for all branches; beyond it, they are thinned out, and repeated if needed."""


class Player:
    """Plays a run, and makes images while none is playing.

    Parameters
    ----------
    mailbox : Mailbox
        Takes the frames.
    answer : callable
        Takes all other answers.
    open_engine : callable
        Loads a checkpoint.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        answer: Callable[[messages.Answer], object],
        open_engine: Callable[[Checkpoint], Engine],
    ) -> None:
        self._mailbox, self._answer, self._open_engine = mailbox, answer, open_engine
        self._jobs = JobQueue(answer, open_engine)
        self._engine: Engine | None = None
        self._order: messages.StartRun | None = None
        self._loading: Iterator[float] = iter(())
        self._ahead: Iterator[float] = iter(())
        self._preparation: Iterator[float] = iter(())
        self._prepared = 0.0  # seconds so far
        self._steps: Iterator[Step] | None = None
        self._due: float = 0  # steps before the run pauses
        self._kept: dict[int, ThinningList[Step]] = {}

    def ask(self, message: messages.Asked) -> None:
        """Handle a message, at once or in later turns."""
        try:
            match message:
                case messages.Load(checkpoint):
                    self._load(checkpoint)
                case messages.FindPrecision() if self._engine is not None:
                    self._engine.call_once()
                    found = messages.PrecisionFound(self._engine.checkpoint, self._engine.precision)
                    self._answer(found)
                case messages.StartRun():
                    self._start(message)
                case messages.ChangeRun(stage):
                    self._change(stage)
                case messages.Control.PLAY:
                    self._go_on(math.inf)
                case messages.Control.PAUSE:
                    self._go_on(0)
                case messages.Control.STEP:
                    self._go_on(1)
                case messages.Control.STOP:
                    self._stop()
                case messages.Segment(image) if self._engine is not None:
                    self._answer(messages.Segmented(image, self._engine.find_mask(image)))
                case messages.JudgeImage(run, image, request) if self._engine is not None:
                    self._answer(messages.Judged(run, self._engine.judge(image, request)))
                case messages.Prepare(request) if self._engine is not None:
                    self._ahead = itertools.chain(self._loading, self._engine.prepare(request))
                case messages.AddJobs(jobs, first):
                    self._jobs.add(jobs, first=first)
                case messages.DropJobs(tickets):
                    self._jobs.drop(lambda job: job.ticket in tickets)
        except Exception as error:  # the window must hear of any error
            self._answer(messages.Failed(explained(error)))

    def take_turn(self) -> bool:
        """Do one step of the run if it plays, else of the jobs, and return whether there was any."""
        if self._order is not None and self._steps is not None and self._due:
            self._take_step(self._order, self._steps)
            return True
        return self._jobs.take_turn(self._engine)

    def work_ahead(self) -> bool:
        """Do a little of what later runs will need, and return whether there was any."""
        try:
            return next(self._ahead, None) is not None
        except Exception:  # the run that needs it reports it
            self._ahead = iter(())
            return False

    def release(self) -> None:
        """Release the networks, the steps and the jobs."""
        self._engine = self._steps = None
        self._preparation = self._loading = self._ahead = iter(())
        self._kept.clear()
        self._jobs.drop(lambda _: True)

    def _load(self, checkpoint: Checkpoint) -> None:
        """Load a checkpoint, and run the network once, so that the first step is not slow."""
        self._stop()
        self._jobs.drop(lambda job: job.checkpoint is None)
        self._kept.clear()
        self._engine = None
        self._loading = self._ahead = iter(())
        self._engine = self._open_engine(checkpoint)
        self._engine.call_once()
        self._loading = self._ahead = self._engine.load_rest()
        device = self._engine.network.device.type
        self._answer(messages.Ready(checkpoint, device, self._engine.precision))

    def _start(self, order: messages.StartRun) -> None:
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
        self._go_on(0 if order.paused else math.inf)

    def _change(self, stage: Stage) -> None:
        if self._steps is None or self._order is None or self._engine is None:
            return
        last = self._kept[self._order.run].newest
        following = last.index + 1 if last is not None else 0
        if following < self._order.request.steps:
            request = self._order.request.changed(stage.model_copy(update={"step": following}))
            self._order = self._order._replace(request=request)
            self._steps = self._engine.run(request, after=last)
            self._answer(messages.RequestChanged(self._order.run, request))

    def _go_on(self, steps: float) -> None:
        """Take some steps, with the preparation before them, and then pause."""
        self._due = steps
        if self._steps is not None:
            self._tell(RunState.RUNNING if steps == math.inf else RunState.PAUSED)

    def _stop(self) -> None:
        if self._steps is not None:
            self._mailbox.take()
            self._end(RunState.STOPPED)

    def _take_step(self, order: messages.StartRun, steps: Iterator[Step]) -> None:
        from segpaint.core.diffusion.pixels import to_pixels

        begun = time.perf_counter()
        try:
            done = next(self._preparation, None)
            if done is not None:
                self._prepared += time.perf_counter() - begun
                self._answer(messages.Preparing(order.run, done))
                return
            step = next(steps)
            frame = Frame(
                order.run, step.index, step.count, step.timestep,
                to_pixels(step.denoised), to_pixels(step.sample), time.perf_counter() - begun, self._prepared,
            )  # fmt: skip
        except Exception as error:  # the next request may work
            self._end(RunState.FAILED)
            self._answer(messages.Failed(explained(error)))
            return
        self._prepared = 0.0
        self._due -= 1
        self._kept[order.run].add(step)
        # A repeated step that was thinned out has been shown already.
        if order.after is None or frame.index > order.after[1]:
            self._mailbox.put(frame)
        if frame.is_last:
            self._end(RunState.FINISHED)

    def _end(self, state: RunState) -> None:
        self._preparation, self._steps = iter(()), None
        self._tell(state)

    def _tell(self, state: RunState) -> None:
        if self._order is not None:
            self._answer(messages.StateChanged(self._order.run, state))
