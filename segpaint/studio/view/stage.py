"""The stage: what an audience sees, slow enough to be followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.runs.branches import Branch
from segpaint.core.runs.run_state import RunState
from segpaint.core.runs.trajectory import Frame
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs

if TYPE_CHECKING:
    from segpaint.io.scene_lists import Scene

KEYS = "stage_keys"
"""The switch that shows which keys are pressed."""
PACES = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0)
"""Seconds that a run may take on the stage, whatever the machine."""
TICK = 15
"""Milliseconds between looks at the clock."""


def due_step(elapsed: float, seconds: float, count: int) -> int:
    """Return the step that is shown so long after the first, if `count` steps share some seconds."""
    return min(int(elapsed / seconds * count), count - 1)


class Stage(QObject):
    """Shows the mask while it is painted, and plays runs in their time.

    Parameters
    ----------
    clock : callable
        Returns seconds.

    Attributes
    ----------
    frame : Frame or None
        The step shown; None while the mask is.
    seconds : float
        That a run takes, one of `PACES`.
    scenes : tuple of Scene
        What one leads through; empty for the starred results of the history.
    list_stories : callable
        Returns the titles of the stories that can be scenes, by their keys; none where nobody plays them.
    story : str
        The key of the one that plays; empty if none does.
    title : str
        The caption of the scene shown.
    """

    changed = Signal()
    """Something else is shown, or the stage was opened or closed."""
    scene_wanted = Signal(int)
    """The next prepared scene (1), or the one before (-1)."""
    story_changed = Signal()
    """A story is to begin, or the one that plays is to end."""

    def __init__(self, opened: OpenDocument, runs: Runs, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._runs, self._clock = runs, clock
        self.is_on = False
        self.seconds = 6.0
        self.scenes: tuple[Scene, ...] = ()
        self.list_stories: Callable[[], dict[str, str]] = dict
        self.story = self.title = ""
        self.frame: Frame | None = None
        self._before: set[int] = set()  # numbers of the runs that were there when it was opened
        self._since: float | None = None
        self._timer = QTimer(self, interval=TICK)
        self._timer.timeout.connect(self.tick)
        opened.mask_changed.connect(self.rest)
        opened.switched.connect(self.rest)
        runs.state_changed.connect(self._on_state)
        runs.frame_changed.connect(self._on_frame)

    def set_on(self, on: bool) -> None:
        """Open the stage, or close it."""
        self.is_on, self.title = on, ""
        self._before = {branch.run for branch in self._runs.branches}
        self.play_story("")
        self.rest()

    def is_own(self, branch: Branch) -> bool:
        """Return whether a run was begun on the stage, which is on: it is a demonstration, and no work."""
        return self.is_on and branch.run not in self._before

    def play_story(self, key: str) -> None:
        """End the story that plays, and begin another one, unless the key is empty."""
        for wanted in ("", key):
            if wanted != self.story:
                self.story = wanted
                self.story_changed.emit()

    def change_pace(self, by: int) -> None:
        """Let runs take more seconds, or fewer, by places in `PACES`."""
        place = min(max(PACES.index(self.seconds) + by, 0), len(PACES) - 1)
        self.seconds = PACES[place]
        self.changed.emit()

    def play(self) -> None:
        """Play the run from its beginning; one that is not there, or of another mask, is made."""
        runs = self._runs
        frames = runs.trajectory.frames
        is_whole = len(frames) > 1 and not runs.is_outdated  # of a result that was taken up, the last is left
        if not is_whole and runs.state is not RunState.RUNNING:
            runs.generate()
        self._begin()

    @Slot()
    def rest(self) -> None:
        """Show the mask."""
        self._timer.stop()
        self.frame = self._since = None
        self.changed.emit()

    @Slot()
    def tick(self) -> None:
        """Show the step that is due by now, as soon as it is there."""
        frames = self._runs.trajectory.frames
        if not frames:
            return
        if self._since is None:
            self._since = self._clock()
        first = frames[0].index  # an edit begins in the middle
        due = first + due_step(self._clock() - self._since, self.seconds, frames[0].count - first)
        frame = next((one for one in reversed(frames) if one.index <= due), frames[0])
        if frame is not self.frame:
            self.frame = frame
            self.changed.emit()
        if frame.is_last:
            self._timer.stop()

    def _begin(self) -> None:
        self.rest()
        self._timer.start()

    @Slot()
    def _on_state(self) -> None:
        """Play a run that is begun in another way, but for drafts, which are shown as they come."""
        branch = self._runs.branches.current
        is_draft = branch is not None and branch.is_draft
        if self.is_on and self._runs.state is RunState.RUNNING and not is_draft:
            self._begin()

    @Slot()
    def _on_frame(self) -> None:
        """Show the newest step of a draft, or an image that was taken up."""
        branch = self._runs.branches.current
        if self.is_on and branch is not None and branch.is_draft:
            self.frame = branch.trajectory.newest
            self.changed.emit()
