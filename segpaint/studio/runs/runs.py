"""Runs: the worker on its thread, and the branches of the run being looked at."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Precision, Request
from segpaint.core.runs import messages
from segpaint.core.runs.branches import Branch, Branches
from segpaint.core.runs.run_state import RunState
from segpaint.core.runs.trajectory import Frame, Trajectory
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.runs.gap import Gap
from segpaint.studio.runs.worker_thread import WorkerThread


class Runs(QObject):
    """Steers runs of the open document's requests. Lives on the window's thread.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    """

    document_changed = Signal(object)
    """Another `Document` is open."""
    model_changed = Signal()
    """A checkpoint is being loaded, or has been."""
    state_changed = Signal(RunState)
    run_finished = Signal(object)
    """The `Branch` whose last step has just been taken."""
    frame_changed = Signal(object)
    """The `Frame` to show, or None."""
    branches_changed = Signal()
    """A branch was begun, or another one is looked at, or there are none any more."""
    prepared = Signal(float)
    """How much of what must be done before a run's first step is done, 0 to 1."""
    failed = Signal(object)
    """An exception; what was painted is untouched."""
    closing = Signal()

    def __init__(self, device: str = "auto") -> None:
        super().__init__()
        self.document: Document | None = None
        self.branches = Branches()
        self.state = RunState.NONE
        self.follows_edits = True
        """Whether an edit takes effect from the next step of a run on, or not before the next run."""
        self.device = ""
        self.is_loading = False
        self.wanted_device = device
        self._precision: Precision | None = None
        self._numbers = itertools.count(1)
        self._at_worker: int | None = None  # the run whose frames and states count
        self._no_frames = Trajectory()
        self._heard = Connections()
        self._waiting: bool | None = None  # a start asked for before the model was ready: paused or not
        self._gap = Gap(self)
        self._gap.found.connect(self._on_mail)
        self._worker = WorkerThread(device)
        self._worker.answers.answered.connect(self._on_answer)
        self._worker.answers.mail.connect(self._on_notice)

    @Slot()
    def start(self) -> None:
        """Start the worker; what was asked of it before waits until then.

        Called once the window is on the screen, for the worker imports torch, which takes seconds.
        Where the window was closed before the call arrived, nothing starts.
        """
        self._worker.begin()

    def close(self) -> None:
        """Finish the step being taken and end the thread."""
        self.closing.emit()
        self._follow(None)
        self._worker.end()

    @property
    def is_ready(self) -> bool:
        """Whether the checkpoint of the document is loaded."""
        return self._precision is not None

    @property
    def precision(self) -> Precision | None:
        """In which the network runs, once it is loaded."""
        return self._precision

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
        branch = self.branches.current
        return branch.trajectory if branch is not None else self._no_frames

    @property
    def request(self) -> Request | None:
        """What makes the branch looked at."""
        branch = self.branches.current
        return branch.request if branch is not None else None

    @Slot()
    def generate(self) -> None:
        """Start a run for the document as it stands; a run under way is given up."""
        self._begin(paused=False)

    @Slot()
    def toggle_play(self) -> None:
        """Pause a run, go on with it, or start one.

        Whoever looks back is taken to the newest step or, where an edit asks for something else from
        the step looked at on, along a new branch.
        """
        if self.state is RunState.RUNNING:
            self.pause()
        elif self.trajectory.is_looking_back and self.follows_edits and self.is_outdated:
            self.branch_off()
        elif self.state is RunState.PAUSED:
            self.look_at_newest()
            self._resume(paused=False)
        elif self.trajectory.is_looking_back:
            self.look_at_newest()
        elif len(self.branches) < 2 or self.is_outdated:
            self._begin(paused=False)  # else it would make the same again, at the cost of the branches

    @Slot()
    def pause(self) -> None:
        """Let a run wait after the step that is being taken."""
        if self.state.is_active:
            self._worker.ask(messages.Control.PAUSE)

    @Slot()
    def go_on(self) -> None:
        """Go on with a run that waits; whoever looks back goes on looking there."""
        if self.state.is_active:
            self._resume(paused=False)

    @Slot()
    def step(self) -> None:
        """Look at the next step, or take it and pause if it was not taken yet.

        Starts a run where there is none; at the end of a finished one it does nothing, so that no
        image is lost by it.
        """
        if self.trajectory.is_looking_back:
            self.look_by(1)
        elif self.state.is_active:
            self._resume(paused=True)
            self._worker.ask(messages.Control.STEP)
        elif not self.trajectory.frames:
            self.begin_paused()

    @Slot()
    def begin_paused(self) -> None:
        """Start a run, take its first step and pause."""
        self._begin(paused=True)
        self._worker.ask(messages.Control.STEP)

    @Slot()
    def stop(self) -> None:
        """Give up the run; the frames so far stay."""
        held = self._holds_picture
        self._give_up()
        if held:
            self.frame_changed.emit(self.trajectory.current)

    def _give_up(self) -> None:
        self._waiting = None
        self._halt(RunState.STOPPED)

    @Slot()
    def branch_off(self) -> None:
        """Go on from the step looked at under the mask as it stands now, beside what was there."""
        branch, document, frame = self.branches.current, self.document, self.trajectory.current
        if branch is None or document is None or frame is None or self._precision is None:
            return
        if frame.is_last:
            self.failed.emit(SegPaintError("Nothing follows the last step; go back to an earlier one first."))
            return
        self._halt(RunState.PAUSED)
        request = branch.request.changed(document.stage(frame.index + 1))
        begun = self.branches.fork(next(self._numbers), request)
        self.branches_changed.emit()
        self._order(begun, paused=False, after=(branch.run, frame.index))

    def switch_branch(self, run: int) -> None:
        """Look at another branch; one under way waits until it is played again."""
        if self.branches.current is None or self.branches.current.run == run:
            return
        self._halt(RunState.PAUSED)
        branch = self.branches.switch(run)
        self._at_worker = None
        finished = branch.trajectory.result is not None
        self._set_state(RunState.FINISHED if finished else RunState.PAUSED)
        self.branches_changed.emit()
        self.frame_changed.emit(self.trajectory.current)

    def rename_branch(self, run: int, name: str) -> None:
        """Call a branch something else."""
        branch = self.branches.get(run)
        if branch is not None:
            branch.name = name
            self.branches_changed.emit()

    def _begin(self, *, paused: bool) -> None:
        if self.document is None:
            return
        if self._precision is None:
            self._waiting = paused if self.is_loading else None
            if not self.is_loading:
                self.failed.emit(SegPaintError("The model could not be loaded; choose another one."))
            self.model_changed.emit()
            return
        self._give_up()
        if not self.document.keeps_seed and self.trajectory.frames:
            self.document.draw_seed()
        branch = self.branches.begin(next(self._numbers), self.document.request(self._precision))
        self.branches_changed.emit()
        self._order(branch, paused=paused)

    def begin_draft(self, request: Request) -> None:
        """Start a run that is meant to be over soon; one under way is given up.

        The picture before it stays until there is a better one than noise.
        """
        self._give_up()
        branch = self.branches.begin(next(self._numbers), request, is_draft=True)
        self.branches_changed.emit()
        self._order(branch, paused=False)

    def show_result(self, request: Request, pixels: NDArray[np.uint8]) -> None:
        """Look at an image that was finished earlier, as if it had just been made."""
        self._give_up()
        branch = self.branches.begin(next(self._numbers), request)
        last = request.steps - 1
        branch.trajectory.extend((Frame(branch.run, last, request.steps, 0, pixels, pixels, 0.0),))
        self.branches_changed.emit()
        self._set_state(RunState.FINISHED)
        self.frame_changed.emit(self.trajectory.current)

    def _order(self, branch: Branch, *, paused: bool, after: tuple[int, int] | None = None) -> None:
        self._at_worker = branch.run
        self._worker.ask(messages.StartRun(branch.run, branch.request, paused, after))
        self._set_state(RunState.PAUSED if paused else RunState.RUNNING)

    def _resume(self, *, paused: bool) -> None:
        """Have the worker go on with the branch looked at, which may have waited beside another."""
        branch, newest = self.branches.current, self.trajectory.newest
        if branch is None:
            return
        if self._at_worker != branch.run and newest is not None:
            self._order(branch, paused=True, after=(branch.run, newest.index))
        self._on_edit()
        if not paused:
            self._worker.ask(messages.Control.PLAY)

    def _halt(self, state: RunState) -> None:
        """Have the worker drop the run that it is at, if any; what is still under way from it is stale."""
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
        """Whether mask or used labels have changed since they were last asked for."""
        if self.request is None or self.document is None or self.document.checkpoint.description.ignores_mask:
            return False
        return not self.document.stage(0).asks_like(self.request.final)

    def scrub(self, index: int) -> None:
        """Look at another step, or at the one kept before it."""
        self.trajectory.move_to(index)
        self.frame_changed.emit(self.trajectory.current)

    def look_by(self, frames: int) -> None:
        """Look so many kept steps further on, or back if negative."""
        self.trajectory.move_by(frames)
        self.frame_changed.emit(self.trajectory.current)

    def look_at_newest(self) -> None:
        """Look at the step that was taken last, and follow those to come."""
        newest = self.trajectory.newest
        if newest is not None:
            self.scrub(newest.index)

    # ---- from the worker

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        match answer:
            case messages.Ready(checkpoint, device, precision):
                if self.document is not None and checkpoint is self.document.checkpoint:
                    self.device, self._precision, self.is_loading = device, precision, False
                    self.model_changed.emit()
                    self._start_waiting()
            case messages.StateChanged(run, state) if run == self._at_worker:
                self._on_mail()  # the last frame arrives before the news that it was the last
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
                    self._on_edit()  # something may have been edited since, even back to what it was
            case messages.Failed(error):
                if self.is_loading:
                    self.is_loading, self._waiting = False, None
                    self.model_changed.emit()
                self.failed.emit(error)

    def _start_waiting(self) -> None:
        """Start the run that was asked for before the model was ready, if one was."""
        if self._waiting is not None:
            paused, self._waiting = self._waiting, None
            self._begin(paused=paused)
            if paused:
                self._worker.ask(messages.Control.STEP)

    @Slot()
    def _on_notice(self) -> None:
        self._gap.seek(self.document)

    @Slot()
    def _on_mail(self) -> None:
        frames: tuple[Frame, ...] = tuple(
            frame for frame in self._worker.mailbox.take() if frame.run == self._at_worker
        )
        if frames:
            self.trajectory.extend(frames)
            if self._holds_picture:
                return
            # Also where the cursor stays behind, for the number of kept steps has grown.
            self.frame_changed.emit(self.trajectory.current)

    @property
    def _holds_picture(self) -> bool:
        """Whether what has come of the run under way is not worth showing yet."""
        branch = self.branches.current
        return branch is not None and self.state.is_active and branch.is_still_noise

    def _follow(self, document: Document | None) -> None:
        """Hear of this document's edits from now on, and of the last one's no longer."""
        changes = () if document is None else (document.undo_stack.indexChanged, document.labels_changed)
        self._heard.renew(*((change, self._on_edit) for change in changes))

    @Slot()
    def _on_edit(self) -> None:
        """Let the run follow the mask and labels as they are now, if it is to."""
        branch = self.branches.current
        is_draft = branch is not None and branch.is_draft  # a new one begins instead
        can_follow = self.state.is_active and self._at_worker is not None and not is_draft
        if self.document is not None and self.follows_edits and can_follow and self.is_outdated:
            self._worker.ask(messages.ChangeRun(self.document.stage(0)))

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)
