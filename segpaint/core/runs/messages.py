"""What the worker can be asked, and what it answers; frames go by the mailbox."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Precision, Request, Stage
from segpaint.core.runs.run_state import RunState


@dataclass(frozen=True)
class Load:
    """Asks for a checkpoint to be loaded; `Ready` answers."""

    checkpoint: Checkpoint


@dataclass(frozen=True)
class StartRun:
    """Asks for a run of a request, under a number of its own.

    It goes on `after` a step that is kept, given by its run and index. Without one, all earlier runs
    are forgotten. A `paused` run waits for `Control.STEP` or `Control.PLAY`.
    """

    run: int
    request: Request
    paused: bool
    after: tuple[int, int] | None = None


@dataclass(frozen=True)
class ChangeRun:
    """Asks the run to follow something else from its next step on, whatever step the stage names."""

    stage: Stage


class Control(Enum):
    """Asks the run to go on by itself, to wait, to take one step and wait, or to end."""

    PLAY = "play"
    PAUSE = "pause"
    STEP = "step"
    STOP = "stop"


@dataclass(frozen=True)
class Segment:
    """Asks for the checkpoint's labels in an image; `Segmented` answers."""

    image: NDArray[np.uint8]


@dataclass(frozen=True)
class JudgeImage:
    """Asks how far a run's finished image shows what its request asks for; `Judged` answers."""

    run: int
    image: NDArray[np.uint8]
    request: Request


@dataclass(frozen=True)
class Job:
    """Describes an image to be made when no run is playing, under a ticket of its own.

    Without a checkpoint, the one that is loaded makes it. `keep` takes the pixels on the worker's
    thread, where files may be written.
    """

    ticket: int
    request: Request
    checkpoint: Checkpoint | None = None
    keep: Callable[[NDArray[np.uint8]], object] | None = None


@dataclass(frozen=True)
class AddJobs:
    """Asks for images, one after the other; `JobDone` or `JobFailed` answers each."""

    jobs: Sequence[Job]


@dataclass(frozen=True)
class DropJobs:
    """Gives up those of these images that are not finished."""

    tickets: Collection[int]


Asked = Load | StartRun | ChangeRun | Control | Segment | JudgeImage | AddJobs | DropJobs


@dataclass(frozen=True)
class Ready:
    """Reports that a checkpoint is loaded and its fingerprint known, and where and how it runs."""

    checkpoint: Checkpoint
    device: str
    precision: Precision


@dataclass(frozen=True)
class StateChanged:
    """Reports what a run does now."""

    run: int
    state: RunState


@dataclass(frozen=True)
class RequestChanged:
    """Reports the request of a run after a change was taken up, with the step from which it holds."""

    run: int
    request: Request


@dataclass(frozen=True)
class Preparing:
    """Reports how much of what must be done before a run's first step is done, 0 to 1."""

    run: int
    done: float


@dataclass(frozen=True)
class Segmented:
    """Reports the mask that the segmenter found in an image."""

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]


@dataclass(frozen=True)
class Judged:
    """Reports the judgement of a run's finished image."""

    run: int
    judgement: Judgement


@dataclass(frozen=True)
class JobDone:
    """Reports the pixels of a job."""

    ticket: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class JobFailed:
    """Reports that a job came to nothing; the others go on."""

    ticket: int
    error: Exception


@dataclass(frozen=True)
class Failed:
    """Reports what went wrong; the worker lives on."""

    error: Exception


Answer = Ready | StateChanged | RequestChanged | Preparing | Segmented | Judged | JobDone | JobFailed | Failed
