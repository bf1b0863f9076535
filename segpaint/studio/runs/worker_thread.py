"""The worker's thread, and the messages to it."""

import os
import sys
import threading

from PySide6.QtCore import QThread, Signal

from segpaint.core.runs.messages import Asked, Control
from segpaint.studio.runs.worker import Worker

NICENESS = 10
"""Niceness of the worker's thread. On two cores at full load, it reduced the 99th percentile from a movement
of the brush to its pixels from 57 to 12 ms."""


class WorkerThread(QThread):
    """Passes messages to the worker on a thread of its own."""

    _asked = Signal(object)

    def __init__(self, device: str) -> None:
        super().__init__()
        self.setObjectName("segpaint worker")
        self.answers = Worker(device)
        """Emits the answers; connect only bound methods of QObjects."""
        self.mailbox = self.answers.mailbox
        self._is_over = False
        self.answers.moveToThread(self)
        self.finished.connect(self.answers.deleteLater)
        self._asked.connect(self.answers.ask)

    def run(self) -> None:
        """Run at low priority, as will all threads that torch starts from this one."""
        if sys.platform == "linux":  # where Qt's priorities have no effect, and each thread has a niceness
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        self.exec()

    def ask(self, message: Asked) -> None:
        """Send the worker a message; its signals answer."""
        self._asked.emit(message)

    def begin(self) -> None:
        """Start the thread, unless it has been ended already; earlier messages wait until then."""
        if not self._is_over:
            self.start(QThread.Priority.LowPriority)

    def end(self) -> None:
        """Finish the current step and end the thread."""
        self._is_over = True
        self.ask(Control.STOP)
        self.quit()
        self.wait()
        self.answers.release()
