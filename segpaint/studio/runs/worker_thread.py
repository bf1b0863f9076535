"""The thread on which the worker lives, and the ways to it."""

from __future__ import annotations

import os
import sys
import threading

from PySide6.QtCore import QObject, QThread, Signal

from segpaint.core.runs.mailbox import Mailbox
from segpaint.studio.runs.worker import Worker

NICENESS = 10
"""Of the worker's thread. On two cores, sampling flat out, it brought the 99th percentile from a movement of
the brush to its pixels from 57 to 12 ms."""
ASKED = (
    "load",
    "start",
    "change",
    "play",
    "pause",
    "step",
    "stop",
    "segment",
    "judge",
    "add_jobs",
    "drop_jobs",
)


class _BackgroundThread(QThread):
    """One that gives way to the window's, with all threads that torch starts from it."""

    def run(self) -> None:
        if sys.platform == "linux":  # where Qt's priorities mean nothing, and each thread has a niceness
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        self.exec()


class WorkerThread(QObject):
    """What the worker is asked goes through these signals, so that each call waits its turn on its thread.

    Each has the name and the arguments of the worker's slot.
    """

    load = Signal(object, str)
    start = Signal(object)
    change = Signal(object)
    play = Signal()
    pause = Signal()
    step = Signal()
    stop = Signal()
    segment = Signal(object)
    judge = Signal(int, object, object)
    add_jobs = Signal(object)
    drop_jobs = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = Mailbox()
        """Where the worker's frames are."""
        self.answers = Worker(self.mailbox)
        """Whose signals tell what came of it; connect bound methods of QObjects alone."""
        self._is_over = False
        self._thread = _BackgroundThread()
        self._thread.setObjectName("segpaint worker")
        self.answers.moveToThread(self._thread)
        self._thread.finished.connect(self.answers.deleteLater)
        for name in ASKED:
            getattr(self, name).connect(getattr(self.answers, name))

    def begin(self) -> None:
        """Start the thread, unless it has been ended already; what was asked before waits until then."""
        if not self._is_over:
            self._thread.start(QThread.Priority.LowPriority)

    def end(self) -> None:
        """Finish the step being taken and end the thread."""
        self._is_over = True
        self.stop.emit()
        self._thread.quit()
        self._thread.wait()
        self.answers.release()
