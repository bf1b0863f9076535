"""Keeps the run of a slice going while other slices are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.origins import Counterfactual, Similarity
from segpaint.core.requests.request import Request
from segpaint.core.runs import messages
from segpaint.core.runs.branches import Branch, Branches
from segpaint.core.runs.run_state import RunState
from segpaint.core.runs.trajectory import Frame as Shown
from segpaint.core.volumes.frame import Frame
from segpaint.studio.runs.jobs import Jobs
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.worker_thread import WorkerThread
from segpaint.studio.scans.scan import Page, Slice


@dataclass
class Aside:
    """A run that goes on, of a slice in a frame."""

    page: Page
    frame: Frame
    branches: Branches
    branch: Branch  # of them, the one that goes on
    state: RunState


class RunsAside(QObject):
    """Takes the run under way from the panes when another slice is shown, and gives it back with its slice.

    The worker plays one run at a time. If another one begins, the image of the run aside is made anew whenever
    none is playing: the same request makes the same image.
    """

    changed = Signal()
    """One was put aside, went on, or ended."""
    finished = Signal(object, object, object, object)
    """The `Page` and the `Frame` it was begun with, its `Request`, and the pixels."""
    told = Signal(str)
    """A sentence for the status line."""
    failed = Signal(object)

    def __init__(self, runs: Runs, jobs: Jobs, worker: WorkerThread) -> None:
        super().__init__()
        self._runs, self._jobs, self._worker = runs, jobs, worker
        self._aside: Aside | None = None
        self._waiting: dict[int, tuple[Page, Frame, Request]] = {}  # by ticket
        worker.answers.answered.connect(self._on_answer)
        runs.passed.connect(self._on_frames)
        runs.model_changed.connect(self._on_model)
        jobs.done.connect(self._on_job)
        jobs.failed.connect(self._on_job_failed)

    @property
    def is_busy(self) -> bool:
        """Whether an image of a slice that was left is being made."""
        return self._aside is not None or bool(self._waiting)

    @property
    def words(self) -> str:
        """Write which slice it is, and how far its run is."""
        aside = self._aside
        if aside is None:
            return (
                f"Editing {next(iter(self._waiting.values()))[0]}, once no run is playing"
                if self._waiting
                else ""
            )
        newest, count = aside.branch.trajectory.newest, aside.branch.request.steps
        begun = newest.index + 1 if newest is not None else 0
        state = "Paused" if aside.state is RunState.PAUSED else "Editing"
        return f"{state}: {aside.page}, step {begun} of {count}"

    def put(self, page: Page | None, frame: Frame | None) -> None:
        """Take what is shown from the panes; the run of a slice goes on, and anything else ends."""
        state, branch = self._runs.state, self._runs.branches.current
        branches = self._runs.hand_over() if page is not None and frame is not None else None
        if page is None or frame is None or branch is None or branches is None:
            self._runs.leave()
            return
        self._displace()
        self._aside = Aside(page, frame, branches, branch, state)
        goes = "stays paused" if state is RunState.PAUSED else "goes on"
        self.told.emit(f"The run of {page} {goes}; its image comes back with that slice.")
        self.changed.emit()

    def put_moved(self, page: Page | None, shown: Slice | None) -> None:
        """Take the run of a page from the panes, if the frame lies elsewhere by now than on the slice shown.

        It must not follow the mask into another frame, since it edits what the model saw in this one; nor may
        one that was stopped or finished be played on there. A draft is replaced by a new one anyway.
        """
        if page is None or shown is None or shown.page != page:
            return
        branch, is_moved = self._runs.branches.current, page.scan.frames[page.place.plane] != shown.frame
        if is_moved and branch is not None and not branch.is_draft:
            self.put(page, shown.frame)

    def begin_again(self, image: NDArray[np.uint8]) -> None:
        """Begin the run under way anew with the image shown, if it was begun with that of an earlier frame."""
        request = self._runs.request
        origin = request.origin if request is not None and self._runs.state.is_active else None
        if isinstance(origin, Counterfactual | Similarity) and not np.array_equal(origin.image, image):
            self._runs.generate()

    def give_back(self, page: Page, frame: Frame) -> bool:
        """Show the run again that was begun on a slice; False if none goes on.

        Then the image that was made last of the slice is shown, unless another one is.
        """
        aside = self._aside
        if aside is None or (aside.page, aside.frame) != (page, frame):
            kept = page.scan.result(page.place, frame)
            if kept is not None and self._runs.branches.current is None:
                self._runs.show_result(*kept, str(page))
            return False
        self._aside = None
        self._runs.take_over(aside.branches, aside.state)
        self.changed.emit()
        return True

    def forget(self, page: Page) -> None:
        """Give up what waits to be made of a slice, which has a newer image."""
        tickets = [ticket for ticket, (waiting, _, _) in self._waiting.items() if waiting == page]
        if tickets:
            self._drop(tickets)

    @Slot()
    def cancel(self) -> None:
        """Give up all that goes on aside."""
        if self._aside is not None and not self._runs.state.is_active:
            self._worker.ask(messages.Control.STOP)
        self._aside = None
        self._drop(list(self._waiting))

    def _drop(self, tickets: list[int]) -> None:
        self._jobs.drop(tickets)
        for ticket in tickets:
            del self._waiting[ticket]
        self.changed.emit()

    def _displace(self) -> None:
        """Make the image later, since another run has taken the worker."""
        aside, self._aside = self._aside, None
        if aside is not None:
            request = aside.branch.request
            self._waiting[self._jobs.add([request])[0]] = aside.page, aside.frame, request
            self.changed.emit()

    def _finish(self, page: Page, frame: Frame, request: Request, pixels: NDArray[np.uint8]) -> None:
        self.finished.emit(page, frame, request, pixels)
        self.told.emit(f"The image of {page} is finished, and stays with that slice.")
        self.changed.emit()

    # ---- from the worker

    @Slot(tuple)
    def _on_frames(self, frames: tuple[Shown, ...]) -> None:
        aside = self._aside
        own = tuple(frame for frame in frames if aside is not None and frame.run == aside.branch.run)
        if aside is not None and own:
            aside.branch.trajectory.extend(own)
            self.changed.emit()

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        aside = self._aside
        if aside is None:
            return
        match answer:
            case messages.StateChanged(run, _) if run > aside.branch.run:
                self._displace()
            case messages.RequestChanged(run, request) if run == aside.branch.run:
                aside.branch.request = request
            case messages.StateChanged(run, state) if run == aside.branch.run:
                self._runs.take_mail()  # the last frame
                aside.state = state
                result = aside.branch.trajectory.result
                if not state.is_active:
                    self._aside = None
                if state is RunState.FINISHED and result is not None:
                    self._finish(aside.page, aside.frame, aside.branch.request, result.noisy)
                self.changed.emit()

    @Slot()
    def _on_model(self) -> None:
        """Forget all while a model is loaded, which ends every run."""
        if self._runs.is_loading and self.is_busy:
            self._aside = None
            self._waiting.clear()
            self.changed.emit()

    @Slot(int, object)
    def _on_job(self, ticket: int, pixels: NDArray[np.uint8]) -> None:
        waiting = self._waiting.pop(ticket, None)
        if waiting is not None:
            self._finish(*waiting, pixels)

    @Slot(int, object)
    def _on_job_failed(self, ticket: int, error: Exception) -> None:
        if self._waiting.pop(ticket, None) is not None:
            self.changed.emit()
            self.failed.emit(error)
