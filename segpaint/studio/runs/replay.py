"""Plays the kept steps of a run that has ended, from the one looked at."""

from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.runs.trajectory import Trajectory

PACE = 150
"""Milliseconds that each step is shown."""


class Steps(Protocol):
    """The kept steps of the branch looked at."""

    @property
    def trajectory(self) -> Trajectory:
        """The steps, with a cursor."""
        ...

    def look_by(self, frames: int) -> None:
        """Look that many kept steps ahead."""
        ...


class Replay(QObject):
    """Looks at one step after the other until the newest, or until somebody looks elsewhere."""

    changed = Signal()
    """It has begun or ended."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps
        self._seen: object = None  # the frame that was shown last
        self._timer = QTimer(self, interval=PACE)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_on(self) -> bool:
        """Whether steps are being played."""
        return self._timer.isActive()

    def begin(self) -> None:
        """Play from the step looked at."""
        self._seen = self._steps.trajectory.current
        self._timer.start()
        self.changed.emit()

    def end(self) -> None:
        """Stop at the step looked at."""
        if self.is_on:
            self._timer.stop()
            self.changed.emit()

    @Slot()
    def _go_on(self) -> None:
        trajectory = self._steps.trajectory
        if trajectory.current is self._seen and trajectory.is_looking_back:
            self._steps.look_by(1)
            self._seen = trajectory.current
        if trajectory.current is not self._seen or not trajectory.is_looking_back:
            self.end()
