"""`segpaint bench start`: the window's first picture against that of a bare window."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.table import Table

from segpaint.core.errors import SegPaintError
from segpaint.core.terminal import Terminal

LIMIT = 2.0
"""Highest ratio of the time to the first picture to that of a bare window."""
PATIENCE = 120.0
"""Seconds to wait for a picture."""
BARE = """
import time
import numpy, pyqtgraph
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, app.quit)

app = QApplication([])
window = Window()
window.resize(1280, 760)
window.show()
app.exec()
print(time.process_time(), flush=True)
"""
"""A process with what the window is made with, and nothing else."""


@dataclass(frozen=True)
class Start:
    """How long a process took to its first picture.

    Attributes
    ----------
    seconds : float
        On the clock.
    work : float
        Of the processor.
    """

    seconds: float
    work: float


def bench_start(own: str, rounds: int) -> bool:
    """Start whole processes in turn, and print how long each kind takes to its first picture.

    Parameters
    ----------
    own : str
        A program in Python that opens the window in the folder of its last argument. After the first picture,
        it prints the seconds of the processor that it took.
    rounds : int
        Counted starts of each; the first one, which also fills the caches of the disk, is not counted.

    Returns
    -------
    bool
        Whether the window needs at most `LIMIT` times as much of the processor as a bare one. The clock would
        also count what else the machine does.

    Raises
    ------
    SegPaintError
        If a process ends without a picture.
    """
    bare: list[Start] = []
    whole: list[Start] = []
    with TemporaryDirectory() as kept:
        for number in range(rounds + 1):
            bare.append(_start(kept, BARE))
            whole.append(_start(kept, own, str(Path(kept, str(number)))))
    rows = {"a bare window": bare[1:], "SegPaint's": whole[1:]}
    table = Table(title="From the start of a process to its first picture, in seconds")
    for heading in ("window", "median", "fastest", "of the processor", "times the bare one"):
        table.add_column(heading, justify="left" if heading == "window" else "right")
    least = _work(bare[1:])
    for name, starts in rows.items():
        seconds = [start.seconds for start in starts]
        cells = (median(seconds), min(seconds), _work(starts), _work(starts) / least)
        table.add_row(name, *(f"{cell:.2f}" for cell in cells))
    Terminal(stderr=False).print(table)
    return _work(whole[1:]) <= LIMIT * least


def _work(starts: Sequence[Start]) -> float:
    return median(start.work for start in starts)


def _start(kept: str, program: str, *words: str) -> Start:
    # What Python has compiled is kept from start to start, as it is of an installed program.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(kept, "compiled"))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program, *words]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            seconds = time.perf_counter() - begun
            process.wait(PATIENCE)
        finally:
            process.kill()
    if process.returncode or not line:
        raise SegPaintError("A process ended without a picture; its own words are above.")
    return Start(seconds, float(line))
