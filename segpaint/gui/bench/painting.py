"""`segpaint bench gui`, second part: from a mouse movement to its pixels on the screen."""

import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from rich.table import Table

from segpaint.core.labels.labels import Label
from segpaint.core.labels.palette import distinct_colors
from segpaint.core.requests.checkpoint import Checkpoint, Description, read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.core.terminal import Terminal
from segpaint.gui.bench.latency import LIMIT, MOVEMENT, Again, Hand, Heartbeat, high, until
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.window.main_window import MainWindow

SIZE, LARGE = 512, 2048
LABELS = 16
BRUSH = 50
FRAME = 16.0
"""Milliseconds from a movement to its pixels that a user does not notice: one frame at 60 Hz."""
BUSY = 2.0
"""Highest ratio of the time while the model runs to that with an idle model."""
GROWTH = 1.5
"""Highest ratio of the time for a dab on a mask of 2048 pixels to that on one of 512."""


@dataclass(frozen=True)
class Line:
    """A measurement and its limit.

    Attributes
    ----------
    waits : sequence of float
        Milliseconds; may be empty.
    kept : bool
        Whether it is within its limit.
    """

    what: str
    waits: Sequence[float]
    limit: str
    kept: bool


class Stroke(Hand):
    """Measures how long each movement of the brush takes to be seen.

    A movement counts from the time at which a mouse would have sent it, which includes waiting for a busy
    event loop.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.waits: list[float] = []
        self._due = self._sent = 0.0
        self._painted = QTimer(self, singleShot=True, interval=0)
        self._painted.timeout.connect(self._on_painted)

    def run(self, seconds: float) -> Sequence[float]:
        """Paint for some seconds; returns milliseconds from each movement to its pixels."""
        self.waits, self._sent = [], 0.0
        self.start()
        self._due = time.perf_counter() + MOVEMENT / 1000
        self._canvas.viewport().installEventFilter(self)
        until(lambda: False, seconds)
        self._canvas.viewport().removeEventFilter(self)
        self.stop()
        return self.waits

    @Slot()
    def _move(self) -> None:
        if not self._sent:
            self._sent = min(self._due, time.perf_counter())
        self._due = max(self._due, time.perf_counter()) + MOVEMENT / 1000
        super()._move()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._sent:
            self._painted.start()  # fires after the painting
        return False

    @Slot()
    def _on_painted(self) -> None:
        if self._sent:
            self.waits.append(1000 * (time.perf_counter() - self._sent))
            self._sent = 0.0


class Watch(QObject):
    """Measures how long it takes until a change is seen."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._viewport = canvas.viewport()
        self._seen = False

    def time(self, change: Callable[[], None]) -> float:
        """Measure the milliseconds from the beginning of a change to its pixels."""
        self._seen = False
        self._viewport.installEventFilter(self)
        begun = time.perf_counter()
        change()
        until(lambda: self._seen, 5, interval=0)
        self._viewport.removeEventFilter(self)
        return 1000 * (time.perf_counter() - begun)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self._seen = self._seen or event.type() == QEvent.Type.Paint
        return False


def run_painting_benchmark(build: Callable[[Path, Checkpoint], MainWindow], seconds: float) -> bool:
    """Measure the delays for some seconds each, print a table, and return whether all limits were kept.

    Parameters
    ----------
    build : callable
        Makes a window, given a folder for unsaved work and a checkpoint.
    """
    with tempfile.TemporaryDirectory() as folder:

        def measure(size: int, what: Callable[[MainWindow], list[Sequence[float]]]) -> list[Sequence[float]]:
            checkpoint = untrained_checkpoint(Path(folder) / str(size), size)
            window = build(Path(folder) / f"work-{size}", checkpoint)
            window.show()
            until(lambda: window.studio.runs.is_ready, 300)
            _prepare(window)
            found = what(window)
            window.studio.runs.stop()
            window.close()
            return found

        idle, busy = measure(SIZE, lambda window: _stroke_idle_and_busy(window, seconds))
        (small,) = measure(SIZE, lambda window: [_stroke_at_full_size(window, seconds)])
        large, undone, outlined, gesture = measure(
            LARGE,
            lambda window: [
                _stroke_at_full_size(window, seconds),
                _undo_a_fill(window),
                _undo_outlined(window),
                _set_amounts(window),
            ],
        )
    ratio, growth = high(busy) / high(idle), float(np.median(large) / np.median(small))
    small_size, large_size, frame = f"{SIZE} x {SIZE}", f"{LARGE} x {LARGE}", f"<= {FRAME:.0f} ms"
    wait = f"<= {LIMIT:.0f} ms"
    no_slower = f"{growth:.2f} times that <= {GROWTH}"
    lines = [
        Line(f"{small_size}, {LABELS} labels, model idle", idle, f"99 % {frame}", high(idle) <= FRAME),
        Line("the same, model sampling", busy, f"99 % {frame}", high(busy) <= FRAME),
        Line("", [], f"{ratio:.2f} times idle <= {BUSY}", ratio <= BUSY),
        Line(f"{small_size}, 1 pixel to 1", small, "", True),
        Line(f"{large_size}, 1 pixel to 1", large, no_slower, growth <= GROWTH),
        Line(f"undo a fill, {large_size}", undone, f"median {frame}", bool(np.median(undone) <= FRAME)),
        Line("the window waits: undo a fill, outlined", outlined, f"median {wait}", _is_short(outlined)),
        Line("the window waits: amounts of a gesture", gesture, f"median {wait}", _is_short(gesture)),
    ]
    _print(lines)
    return all(line.kept for line in lines)


