"""`segpaint bench live`: from the end of a stroke to the picture made of it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.core.terminal import Terminal
from segpaint.gui.bench.latency import MOVEMENT, Hand, until
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.studio import Studio

MOVES = 8
"""Movements of a stroke."""
TURN = 0.7
"""Radians between two strokes, which go around the middle of the mask."""
PATIENCE = 60.0
"""Seconds to wait for a picture."""


@dataclass(frozen=True)
class Waits:
    """Milliseconds from the end of a stroke to its picture, and what was asked for.

    Attributes
    ----------
    median, most, longest : float
        The middle one, that which nine of ten strokes do not exceed, and the longest.
    sampler : str
    steps : int
        Of the drafts.
    strokes : int
        Strokes that changed the mask.
    """

    median: float
    most: float
    longest: float
    sampler: str
    steps: int
    strokes: int


def bench_live(
    build: Callable[[Path, Checkpoint], MainWindow], folders: Iterable[Path], strokes: int, file: Path | None
) -> None:
    """Paint on made images, with live painting on, and print how long each stroke waits for its picture.

    Parameters
    ----------
    build : callable
        Makes a window, given a folder for unsaved work and a checkpoint.
    strokes : int
        For each checkpoint.
    file : Path, optional
        Gets the figures as JSON.
    """
    figures = {}
    table = Table(title="From the end of a stroke to the picture made of it, in ms")
    for heading in ("model", "median", "90 %", "longest", "sampler", "steps"):
        table.add_column(heading, justify="left" if heading in ("model", "sampler") else "right")
    for folder in folders:
        checkpoint = read_checkpoint(folder)
        with tempfile.TemporaryDirectory() as work:
            window = build(Path(work), checkpoint)
            try:
                waits = _measure(window, strokes)
            finally:
                window.close()
                window.deleteLater()
        figures[folder.name] = asdict(waits)
        cells = (f"{waits.median:.0f}", f"{waits.most:.0f}", f"{waits.longest:.0f}")
        table.add_row(checkpoint.description.name, *cells, waits.sampler, str(waits.steps))
    Terminal(stderr=False).print(table)
    if file is not None:
        write_atomically(file, json.dumps(figures, indent=2).encode())


class Strokes(Hand):
    """Paints short strokes around the middle of the mask."""

    def place(self, angle: float) -> None:
        """Choose where the next stroke begins, in radians."""
        self._angle = angle

    def stroke(self) -> float:
        """Paint a stroke, and return when it ended, in seconds of `time.perf_counter`."""
        self.start()
        until(lambda: False, MOVES * MOVEMENT / 1000, interval=1)
        self.stop()
        return time.perf_counter()


def _measure(window: MainWindow, strokes: int) -> Waits:
    studio, runs = window.studio, window.studio.runs
    window.show()
    until(lambda: runs.is_ready, PATIENCE)
    runs.generate()
    until(lambda: runs.state is RunState.FINISHED, PATIENCE)
    studio.live.set_on(True)
    until(lambda: _is_shown(studio), PATIENCE)
    hand = Strokes(window.canvas)
    waits = []
    for number in range(strokes + 1):
        studio.document.paint_value = studio.document.table.indices[number % len(studio.document.table)]
        before = studio.document.mask.snapshot()
        hand.place(number * TURN)
        ended = hand.stroke()
        if np.array_equal(before, studio.document.mask.values):
            continue
        until(lambda: _is_shown(studio), PATIENCE, interval=1)
        window.image.viewport().repaint()
        if number:  # the first one also loads what drafts need
            waits.append(1000 * (time.perf_counter() - ended))
    asked = runs.request
    if asked is None or not waits:
        raise SegPaintError("No stroke changed the mask, so nothing was measured.")
    median, most = np.percentile(waits, [50, 90])
    return Waits(float(median), float(most), max(waits), asked.sampler, asked.steps, len(waits))


def _is_shown(studio: Studio) -> bool:
    """Check whether the finished picture is that of the mask as it is."""
    request = studio.runs.request
    return (
        studio.runs.state is RunState.FINISHED
        and request is not None
        and np.array_equal(request.final.mask, studio.document.mask.values)
    )
