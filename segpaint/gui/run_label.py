"""One line that says what the model is doing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from superqt import QElidingLabel

from segpaint.session.session import Session
from segpaint.session.state import RunState


class RunLabel(QElidingLabel):
    """Follows the session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        session.model_changed.connect(self._show)
        session.state_changed.connect(self._show)
        session.frame_changed.connect(self._show)
        session.prepared.connect(self._show_preparation)
        self._show()

    @Slot(float)
    def _show_preparation(self, done: float) -> None:
        self.setText(f"Leading the reference back to noise, {done:.0%}")

    @Slot()
    def _show(self) -> None:
        self.setText(self._sentence())

    def _sentence(self) -> str:
        session = self._session
        trajectory = session.trajectory
        newest, shown = trajectory.newest, trajectory.current
        if session.document is None:
            return "No model"
        if not session.is_ready and not session.is_loading:
            return "The model could not be loaded"
        if not session.is_ready:
            return "Starts when the model is loaded…" if session.is_waiting else "Loading the model…"
        if session.state is RunState.NONE:
            return "Ready"
        if newest is None:
            return "Starting…" if session.state.is_active else "Stopped"
        if shown is not newest and shown is not None:
            return f"Looking back at step {shown.index + 1} of {shown.count}"
        branch = session.branches.current
        if branch is not None and branch.is_draft and session.state is not RunState.FAILED:
            return f"Live: {newest.count} steps in {trajectory.seconds:.1f} s"
        match session.state:
            case RunState.FINISHED:
                seconds = trajectory.seconds
                if not seconds:
                    return "An earlier result"
                return f"Finished in {seconds:.1f} s, {1000 * seconds / trajectory.taken:.0f} ms a step"
            case RunState.STOPPED:
                return f"Stopped after step {newest.index + 1}"
            case RunState.FAILED:
                return f"Failed after step {newest.index + 1}"
            case RunState.PAUSED:
                return f"Paused after step {newest.index + 1}, noise level {newest.timestep}"
            case _:
                return f"Step {newest.index + 1} of {newest.count}, noise level {newest.timestep}"
