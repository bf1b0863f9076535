"""The states of a run."""

from enum import Enum


class RunState(Enum):
    """The state of a run."""

    NONE = "none"
    """No run has begun."""
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    """The result is complete."""
    STOPPED = "stopped"
    """The user stopped it before its end."""
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether more steps may follow."""
        return self in (RunState.RUNNING, RunState.PAUSED)
