"""Runs: the worker on its thread, and the branches of the run looked at."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Precision, Request
from segpaint.core.runs import messages
from segpaint.core.runs.branches import Branch, Branches
from segpaint.core.runs.run_state import RunState
from segpaint.core.runs.trajectory import Frame, Trajectory
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.gap import Gap
from segpaint.studio.runs.outdated import differs
from segpaint.studio.runs.replay import Replay
from segpaint.studio.runs.revising import Revising
from segpaint.studio.runs.worker_thread import WorkerThread


class Runs(QObject):
    """Steers runs of the open document's requests. Lives on the window's thread.

    Parameters
    ----------
    numbers : iterator of int
        Unique numbers for runs and jobs.
    """

    model_changed = Signal()
    """A checkpoint is being loaded, or has been."""
    state_changed = Signal(RunState)
    run_finished = Signal(object)
    """The `Branch` whose last step was just taken."""
    frame_changed = Signal(object)
    """The `Frame` to show, or None."""
    branches_changed = Signal()
    """A branch was begun, chosen or removed."""
    prepared = Signal(float)
    """The finished share of the preparation before a run's first step, 0 to 1."""
    failed = Signal(object)
    """An exception; the painted mask is unchanged."""
    passed = Signal(tuple)
    """Every `Frame` that has arrived, also those of a run that was handed over."""

    def __init__(self, opened: OpenDocument, worker: WorkerThread, numbers: Iterator[int]) -> None:
        super().__init__()
        self._opened = opened
        self.branches = Branches()
        self.state = RunState.NONE
        self.follows_edits = True
        """Whether an edit takes effect from a run's next step on, or only with the next run."""
        self.device = ""
        self.is_loading = False
        self.precision: Precision | None = None
        """That of the network, once it is loaded, for the next request."""
        self._numbers = numbers
        self._at_worker: int | None = None  # the run whose frames and states count
        self._waiting: bool | None = None  # a start requested before the model was ready: paused or not
        self.looked_at: tuple[Request, Frame] | None = None
        """What the panes show, with its request: that of an earlier run, while a new one has no picture yet."""
        self.frame_changed.connect(self._on_frame)  # before anybody else hears of it
        self._gap = Gap(opened)
        self._gap.found.connect(self.take_mail)
        self.replay = Replay(self)
        self.revising = Revising(opened, self.branches)
        self.branches_changed.connect(self.revising.look)
        self.run_finished.connect(self.revising.take)
        self._worker = worker
        worker.answers.answered.connect(self._on_answer)
        worker.answers.mail.connect(self._gap.seek)
        opened.switched.connect(self._on_document)
        opened.edited.connect(self._on_edit)
        opened.labels_changed.connect(self._on_edit)
        self._load()

    @property
    def document(self) -> Document:
        """The open document."""
        return self._opened.document

    @Slot()
    def _on_document(self) -> None:
        self.stop()
        self.precision = self._waiting = None
        self._forget_run()
        self._load()

    def _load(self) -> None:
        """Load the network of the open document in the background."""
        self.is_loading = True
        self._worker.ask(messages.Load(self.document.checkpoint))
        self.model_changed.emit()

    @property
    def is_ready(self) -> bool:
        """Whether the checkpoint of the document is loaded."""
        return self.precision is not None

    def _forget_run(self) -> None:
        self._at_worker = None
        self.branches.clear()
        self._set_state(RunState.NONE)
        self.branches_changed.emit()
        self.frame_changed.emit(None)

    # ---- the run

    @property
    def trajectory(self) -> Trajectory:
        """The frames of the branch looked at."""
        return self.branches.trajectory

    @property
    def request(self) -> Request | None:
        """The request of the branch looked at."""
        branch = self.branches.current
        return branch.request if branch is not None else None

    @Slot()
    def generate(self) -> None:
        """Start a run for the document's current state; a current run is abandoned."""
        self._begin(paused=False)

    @Slot()
    def toggle_play(self) -> None:
        """Pause a run, continue it, or start one.

        If an earlier step of a finished run is looked at, the kept steps play from there or, if an edit changes
        what follows the earlier step, a new branch begins there.
        """
        if self.replay.is_on:
            self.replay.end()
        elif self.state is RunState.RUNNING:
            self.pause()
        elif self.trajectory.is_looking_back and self.follows_edits and self.is_outdated:
            self.branch_off()
        elif self.state is RunState.PAUSED or (self.state is RunState.STOPPED and self._can_go_on):
            self.look_at_newest()
            self._resume(paused=False)
        elif self.trajectory.is_looking_back:
            self.replay.begin()
        elif len(self.branches) < 2 or self.is_outdated:
            self._begin(paused=False)  # else the same image would be made again, and the branches lost

    @Slot()
    def pause(self) -> None:
        """Pause a run after the current step."""
        if self.state.is_active:
            self._worker.ask(messages.Control.PAUSE)

    @Slot()
    def go_on(self) -> None:
        """Continue a paused run; an earlier step that is looked at stays in view."""
        if self.state.is_active:
            self._resume(paused=False)

    @Slot()
    def step(self) -> None:
        """Look at the next step; if it was not taken yet, take it and pause.

        Without a run, one is started. A finished run stays at its end, so that no image is lost.
        """
        if self.trajectory.is_looking_back:
            self.look_by(1)
        elif self.state.is_active:
            self._resume(paused=True)
        elif not self.trajectory.frames:
            self.begin_paused()

    @Slot()
    def begin_paused(self) -> None:
        """Start a run, take its first step and pause."""
        self._begin(paused=True)

    @Slot()
    def stop(self) -> None:
        """Give up the run; its frames stay."""
        held = self._holds_picture
        self._give_up()
        if held:
            self.frame_changed.emit(self.trajectory.current)

    @Slot()
    def leave(self) -> None:
        """Give up the run, and show none of its frames any more."""
        self._give_up()
        self._forget_run()

    def hand_over(self) -> Branches | None:
        """Show nothing, but let the run under way go on; None if there is none, or but a draft."""
        branch = self.branches.current
        if branch is None or branch.is_draft or branch.run != self._at_worker or not self.state.is_active:
            return None
        branches = self.branches.let_go()
        self._forget_run()
        return branches

    def take_over(self, branches: Branches, state: RunState) -> None:
        """Show a run again that was handed over; it follows what was edited meanwhile."""
        self._give_up()
        self.branches.take(branches)
        self._at_worker = self.branches.current.run if self.branches.current is not None else None
        self._set_state(state)
        self.branches_changed.emit()
        self.frame_changed.emit(self.trajectory.current)
        self._on_edit()

    def _give_up(self) -> None:
        if self.is_waiting:
            self._waiting = None
            self.model_changed.emit()
        self._halt(RunState.STOPPED)

    @Slot()
    def branch_off(self) -> None:
        """Continue from the step looked at with the current mask, as a new branch."""
        branch, frame = self.branches.current, self.trajectory.current
        if branch is None or frame is None or self.precision is None:
            return
        if frame.is_last:
            self.failed.emit(SegPaintError("Nothing follows the last step; go back to an earlier one first."))
            return
        self._halt(RunState.PAUSED)
        stage = self.document.stage(frame.index + 1)
        begun = self.branches.fork(next(self._numbers), branch.request.changed(stage))
        self._set_state(RunState.PAUSED)  # it is not finished, as the one it leaves may be
        self.branches_changed.emit()
        self._order(begun, paused=False, after=(branch.run, frame.index))

    def switch_branch(self, run: int) -> None:
        """Look at another branch; a running one waits until it is played again."""
        if self.branches.current is None or self.branches.current.run == run:
            return
        self._halt(RunState.PAUSED)
        branch = self.branches.switch(run)
        self._at_worker = None
        finished = branch.trajectory.result is not None
        self._set_state(RunState.FINISHED if finished else RunState.PAUSED)
        self.branches_changed.emit()
        self.frame_changed.emit(self.trajectory.current)

    def _begin(self, *, paused: bool) -> None:
        if self.precision is None:
            self._waiting = paused if self.is_loading else None
            if not self.is_loading:
                self.failed.emit(SegPaintError("The model could not be loaded; choose another one."))
            self.model_changed.emit()
            return
        self._give_up()
        if not self.document.keeps_seed and self.trajectory.frames:
            self.document.draw_seed()
        branch = self.branches.begin(next(self._numbers), self.revising.request(self.precision))
        self.branches_changed.emit()
        self._order(branch, paused=paused)
        if paused:
            self._worker.ask(messages.Control.STEP)

    def begin_draft(self, request: Request) -> None:
        """Start a short run instead of the current one; the picture stays until one is better than noise."""
        self._give_up()
        branch = self.branches.begin(next(self._numbers), request, is_draft=True)
        self.branches_changed.emit()
        self._order(branch, paused=False)

    def show_result(
        self, request: Request, pixels: NDArray[np.uint8], source: str, found: NDArray[np.uint8] | None = None
    ) -> None:
        """Show an image that was finished elsewhere; see `Branch.source` and `Branch.found`."""
        self._give_up()
        self.branches.begin_finished(next(self._numbers), request, pixels, source, found)
        self.branches_changed.emit()
        self._set_state(RunState.FINISHED)
        self.frame_changed.emit(self.trajectory.current)

    def _order(self, branch: Branch, *, paused: bool, after: tuple[int, int] | None = None) -> None:
        self._at_worker = branch.run
        self._worker.ask(messages.StartRun(branch.run, branch.request, paused, after))
        self._set_state(RunState.PAUSED if paused else RunState.RUNNING)

    def _resume(self, *, paused: bool) -> None:
        """Play the branch looked at, which may have waited while another one ran, or take its next step."""
        branch, newest = self.branches.current, self.trajectory.newest
        if branch is not None and self._at_worker != branch.run and newest is not None:
            self._order(branch, paused=True, after=(branch.run, newest.index))
        self._on_edit()
        self._worker.ask(messages.Control.STEP if paused else messages.Control.PLAY)

    @property
    def _can_go_on(self) -> bool:
        """Whether the stopped run has steps to go on from, under the mask as it was or is followed."""
        branch, newest = self.branches.current, self.trajectory.newest
        is_whole = branch is not None and not branch.is_draft and newest is not None and not newest.is_last
        return is_whole and (self.follows_edits or not self.is_outdated)

    def _halt(self, state: RunState) -> None:
        """Stop the worker's current run and ignore frames still in transit."""
        if self.state.is_active:
            self._worker.ask(messages.Control.STOP)
            self._at_worker = None
            self._set_state(state)

    @property
    def is_waiting(self) -> bool:
        """Whether a run starts as soon as the model is loaded."""
        return self._waiting is not None

    @property
    def is_outdated(self) -> bool:
        """Whether mask or used labels have changed since their last request."""
        branch = self.branches.current
        return branch is not None and differs(self.document, branch)

    def scrub(self, index: int) -> None:
        """Look at another step, or at the nearest earlier one that was kept."""
        self.trajectory.move_to(index)
        self.frame_changed.emit(self.trajectory.current)

    def look_by(self, frames: int) -> None:
        """Look that many kept steps ahead, or back if negative."""
        self.trajectory.move_by(frames)
        self.frame_changed.emit(self.trajectory.current)

    def look_at_newest(self) -> None:
        """Look at the newest step, and follow later ones."""
        if (newest := self.trajectory.newest) is not None:
            self.scrub(newest.index)

    # ---- from the worker

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        match answer:
            case messages.Ready(checkpoint, device, precision):
                if checkpoint is self.document.checkpoint:
                    self.device, self.precision, self.is_loading = device, precision, False
                    self.model_changed.emit()
                    paused, self._waiting = self._waiting, None
                    if paused is not None:  # a run was requested before the model was ready
                        self._begin(paused=paused)
            case messages.PrecisionFound(checkpoint, precision) if checkpoint is self.document.checkpoint:
                self.precision = precision
            case messages.StateChanged(run, state) if run == self._at_worker:
                self.take_mail()  # the last frame arrives before the news that it was the last
                self._set_state(state)
                if state is RunState.FINISHED:
                    self.run_finished.emit(self.branches.current)
            case messages.Preparing(run, done) if run == self._at_worker:
                self.prepared.emit(done)
            case messages.RequestChanged(run, request) if run == self._at_worker:
                branch = self.branches.get(run)
                if branch is not None:
                    branch.request = request
                    self.frame_changed.emit(self.trajectory.current)  # it may be up to date again
                    self._on_edit()  # the mask may have been edited since, even back to its earlier state
            case messages.Failed(error):
                if self.is_loading:
                    self.is_loading, self._waiting = False, None
                    self.model_changed.emit()
                self.failed.emit(error)

    @Slot()
    def take_mail(self) -> None:
        """Take the frames that have arrived."""
        mail = self._worker.mailbox.take()
        self.passed.emit(mail)
        if frames := tuple(frame for frame in mail if frame.run == self._at_worker):
            self.trajectory.extend(frames)
            if self._holds_picture:
                return
            # Also if the cursor stays behind, since the number of kept steps has grown.
            self.frame_changed.emit(self.trajectory.current)

    @Slot(object)
    def _on_frame(self, frame: Frame | None) -> None:
        request = self.request
        self.looked_at = (request, frame) if request is not None and frame is not None else None

    @property
    def _holds_picture(self) -> bool:
        """Check whether the current run's frames are not worth showing yet."""
        return self.state.is_active and (branch := self.branches.current) is not None and branch.is_still_noise

    @Slot()
    def _on_edit(self) -> None:
        """Update the run to the current mask and labels, if it follows edits."""
        branch, is_at_worker = self.branches.current, self.state.is_active and self._at_worker is not None
        is_draft = branch is not None and branch.is_draft  # a draft is replaced by a new one
        # While an earlier step is looked at, an edit is for a branch from there.
        waits = self.state is RunState.PAUSED and self.trajectory.is_looking_back
        if self.follows_edits and is_at_worker and not is_draft and not waits and self.is_outdated:
            self._worker.ask(messages.ChangeRun(self.document.stage(0)))

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)
