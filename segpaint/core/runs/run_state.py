"""The states of a run."""

from __future__ import annotations

from enum import Enum


class RunState(Enum):
    """What a run is doing."""

    NONE = "none"
    """Nothing was asked for yet."""
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    """The result is there."""
    STOPPED = "stopped"
    """By the user, before its end."""
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether steps are still to come."""
        return self in (RunState.RUNNING, RunState.PAUSED)
