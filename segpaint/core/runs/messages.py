"""Messages to and from the worker; frames go by the mailbox.

They are named tuples, since the window's first picture waits for them: a dataclass takes six times as long to
be made.
"""

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Precision, Request, Stage
from segpaint.core.runs.run_state import RunState


class Load(NamedTuple):
    """Asks for a checkpoint to be loaded; `Ready` answers."""

    checkpoint: Checkpoint


class FindPrecision(NamedTuple):
    """Asks in which precision the loaded checkpoint runs fastest by now; `PrecisionFound` answers.

    Unlike `Load`, it ends no run, drops no job, and leaves the steps to branch off from.
    """


class StartRun(NamedTuple):
    """Asks for a run of a request, with a unique number.

    The run continues `after` a kept step, given by its run and index; without one, all earlier runs are
    removed. A `paused` run waits for `Control.STEP` or `Control.PLAY`.
    """

    run: int
    request: Request
    paused: bool
    after: tuple[int, int] | None = None


class ChangeRun(NamedTuple):
    """Asks the run to follow a stage from its next step on; the stage's own step is ignored."""

    stage: Stage


class Control(Enum):
    """Asks the run to play, to pause, to take one step and pause, or to stop."""

    PLAY = "play"
    PAUSE = "pause"
    STEP = "step"
    STOP = "stop"


class Segment(NamedTuple):
    """Asks for the checkpoint's labels in an image; `Segmented` answers."""

    image: NDArray[np.uint8]


class JudgeImage(NamedTuple):
    """Asks for the judgement of a run's finished image; `Judged` answers."""

    run: int
    image: NDArray[np.uint8]
    request: Request


Keep: TypeAlias = Callable[[NDArray[np.uint8], Judgement | None], object]
"""Receives the pixels of a finished image, and what the segmenter finds in them."""


class Job(NamedTuple):
    """Describes an image to make while no run is playing, with a unique ticket.

    Without a checkpoint, the loaded one makes it. `judge` asks for a judgement, too, if the checkpoint has a
    segmenter. `keep` takes the pixels and that judgement, or None, on the worker's thread, where files may be
    written.
    """

    ticket: int
    request: Request
    checkpoint: Checkpoint | None = None
    keep: Keep | None = None
    judge: bool = False


class Prepare(NamedTuple):
    """Asks for the work before a request's first step to be done while nothing else is; nothing answers."""

    request: Request


class AddJobs(NamedTuple):
    """Asks for images, one after the other; `JobDone` or `JobFailed` answers each.

    With `first`, they come before those that were asked for earlier and are not under way.
    """

    jobs: Sequence[Job]
    first: bool = False


class DropJobs(NamedTuple):
    """Asks to drop images that are not finished."""

    tickets: Collection[int]


Asked = (
    Load | FindPrecision | StartRun | ChangeRun | Control | Segment | JudgeImage | Prepare | AddJobs | DropJobs
)


class Ready(NamedTuple):
    """Reports that a checkpoint is loaded, with its fingerprint known, and its device and precision."""

    checkpoint: Checkpoint
    device: str
    precision: Precision


class PrecisionFound(NamedTuple):
    """Reports the precision in which the loaded checkpoint runs fastest by now."""

    checkpoint: Checkpoint
    precision: Precision


class StateChanged(NamedTuple):
    """Reports a run's new state."""

    run: int
    state: RunState


class RequestChanged(NamedTuple):
    """Reports a run's request after a change, which includes the step of the change."""

    run: int
    request: Request


class Preparing(NamedTuple):
    """Reports the share done, 0 to 1, of the work before a run's first step."""

    run: int
    done: float


class Segmented(NamedTuple):
    """Reports the mask that the segmenter found in an image."""

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]


class Judged(NamedTuple):
    """Reports the judgement of a run's finished image."""

    run: int
    judgement: Judgement


class JobDone(NamedTuple):
    """Reports the pixels of a job, and the judgement if it asked for one and there is a segmenter."""

    ticket: int
    pixels: NDArray[np.uint8]
    judgement: Judgement | None = None


class JobFailed(NamedTuple):
    """Reports that a job failed; the others continue."""

    ticket: int
    error: Exception


class Failed(NamedTuple):
    """Reports an error; the worker continues."""

    error: Exception


Answer = (
    Ready
    | PrecisionFound
    | StateChanged
    | RequestChanged
    | Preparing
    | Segmented
    | Judged
    | JobDone
    | JobFailed
    | Failed
)
