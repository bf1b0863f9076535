"""Python's collection of unreferenced cycles, kept on the window's thread."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from PySide6.QtCore import QObject, QTimer, Slot

PAUSE = 250
"""Milliseconds between looks at what has been left."""
YOUNG = 2000
"""Objects made, less those gone, after which the youngest are looked through."""
OFTEN = 10
"""Collections of a generation after which the next one is looked through, as Python has it."""
_turn = Lock()


class Collector(QObject):
    """Collects cycles, a little and often.

    By itself, Python does so on whatever thread makes the next object. If a worker thus destroys an object of
    Qt, it waits for Python's lock while it holds a lock of Qt. The window's thread may have the first and wait
    for the second, and then both wait for ever.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what is imported by now stays, and need not be looked through
        self._timer = QTimer(self, interval=PAUSE)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Collect the generations whose turn it is."""
        made, young, middle = gc.get_count()
        if made > YOUNG and _turn.acquire(blocking=False):
            gc.collect(2 if young > OFTEN and middle > OFTEN else 1 if young > OFTEN else 0)
            _turn.release()


@contextmanager
def without_collection() -> Iterator[None]:
    """Pause collection while torch's many objects are made.

    Each full pass blocked the window for 50 to 180 ms, and imported objects stay anyway. They are left out of
    later collections the first time only: after that, objects that are not collected yet would stay, too, such
    as a closed window.
    """
    is_first, was_on = "torch" not in sys.modules, gc.isenabled()
    with _turn:
        gc.disable()
        try:
            yield
        finally:
            if is_first:
                gc.freeze()
            if was_on:
                gc.enable()
