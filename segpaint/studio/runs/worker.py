"""The worker: the player on a thread of its own, which takes one step per turn of its loop.

So pausing, stepping, stopping and shutting down are ordinary queued messages. torch is imported here,
not before the window is on the screen.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.runs.mailbox import Mailbox
from segpaint.core.runs.messages import Asked
from segpaint.core.runs.player import Player

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine


class Worker(QObject):
    """Answers what it is asked, through queued connections."""

    answered = Signal(object)
    """An `Answer`."""
    mail = Signal()
    """There is something in the mailbox."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.mailbox = Mailbox(self.mail.emit)
        self._player = Player(self.mailbox, self.answered.emit, partial(_open_engine, device))
        # A child, so that it moves to the thread with its parent.
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._take_turn)

    @Slot(object)
    def ask(self, message: Asked) -> None:
        """Do as a message asks, at once or in the turns to come."""
        self._player.ask(message)
        if not self._turn.isActive():
            self._turn.start()

    def release(self) -> None:
        """Let go of the networks, once the thread has ended.

        The window's parts refer to each other, so they may be freed late.
        """
        self._player.release()

    @Slot()
    def _take_turn(self) -> None:
        if not self._player.take_turn():
            self._turn.stop()


def _open_engine(device: str, checkpoint: Checkpoint) -> Engine:
    with _without_collection():
        from segpaint.core.diffusion.device import pick_device
        from segpaint.core.diffusion.engine import Engine

    return Engine(checkpoint, pick_device(device))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the garbage collector from going through torch's many objects while they are made.

    Each full pass held the window up for 50 to 180 ms; what is imported stays for good anyway. Only the first
    time: later, what had been used up but not collected yet, such as a window that was closed, would stay, too.
    """
    is_first = "torch" not in sys.modules
    gc.disable()
    try:
        yield
    finally:
        if is_first:
            gc.freeze()
        gc.enable()
