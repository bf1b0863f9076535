"""`segpaint bench gui`, first part: how long the event loop is blocked while the model runs."""

import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from rich.table import Table

from segpaint.core.runs.run_state import RunState
from segpaint.core.terminal import Terminal
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.runs.runs import Runs

BEAT = 5
"""Milliseconds between two heartbeats."""
MOVEMENT = 8
"""Milliseconds between two movements of the brush, as with a good mouse."""
LIMIT = 50.0
"""Milliseconds that the event loop may be blocked, as promised to users."""


class Heartbeat(QObject):
    """Measures how late a timer fires, which is how long the event loop was blocked."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Restart the measurement."""
        self.waits = []
        self._last = time.perf_counter()
        self._timer.start()

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.waits.append(max(0.0, 1000 * (now - self._last) - BEAT))
        self._last = now


class Hand(QObject):
    """Paints circles on a canvas, by mouse events like a user's."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._angle = 0.0
        self._timer = QTimer(self, interval=MOVEMENT, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)

    def start(self) -> None:
        """Put the brush down and move it."""
        self._send(QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton)
        self._timer.start()

    def stop(self) -> None:
        """Lift the brush."""
        self._timer.stop()
        self._send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton)

    @Slot()
    def _move(self) -> None:
        self._angle += 0.15
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton)

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton) -> None:
        canvas = self._canvas
        radius = 0.3 * min(canvas.width(), canvas.height())
        centre = QPointF(canvas.width() / 2, canvas.height() / 2)
        point = centre + radius * QPointF(math.cos(self._angle), math.sin(self._angle))
        held = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            kind, point, canvas.mapToGlobal(point), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas.viewport(), event)


def run_benchmark(build: Callable[[Path], MainWindow], seconds: float) -> bool:
    """Measure the delays for some seconds each, and print a table.

    Parameters
    ----------
    build : callable
        Makes a window, given a folder for unsaved work.

    Returns
    -------
    bool
        Whether the event loop was never blocked longer than `LIMIT` while the model was loaded, or ran.
    """
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        window = build(Path(folder))
        runs = window.studio.runs
        shown: list[tuple[float, bool]] = []
        window.painted.connect(lambda: shown.append((time.perf_counter() - begun, "torch" in sys.modules)))
        window.show()
        until(lambda: bool(shown), 10)
        heart = Heartbeat()
        heart.start()
        until(lambda: runs.is_ready, 300)
        rows["loading the model"] = heart.waits
        hand = Hand(window.canvas)
        rows["idle"] = _measure(heart, seconds)
        hand.start()
        rows["painting"] = _measure(heart, seconds)
        hand.stop()
        again = Again(runs)
        runs.generate()
        rows["sampling"] = _measure(heart, seconds)
        hand.start()
        rows["sampling and painting"] = _measure(heart, seconds)
        hand.stop()
        again.deleteLater()
        runs.stop()
        window.close()
    _print(rows, *shown[0])
    measured = ("loading the model", "sampling", "sampling and painting")
    return max(max(rows[name]) for name in measured) <= LIMIT


class Again(QObject):
    """Starts the next run when one is finished, so that the model is never idle."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self._runs = runs
        runs.state_changed.connect(self._on_state)

    @Slot(RunState)
    def _on_state(self, state: RunState) -> None:
        if state is RunState.FINISHED:
            self._runs.generate()


def _measure(heart: Heartbeat, seconds: float) -> list[float]:
    heart.start()
    until(lambda: False, seconds)
    return heart.waits


def until(condition: Callable[[], bool], seconds: float, interval: int = 20) -> None:
    """Run the event loop until a condition holds or time is up; check it every `interval` milliseconds."""
    loop = QEventLoop()
    watch = QTimer(interval=interval)
    watch.timeout.connect(lambda: loop.quit() if condition() else None)
    watch.start()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def high(waits: Sequence[float]) -> float:
    """Find the 99th percentile."""
    return float(np.percentile(waits, 99))


def _print(rows: dict[str, list[float]], shown: float, torch_early: bool) -> None:
    table = Table(title="How long the window's event loop waits, in ms")
    for heading in ("while", "median", "99 %", "longest", "99 %, ratio to idle"):
        table.add_column(heading, justify="left" if heading == "while" else "right")
    for name, waits in rows.items():
        cells = (np.median(waits), high(waits), max(waits))
        ratio = high(waits) / max(high(rows["idle"]), 0.1)
        table.add_row(name, *(f"{cell:.1f}" for cell in cells), f"{ratio:.1f}")
    console = Terminal(stderr=False)
    console.print(table)
    order = "after" if torch_early else "before"
    console.print(f"The window was shown {shown:.2f} s after it was asked for, {order} torch was imported.")
