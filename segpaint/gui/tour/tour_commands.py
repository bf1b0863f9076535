"""Opens the tour, or a story of it on the stage; the user's run is paused meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.window.main_window import MainWindow
from segpaint.paths import find_checkpoint

if TYPE_CHECKING:
    from segpaint.gui.tour.beats import Story, Tempo
    from segpaint.gui.tour.tour import Tour

PAUSED = "The run waits while the tour is open."


class TourGuide(QObject):
    """Opens the tour on Help > Tour, and plays stories that are scenes of the stage.

    Parameters
    ----------
    window : MainWindow
        The user's.
    build : callable
        Makes another window with a studio of its own, which opens a checkpoint and saves no work.

    Attributes
    ----------
    list_stories : callable
        Returns all stories, each with its model if that is installed by now.
    """

    def __init__(self, window: MainWindow, build: Callable[[Checkpoint], MainWindow]) -> None:
        super().__init__(window)
        self._window, self._build = window, build
        self.list_stories: Callable[[], list[Story]] = _shipped
        self._stage = window.studio.view.stage
        self._tour: Tour | None = None
        self._is_scene = False
        self._paused_run: int | None = None
        window.commands["tour"].setVisible(True)
        window.studio.view.wanted.connect(self._on_wanted)
        window.closing.connect(self._on_closing)
        self._stage.list_stories = _titles
        self._stage.story_changed.connect(self._on_story)

    @Slot(str)
    def _on_wanted(self, key: str) -> None:
        if key == "tour":
            self.open()

    def open(self) -> None:
        """Play the stories with the shipped models."""
        self.play(self.list_stories())

    @Slot()
    def _on_story(self) -> None:
        """Play the story that the stage wants, in place of any other."""
        key = self._stage.story
        if self._tour is not None:
            self._tour.window.close()
        title = self._stage.title
        told = [
            replace(story, title=title or story.title)
            for story in (self.list_stories() if key else ())
            if story.key == key
        ]
        if told and self.play(told, on_stage=True) is None:
            self._stage.play_story("")

    def play(self, told: list[Story], tempo: Tempo | None = None, *, on_stage: bool = False) -> Tour | None:
        """Play some stories; if a tour is open, it comes to the front instead.

        Parameters
        ----------
        told : list of Story
        tempo : Tempo, optional
        on_stage : bool
            Whether they fill the screen of the stage.

        Returns
        -------
        Tour or None
            None if the models of all stories are missing.
        """
        from segpaint.gui.tour.player import FAREWELL
        from segpaint.gui.tour.story_scene import StoryScene
        from segpaint.gui.tour.tour import Tour

        if self._tour is not None:
            self._tour.window.activateWindow()
            return self._tour
        checkpoint = next((story.checkpoint for story in told if story.checkpoint is not None), None)
        if checkpoint is None:
            names = " and ".join(sorted({story.model for story in told}))
            self._window.shell.warn(f"The tour needs the models that come with SegPaint: {names}.")
            return None
        self._pause_run()
        window = self._build(checkpoint)
        over = self._window.stage.stage if on_stage else None
        self._is_scene = over is not None
        self._tour = Tour(window, told, tempo, FAREWELL if over is None else "")
        self._tour.ended.connect(self._on_ended)
        if over is not None:
            StoryScene(self._tour, self._stage, over).start()
        else:
            self._tour.start()
        return self._tour

    def _pause_run(self) -> None:
        """Pause it, since two runs at once would slow each other down."""
        runs = self._window.studio.runs
        branch = runs.branches.current
        if runs.state is RunState.RUNNING and branch is not None:
            self._paused_run = branch.run
            runs.pause()
            self._window.shell.warn(PAUSED, until=lambda: runs.state is RunState.RUNNING)

    @Slot()
    def _on_ended(self) -> None:
        self._tour = None
        runs, messages = self._window.studio.runs, self._window.messages
        branch = runs.branches.current
        if branch is not None and branch.run == self._paused_run:
            runs.go_on()
        self._paused_run = None
        if messages.text.text() == PAUSED:
            messages.hide()
        if self._is_scene:
            self._stage.play_story("")  # its window may have been closed by itself

    @Slot()
    def _on_closing(self) -> None:
        self._paused_run = None  # no run is continued
        if self._tour is not None:
            self._tour.window.close()


def _shipped() -> list[Story]:
    from segpaint.gui.tour.stories import HEAD, HEART, stories

    return stories(_find(HEART), _find(HEAD))


def _titles() -> dict[str, str]:
    from segpaint.gui.tour.stories import stories

    return {story.key: story.title for story in stories(None, None)}


def _find(name: str) -> Checkpoint | None:
    try:
        return read_checkpoint(find_checkpoint(name))
    except SegPaintError:
        return None
