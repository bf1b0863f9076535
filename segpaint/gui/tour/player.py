"""The player of stories, which can be paused at any time."""

import math
from collections.abc import Iterator, Sequence
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.gui.tour.beats import Beat, Clock, Rest, Say, Story, Tempo, Until
from segpaint.gui.tour.puppeteer import Puppeteer
from segpaint.studio.runs.runs import Runs

FAREWELL = "That was the tour. Try it here yourself, or close this window; your own work is as you left it."


class State(Enum):
    """The player's state."""

    PLAYING = "playing"
    WAITING = "waiting"
    """Paused until `play`."""
    OVER = "over"
    """All stories are finished, or it was stopped."""


class Player(QObject):
    """Plays stories. All of it happens between events, on the window's thread.

    Parameters
    ----------
    stories : sequence of Story
        At least one.
    runs : Runs
        The stage's; a story may wait for any of their signals.
    farewell : str
        Shown after the last story; if empty, its last sentence stays.
    """

    said = Signal(str)
    """The sentence to show."""
    changed = Signal()
    """Another story or another state begins."""

    def __init__(
        self,
        stories: Sequence[Story],
        stage: Puppeteer,
        runs: Runs,
        tempo: Tempo,
        parent: QObject,
        farewell: str = FAREWELL,
    ) -> None:
        super().__init__(parent)
        self.stories = stories
        self.place = 0
        """Index of the current story."""
        self.state = State.WAITING
        self._stage, self._tempo, self._farewell = stage, tempo, farewell
        self._beats: Iterator[Beat] = iter(())
        self._beat: Beat | None = None
        self._sentences = 0
        self._mark: object = None
        self._clock = Clock()
        self._read_by = self._rest_until = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)
        runs.state_changed.connect(self._wake)
        runs.model_changed.connect(self._wake)
        runs.failed.connect(self._on_failed)

    # ---- controls

    @Slot()
    def play(self) -> None:
        """Continue, or restart the story if the user has changed its document."""
        if self.state is State.OVER:
            self.begin(0)
        elif self.state is State.WAITING:
            if self._stage.mark() != self._mark:
                self.begin(self.place)
            else:
                self._stage.runs.go_on()  # it may have been paused meanwhile
                self._enter(State.PLAYING)

    @Slot()
    def wait(self) -> None:
        """Pause until `play`."""
        if self.state is State.PLAYING:
            self._mark = self._stage.mark()
            self._enter(State.WAITING)

    @Slot()
    def toggle(self) -> None:
        """Play or pause."""
        if self.state is State.PLAYING:
            self.wait()
        else:
            self.play()

    @Slot()
    def go_back(self) -> None:
        """Restart the story or, at its beginning, the one before it."""
        self.begin(max(0, self.place - (self._sentences < 2)))

    @Slot()
    def skip(self) -> None:
        """Skip to the next story."""
        self.begin(self.place + 1)

    @Slot()
    def stop(self) -> None:
        """Stop playing."""
        self._beats, self._beat = iter(()), None
        self._enter(State.OVER)

    def begin(self, place: int) -> None:
        """Start a story from its beginning; beyond the last one, show the farewell."""
        self._beat, self._sentences = None, 0
        self._read_by = self._rest_until = self._clock.now
        if place >= len(self.stories):
            self.stop()
            if self._farewell:
                self.said.emit(self._farewell)
            return
        self.place = place
        story = self.stories[place]
        if story.checkpoint is None:
            self._beats = _excuse(f"the model {story.model} is not installed")
        else:
            self._beats = story.tell(self._stage, story.checkpoint)
        self._enter(State.PLAYING)

    # ---- internal

    def _enter(self, state: State) -> None:
        self.state = state
        if state is State.PLAYING:
            self._clock.start()
            self._timer.start(0)
        else:
            self._clock.stop()
            self._timer.stop()
        self.changed.emit()

    @Slot()
    def _wake(self) -> None:
        # Not at once: the signal may come from the story itself.
        if self.state is State.PLAYING:
            self._timer.start(0)

    @Slot()
    def _turn(self) -> None:
        """Process beats, up to one that must be waited for."""
        try:
            while self._beat is not None or self._find_beat():
                if not self._take(self._beat):
                    return
                self._beat = None
        except SegPaintError as error:
            self._on_failed(error)
            return
        if self._is_past(self._read_by):
            self.begin(self.place + 1)

    def _find_beat(self) -> bool:
        self._beat = next(self._beats, None)
        if isinstance(self._beat, Rest):
            self._rest_until = self._clock.now + self._tempo.rest * self._beat.seconds
        return self._beat is not None

    def _take(self, beat: Beat | None) -> bool:
        """Check whether a beat is over; if not, the timer or the runs will wake the player."""
        match beat:
            case Say(text):
                if not self._is_past(self._read_by):
                    return False
                self._read_by = self._clock.now + self._tempo.reading(text)
                self._sentences += 1
                self.said.emit(text)
            case Rest():
                return self._is_past(self._rest_until)
            case Until(holds):
                return holds()
        return True

    def _is_past(self, moment: float) -> bool:
        left = moment - self._clock.now
        if left > 0:
            self._timer.start(math.ceil(1000 * left))
        return left <= 0

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.state is State.PLAYING:
            self._beats, self._beat = _excuse(str(error).rstrip(".")), None
            self._timer.start(0)


def _excuse(reason: str) -> Iterator[Beat]:
    yield Say(f"This story is skipped: {reason}.")
