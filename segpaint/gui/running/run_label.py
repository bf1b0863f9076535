"""One line that shows what the model is doing, in as many words as fit."""

from PySide6.QtCore import QSize, Qt, Slot

from segpaint.core.requests.origins import Revision
from segpaint.core.requests.request import Request
from segpaint.core.runs.run_state import RunState
from segpaint.core.words import counted
from segpaint.gui.parts.fitting_label import FittingLabel
from segpaint.gui.parts.plain import plain
from segpaint.studio.runs.runs import Runs

WIDEST = "Not loaded"
"""The widest of the shortest wordings."""


def preparation(request: Request | None, done: float) -> tuple[str, str]:
    """Report how far the way back to noise is, 0 to 1, in many words and in few."""
    count = request.steps if request is not None else 1
    so_far = f"{round(done * count)} of {count}"
    return f"Leading the reference back to noise, {so_far}", f"To noise, {so_far}"


class RunLabel(FittingLabel):
    """Follows the run; its tooltip has all the words."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self._runs = runs
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        runs.model_changed.connect(self._show)
        runs.state_changed.connect(self._show)
        runs.frame_changed.connect(self._show)
        runs.prepared.connect(self._show_preparation)
        self._show()

    def sizeHint(self) -> QSize:
        """Provide room for the shortest wording of each state."""
        return self._room_for(WIDEST)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @Slot(float)
    def _show_preparation(self, done: float) -> None:
        whole, short = preparation(self._runs.request, done)
        self.say(whole, short, short.removeprefix("To noise, "))

    @Slot()
    def _show(self) -> None:
        self.say(*self._sentences())

    def say(self, *words: str) -> None:
        super().say(*words)
        self.setToolTip(plain(words[0]))

    def _sentences(self) -> tuple[str, ...]:
        runs = self._runs
        trajectory = runs.trajectory
        newest, shown = trajectory.newest, trajectory.current
        if not runs.is_ready and not runs.is_loading:
            return "The model could not be loaded", "Not loaded"
        if not runs.is_ready:
            return (
                "Starts when the model is loaded…" if runs.is_waiting else "Loading the model…",
                "Loading…",
            )
        if runs.state is RunState.NONE:
            return ("Ready",)
        if newest is None:
            return ("Starting…" if runs.state.is_active else "Stopped",)
        at, count = newest.index + 1, newest.count
        if shown is not newest and shown is not None:
            return f"Looking back at step {shown.index + 1} of {count}", f"Step {shown.index + 1}"
        branch = runs.branches.current
        if branch is not None and branch.is_draft and runs.state is not RunState.FAILED:
            return (
                f"Live: {counted(count, 'step')} in {trajectory.duration:.1f} s",
                f"Live: {trajectory.duration:.1f} s",
                "Live",
            )
        match runs.state:
            case RunState.FINISHED if branch is not None and branch.source:
                return f"Taken up from {branch.source}", f"From {branch.source}", "Finished"
            case RunState.FINISHED if branch is not None and isinstance(branch.request.origin, Revision):
                seconds = trajectory.duration
                return (
                    f"Changed where the mask was, in {seconds:.1f} s",
                    f"Changed in {seconds:.1f} s",
                    f"{seconds:.1f} s",
                )
            case RunState.FINISHED:
                seconds = trajectory.duration
                pace = f"{1000 * trajectory.seconds / trajectory.taken:.0f} ms a step"
                if trajectory.preparation:
                    pace = f"{trajectory.preparation:.1f} s of it to noise, {pace}"
                return (
                    f"Finished in {seconds:.1f} s, {pace}",
                    f"Finished in {seconds:.1f} s",
                    f"{seconds:.1f} s",
                )
            case RunState.STOPPED:
                return f"Stopped after step {at}", "Stopped"
            case RunState.FAILED:
                return f"Failed after step {at}", "Failed"
            case RunState.PAUSED:
                return (
                    f"Paused after step {at}, noise level {newest.timestep}",
                    f"Paused after step {at}",
                    "Paused",
                )
            case _:
                return (
                    f"Step {at} of {count}, noise level {newest.timestep}",
                    f"Step {at} of {count}",
                    f"{at} / {count}",
                )
