"""The worker: the player on a thread of its own, which takes one step per turn of its loop.

So pausing, stepping, stopping and shutting down are ordinary queued messages. torch is imported here,
after the window is on the screen.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.runs.mailbox import Mailbox
from segpaint.core.runs.messages import Asked
from segpaint.core.runs.player import Player
from segpaint.studio.base.collector import without_collection

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine


NICENESS = 10
"""Niceness of the worker's thread. On two cores at full load, it reduced the 99th percentile from a movement
of the brush to its pixels from 57 to 12 ms."""
REST = 300
"""Milliseconds without work, after which what later runs will need is done ahead."""


class Worker(QObject):
    """Answers messages that arrive through queued connections."""

    answered = Signal(object)
    """An `Answer`."""
    mail = Signal()
    """The mailbox has a new message."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.mailbox = Mailbox(self.mail.emit)
        self._player = Player(self.mailbox, self.answered.emit, partial(_open_engine, device))
        # A child, so that it moves to the thread with its parent.
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._take_turn)
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._work_ahead)

    @Slot(object)
    def ask(self, message: Asked) -> None:
        """Handle a message, at once or in the following turns."""
        self._player.ask(message)
        if not self._turn.isActive():
            self._turn.start()

    def release(self) -> None:
        """Release the networks, once the thread has ended.

        The window's parts refer to each other, so they may be freed late.
        """
        self._player.release()

    @Slot()
    def _take_turn(self) -> None:
        if not self._player.take_turn():
            self._turn.stop()
            self._rest.start(REST)

    @Slot()
    def _work_ahead(self) -> None:
        if not self._turn.isActive() and self._player.work_ahead():
            self._rest.start(0)


def _open_engine(device: str, checkpoint: Checkpoint) -> Engine:
    with without_collection():
        from segpaint.core.diffusion.device import pick_device
        from segpaint.core.diffusion.engine import Engine

    _give_way()
    return Engine(checkpoint, pick_device(device))


def _give_way() -> None:
    """Run at low priority from now on, as will all threads that torch starts from this one.

    Not before torch is imported: an import holds Python's lock most of the time. On a busy machine, a thread of
    low priority waits while it holds the lock, and the window's thread with it.
    """
    if sys.platform == "linux":  # where Qt's priorities have no effect, and each thread has a niceness
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    else:
        QThread.currentThread().setPriority(QThread.Priority.LowPriority)
