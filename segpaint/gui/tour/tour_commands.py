"""Opening the tour; what the user is at waits meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.tour.beats import Story, Tempo
from segpaint.gui.tour.stories import HEAD, HEART, stories
from segpaint.gui.tour.tour import Tour
from segpaint.gui.window.main_window import MainWindow
from segpaint.paths import find_checkpoint

PAUSED = "The run waits while the tour is open."


class TourCommands(QObject):
    """What Help > Tour does.

    Parameters
    ----------
    window : MainWindow
        The user's.
    build : callable
        Makes another window with a session of its own, which opens a checkpoint and keeps no work.
    """

    def __init__(self, window: MainWindow, build: Callable[[Checkpoint], MainWindow]) -> None:
        super().__init__(window)
        self._window, self._build = window, build
        self._tour: Tour | None = None
        self._paused_run: int | None = None
        window.commands["tour"].setVisible(True)
        window.commands["tour"].triggered.connect(self.open)
        window.closing.connect(self._on_closing)

    @Slot()
    def open(self) -> None:
        """Play the stories with the shipped models."""
        self.play(stories(_find(HEART), _find(HEAD)))

    def play(self, told: list[Story], tempo: Tempo | None = None) -> Tour | None:
        """Play some stories; the tour that is open already comes to the front instead.

        Returns
        -------
        Tour or None
            None where the models of all stories are missing.
        """
        if self._tour is not None:
            self._tour.window.activateWindow()
            return self._tour
        checkpoint = next((story.checkpoint for story in told if story.checkpoint is not None), None)
        if checkpoint is None:
            names = " and ".join(sorted({story.model for story in told}))
            self._window.messages.tell(f"The tour needs the models that come with SegPaint: {names}.")
            return None
        self._pause_run()
        window = self._build(checkpoint)
        self._tour = Tour(window, told, tempo or Tempo())
        self._tour.ended.connect(self._on_ended)
        self._tour.start()
        return self._tour

    def _pause_run(self) -> None:
        """Two runs at once would take the processor from each other."""
        session = self._window.session
        branch = session.branches.current
        if session.state is RunState.RUNNING and branch is not None:
            self._paused_run = branch.run
            session.pause()
            self._window.messages.tell(PAUSED)

    @Slot()
    def _on_ended(self) -> None:
        self._tour = None
        session, messages = self._window.session, self._window.messages
        branch = session.branches.current
        if branch is not None and branch.run == self._paused_run:
            session.go_on()
        self._paused_run = None
        if messages.text.text() == PAUSED:
            messages.hide()

    @Slot()
    def _on_closing(self) -> None:
        self._paused_run = None  # nothing is to go on
        if self._tour is not None:
            self._tour.window.close()


def _find(name: str) -> Checkpoint | None:
    try:
        return read_checkpoint(find_checkpoint(name))
    except SegPaintError:
        return None
