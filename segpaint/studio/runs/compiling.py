"""Compiles the open checkpoint for the processor, in a process of its own."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cached_property

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.compiled_files import HINTS, is_installed
from segpaint.core.runs import messages
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs import worker as workers
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.worker_thread import WorkerThread

COMMAND = sys.executable, "-m", "segpaint", "checkpoint", "compile"
"""Compiles the checkpoint whose folder follows."""
OF_ERROR = "segpaint: "
"""What a command's sentence on an error begins with."""
PATIENCE = 2000
"""Milliseconds in which a process that is asked to end may do so, before it is killed."""


class Compiling(QObject):
    """Compiles one checkpoint at a time, and then lets the worker use what was compiled.

    A process does it, since tracing a network holds Python's lock, and the window with it, for seconds. Lives
    on the window's thread.
    """

    changed = Signal()
    """It has begun or ended."""
    compiled = Signal(object)
    """The `Checkpoint` that was compiled."""
    failed = Signal(object)
    """An exception."""

    def __init__(self, opened: OpenDocument, runs: Runs, worker: WorkerThread) -> None:
        super().__init__()
        self._opened, self._runs, self._worker = opened, runs, worker
        self._checkpoint: Checkpoint | None = None  # what is being compiled
        self._process: QProcess | None = None
        worker.answers.answered.connect(self._on_answer)

    @property
    def is_busy(self) -> bool:
        """Whether a checkpoint is being compiled."""
        return self._checkpoint is not None

    @property
    def is_done(self) -> bool:
        """Whether it is what was compiled that makes the next image."""
        return self._runs.precision in HINTS

    @cached_property
    def is_possible(self) -> bool:
        """Whether OpenVINO is installed."""
        return is_installed()

    def start(self) -> None:
        """Compile the open checkpoint, unless one is being compiled."""
        if self.is_busy:
            return
        self._checkpoint = self._opened.document.checkpoint
        process, environment = QProcess(self), QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.setStandardInputFile(QProcess.nullDevice())
        process.started.connect(self._give_way)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        program, *words = COMMAND
        process.start(program, [*words, str(self._checkpoint.folder.resolve())])
        self.changed.emit()

    @Slot()
    def close(self) -> None:
        """End the process, if there is one, and wait until it has ended."""
        if (process := self._process) is None:
            return
        self._process = None
        process.finished.disconnect(self._on_finished)
        process.errorOccurred.disconnect(self._on_error)
        process.terminate()
        if not process.waitForFinished(PATIENCE):
            process.kill()
            process.waitForFinished()

    # ---- from the process

    @Slot()
    def _give_way(self) -> None:
        """Let the process run at the worker's low priority: beside it, the window lost 200 ms at a time."""
        if self._process is None or sys.platform == "win32":
            return
        number = self._process.processId()
        with suppress(OSError):  # it has ended already
            os.setpriority(
                os.PRIO_PROCESS, number, max(workers.NICENESS, os.getpriority(os.PRIO_PROCESS, number))
            )

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process, checkpoint = self._process, self._checkpoint
        if process is None or checkpoint is None:
            return
        if code != 0 or status is not QProcess.ExitStatus.NormalExit:
            self._fail(checkpoint, process)
            return
        self._forget(process)
        is_open = checkpoint is self._opened.document.checkpoint
        if is_open and (self._runs.is_ready or self._runs.is_loading):
            self._worker.ask(messages.FindPrecision())
        else:
            self._end(checkpoint)

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        """Report that the process did not begin; one that has crashed is finished, too."""
        process, checkpoint = self._process, self._checkpoint
        if process is None or checkpoint is None or error is not QProcess.ProcessError.FailedToStart:
            return
        self._fail(checkpoint, process)

    def _fail(self, checkpoint: Checkpoint, process: QProcess) -> None:
        lines = bytes(process.readAllStandardError().data()).decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), process.errorString())
        sentence = (
            last.removeprefix(OF_ERROR)
            if last.startswith(OF_ERROR)
            else f"{checkpoint.folder} could not be compiled ({last}); the model runs as before."
        )
        self._forget(process)
        self._give_up(sentence)

    def _give_up(self, sentence: str) -> None:
        self._checkpoint = None
        self.changed.emit()
        self.failed.emit(SegPaintError(sentence))

    def _forget(self, process: QProcess) -> None:
        self._process = None
        process.deleteLater()

    # ---- from the worker

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        """End once the worker has tried what was compiled; it reports a failure by itself."""
        if self._checkpoint is None or self._process is not None:
            return
        if isinstance(answer, messages.PrecisionFound) and answer.precision in HINTS:
            self._end(self._checkpoint)
        elif isinstance(answer, messages.PrecisionFound):
            folder = self._checkpoint.folder
            self._give_up(f"What was compiled of {folder} cannot be run; the model runs as before.")
        elif isinstance(answer, messages.Failed):
            self._checkpoint = None
            self.changed.emit()

    def _end(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = None
        self.changed.emit()
        self.compiled.emit(checkpoint)