def _stroke_idle_and_busy(window: MainWindow, seconds: float) -> list[Sequence[float]]:
    """Measure both with an image beside the mask, so that the window draws the same."""
    stroke, runs = Stroke(window.canvas), window.studio.runs
    again = Again(runs)
    runs.generate()
    until(lambda: window.image.shown is not None, 300)
    runs.pause()
    until(lambda: runs.state is RunState.PAUSED, 60)
    idle = stroke.run(seconds)
    runs.toggle_play()
    until(lambda: False, 1)
    busy = stroke.run(seconds)
    again.deleteLater()
    return [idle, busy]


def _stroke_at_full_size(window: MainWindow, seconds: float) -> Sequence[float]:
    """Measure with the same number of screen pixels under the brush, whatever the size of the mask."""
    view = window.studio.view.viewpoint
    view.zoom_at(view.centre, 1 / view.zoom)
    return Stroke(window.canvas).run(seconds)


def _undo_a_fill(window: MainWindow) -> Sequence[float]:
    strokes, watch = window.studio.document.strokes, Watch(window.canvas)
    window.studio.view.viewpoint.fit()
    strokes.replace(np.full(strokes.mask.shape, 3, np.uint8), "Fill")
    until(lambda: False, 0.5)
    times = []
    for _ in range(10):
        times.append(watch.time(strokes.undo))
        watch.time(strokes.redo)
        until(lambda: False, 0.2)
    return times


def _undo_outlined(window: MainWindow) -> Sequence[float]:
    """Measure the longest wait of each undo and redo, of many small regions."""
    strokes, overlay = window.studio.document.strokes, window.studio.view.overlay
    overlay.set_outlined(True)
    rows, columns = np.mgrid[:LARGE, :LARGE] // 16
    strokes.replace(((rows + columns) % LABELS + 1).astype(np.uint8), "Tile")
    until(lambda: False, 3)
    waits = [_longest_wait(change) for _ in range(5) for change in (strokes.undo, strokes.redo)]
    overlay.set_outlined(False)
    return waits


def _set_amounts(window: MainWindow) -> Sequence[float]:
    """Measure the longest wait for each amount of a gesture that takes long."""
    desk, strokes = window.studio.anatomy, window.studio.document.strokes
    strokes.undo()
    window.studio.document.paint_value = 6
    desk.begin("smooth_label")
    waits = [_longest_wait(partial(desk.set_amount, float(amount))) for amount in range(3, 11)]
    desk.cancel()
    return waits


def _longest_wait(change: Callable[[], object]) -> float:
    heart = Heartbeat()
    heart.start()
    change()
    until(lambda: False, 1)
    return max(heart.waits)


def _is_short(waits: Sequence[float]) -> bool:
    return bool(np.median(waits) <= LIMIT)


def _prepare(window: MainWindow) -> None:
    """Make a mask with all labels, and a brush that paints one of them."""
    window.resize(1280, 800)
    document = window.studio.document
    size, across = document.mask.shape[0], math.isqrt(LABELS)
    rows, columns = np.mgrid[:size, :size] * across // size
    document.strokes.replace((rows * across + columns + 1).astype(np.uint8), "Open")
    window.studio.view.tools.set_size(BRUSH)
    document.change_settings(replace(document.settings, steps=200))


def untrained_checkpoint(folder: Path, size: int) -> Checkpoint:
    """Make a checkpoint with random weights, as large as a real one."""
    from segpaint.core.diffusion.network import build_network
    from segpaint.core.diffusion.network_files import write_checkpoint

    colors = distinct_colors(LABELS)
    labels = tuple(
        Label(index=number, name=f"label {number}", color=color) for number, color in enumerate(colors, start=1)
    )
    folding = size // 64
    description = Description(
        name="Untrained",
        modality="MR",
        size=size,
        labels=labels,
        space_to_depth=min(folding, 8),  # type: ignore[arg-type]
    )
    network = build_network(
        size=size, channels=1, conditioning_channels=LABELS, space_to_depth=description.space_to_depth
    )
    write_checkpoint(folder, description, network, {"prediction_type": "v_prediction"}, "")
    return read_checkpoint(folder)


def _print(lines: Sequence[Line]) -> None:
    table = Table(title=f"From a movement of a brush of {BRUSH} px to its pixels, in ms")
    for heading in ("mask", "median", "99 %", "limit", ""):
        table.add_column(heading, justify="right" if heading in ("median", "99 %") else "left")
    for line in lines:
        figures = (f"{np.median(line.waits):.1f}", f"{high(line.waits):.1f}") if line.waits else ("", "")
        kept = ("kept" if line.kept else "NOT KEPT") if line.limit else ""
        table.add_row(line.what, *figures, line.limit, kept)
    Terminal(stderr=False).print(table)
