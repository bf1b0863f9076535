"""The session: the open document, the worker on its thread, and the run being looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal, Slot

from segpaint.core.checkpoint import Checkpoint
from segpaint.core.errors import SegPaintError
from segpaint.core.request import Precision, Request
from segpaint.core.trajectory import Frame, Trajectory
from segpaint.io.results import write_result
from segpaint.session.document import Document
from segpaint.session.mailbox import Mailbox
from segpaint.session.state import RunState
from segpaint.session.worker import Worker


class Session(QObject):
    """What the window shows and steers. Lives on the window's thread.

    Parameters
    ----------
    device : str
        See `segpaint.core.device.pick_device`.
    """

    document_changed = Signal(object)
    """Another `Document` is open."""
    model_changed = Signal()
    """A checkpoint is being loaded, or has been."""
    state_changed = Signal(RunState)
    frame_changed = Signal(object)
    """The `Frame` to show, or None."""
    failed = Signal(object)
    """An exception; what was painted is untouched."""

    _load = Signal(object, str)
    _start = Signal(int, object, bool)
    _play = Signal()
    _pause = Signal()
    _step = Signal()
    _stop = Signal()

    def __init__(self, device: str = "auto") -> None:
        super().__init__()
        self.document: Document | None = None
        self.trajectory = Trajectory()
        self.state = RunState.NONE
        self.request: Request | None = None
        self.device = ""
        self.is_loading = False
        self._wanted_device = device
        self._precision: Precision | None = None
        self._run = 0
        self._waiting: bool | None = None  # a start asked for before the model was ready: paused or not
        self._mailbox = Mailbox()
        self._thread = QThread()
        self._thread.setObjectName("segpaint worker")
        worker = Worker(self._mailbox)
        worker.moveToThread(self._thread)
        self._thread.finished.connect(worker.deleteLater)
        self._load.connect(worker.load)
        self._start.connect(worker.start)
        self._play.connect(worker.play)
        self._pause.connect(worker.pause)
        self._step.connect(worker.step)
        self._stop.connect(worker.stop)
        worker.ready.connect(self._on_ready)
        worker.mail.connect(self._on_mail)
        worker.state_changed.connect(self._on_state)
        worker.failed.connect(self._on_failed)
        self._worker = worker

    @Slot()
    def start(self) -> None:
        """Start the worker; what was asked of it before waits until then.

        Called once the window is on the screen, for the worker imports torch, which takes seconds.
        """
        self._thread.start()

    def close(self) -> None:
        """Finish the step being taken and end the thread."""
        self._stop.emit()
        self._thread.quit()
        self._thread.wait()

    # ---- model and document

    @property
    def is_ready(self) -> bool:
        """Whether the checkpoint of the document is loaded."""
        return self._precision is not None

    @property
    def precision(self) -> Precision | None:
        """In which the network runs, once it is loaded."""
        return self._precision

    def open_checkpoint(self, checkpoint: Checkpoint, values: NDArray[np.uint8] | None = None) -> None:
        """Open a fresh document for a checkpoint, and load its network in the background.

        Parameters
        ----------
        checkpoint : Checkpoint
        values : ndarray of uint8, optional
            The mask to begin with.
        """
        self.stop()
        self._precision = None
        self._waiting = None
        self.is_loading = True
        self.document = Document(checkpoint, values)
        self._forget_run()
        self._load.emit(checkpoint, self._wanted_device)
        self.document_changed.emit(self.document)
        self.model_changed.emit()

    def _forget_run(self) -> None:
        self._run += 1
        self.trajectory = Trajectory()
        self.request = None
        self._set_state(RunState.NONE)
        self.frame_changed.emit(None)

    # ---- the run

    @Slot()
    def generate(self) -> None:
        """Start a run for the document as it stands; a run under way is given up."""
        self._begin(paused=False)

    @Slot()
    def toggle_play(self) -> None:
        """Pause a run, go on with it, or start one; whoever looks back is taken to the newest step."""
        if self.state is RunState.RUNNING:
            self._pause.emit()
        elif self.state is RunState.PAUSED:
            self.look_at_newest()
            self._play.emit()
        elif self.trajectory.is_looking_back:
            self.look_at_newest()
        else:
            self._begin(paused=False)

    @Slot()
    def step(self) -> None:
        """Look at the next step, or take it and pause if it was not taken yet.

        Starts a run where there is none; at the end of a finished one it does nothing, so that no
        image is lost by it.
        """
        if self.trajectory.is_looking_back:
            self.look_by(1)
        elif self.state.is_active:
            self._step.emit()
        elif not self.trajectory.frames:
            self.begin_paused()

    @Slot()
    def begin_paused(self) -> None:
        """Start a run, take its first step and pause."""
        self._begin(paused=True)
        self._step.emit()

    @Slot()
    def stop(self) -> None:
        """Give up the run; the frames so far stay."""
        self._waiting = None
        if self.state.is_active:
            self._stop.emit()
            self._set_state(RunState.STOPPED)
            self._run += 1  # whatever is still under way is stale

    def _begin(self, *, paused: bool) -> None:
        if self.document is None:
            return
        if self._precision is None:
            self._waiting = paused if self.is_loading else None
            if not self.is_loading:
                self.failed.emit(SegPaintError("The model could not be loaded; choose another one."))
            self.model_changed.emit()
            return
        self.stop()
        if not self.document.keeps_seed and self.trajectory.frames:
            self.document.draw_seed()
        self._run += 1
        self.trajectory = Trajectory()
        self.request = self.document.request(self._precision)
        self._start.emit(self._run, self.request, paused)
        self._set_state(RunState.PAUSED if paused else RunState.RUNNING)

    @property
    def is_waiting(self) -> bool:
        """Whether a run starts as soon as the model is loaded."""
        return self._waiting is not None

    @property
    def is_outdated(self) -> bool:
        """Whether mask or used labels have changed since the run was started."""
        if self.request is None or self.document is None or self.document.checkpoint.description.ignores_mask:
            return False
        same = np.array_equal(self.request.mask, self.document.mask.values)
        return not (same and self.request.used == self.document.used)

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

    # ---- results

    def save(self, path: Path) -> list[Path]:
        """Write the result with its mask and request, and return the files written.

        Raises
        ------
        SegPaintError
            If there is no finished image, or it cannot be written.
        """
        result = self.trajectory.result
        if result is None or self.request is None or self.document is None:
            raise SegPaintError("There is no finished image to save yet; generate one first.")
        return write_result(path, result.noisy, self.request, self.document.table)

    # ---- from the worker

    @Slot(object, str, str)
    def _on_ready(self, checkpoint: Checkpoint, device: str, precision: Precision) -> None:
        if self.document is None or checkpoint is not self.document.checkpoint:
            return
        self.device, self._precision, self.is_loading = device, precision, False
        self.model_changed.emit()
        if self._waiting is not None:
            paused, self._waiting = self._waiting, None
            self._begin(paused=paused)
            if paused:
                self._step.emit()

    @Slot()
    def _on_mail(self) -> None:
        frames: tuple[Frame, ...] = tuple(frame for frame in self._mailbox.take() if frame.run == self._run)
        if frames:
            self.trajectory.extend(frames)
            # Also where the cursor stays behind, for the number of kept steps has grown.
            self.frame_changed.emit(self.trajectory.current)

    @Slot(int, RunState)
    def _on_state(self, run: int, state: RunState) -> None:
        if run == self._run:
            self._on_mail()  # the last frame arrives before the news that it was the last
            self._set_state(state)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.is_loading:
            self.is_loading, self._waiting = False, None
            self.model_changed.emit()
        self.failed.emit(error)

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)
