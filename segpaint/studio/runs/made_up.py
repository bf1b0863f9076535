"""Makes up patients: an image of no mask, whose labels are found, cleaned, and taken as the painted mask."""

import secrets
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.request import Request
from segpaint.core.runs import messages
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.jobs import Jobs
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.taken_up import TakenUp
from segpaint.studio.runs.worker_thread import WorkerThread

NAME = "New made-up patient"
"""Of the edit."""
SOURCE = "a blank mask"


class MadeUp(QObject):
    """Makes up one patient at a time for the open document; one that is asked for is given up for another."""

    changed = Signal()
    """It was begun or ended."""
    made = Signal()
    """A patient is there, and the image is shown."""
    failed = Signal(object)
    """An exception; the painted mask is unchanged."""

    def __init__(
        self, opened: OpenDocument, runs: Runs, jobs: Jobs, taken_up: TakenUp, worker: WorkerThread,
        background: Background,
    ) -> None:  # fmt: skip
        super().__init__()
        self._opened, self._runs, self._jobs, self._taken_up = opened, runs, jobs, taken_up
        self._worker, self._background = worker, background
        self._request: Request | None = None  # what is being made
        self._ticket: int | None = None
        self._image: NDArray[np.uint8] | None = None  # once it is finished
        jobs.done.connect(self._on_done)
        jobs.failed.connect(self._on_failed)
        worker.answers.answered.connect(self._on_answer)
        opened.switched.connect(self.cancel)
        opened.page_turned.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether a patient is being made up."""
        return self._request is not None

    def start(self) -> None:
        """Make up a patient with a new seed; needs a loaded model that has a segmenter."""
        precision, document = self._runs.precision, self._opened.document
        if precision is None:
            return
        self.cancel()
        settings, blank = document.settings, np.zeros(document.mask.shape, np.uint8)
        self._request = Request.ask(
            document.checkpoint, blank, precision, (), sampler=settings.sampler, steps=settings.steps,
            seed=secrets.randbelow(2**31), guidance=1.0, attributes=settings.attributes,
        )  # fmt: skip
        (self._ticket,) = self._jobs.add([self._request])
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Give up the patient that is being made up; the mask stays."""
        if self._ticket is not None:
            self._jobs.drop([self._ticket])
        if self.is_busy:
            self._end()

    def _end(self) -> None:
        self._request = self._ticket = self._image = None
        self.changed.emit()

    @Slot(int, object)
    def _on_done(self, ticket: int, pixels: NDArray[np.uint8]) -> None:
        if ticket == self._ticket:
            self._ticket, self._image = None, pixels
            self._worker.ask(messages.Segment(pixels))

    @Slot(int, object)
    def _on_failed(self, ticket: int, error: Exception) -> None:
        if ticket == self._ticket:
            self._end()
            self.failed.emit(error)

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        if self._image is None or self._request is None:
            return
        if isinstance(answer, messages.Failed):  # the segmenter's own error is shown by the runs
            self._end()
        elif isinstance(answer, messages.Segmented) and answer.image is self._image:
            from segpaint.core.requests.made_up import plausible

            work = partial(plausible, answer.mask, self._opened.document.checkpoint.description)
            take = partial(self._on_cleaned, self._request, answer.image)
            self._background.start(work, take, self._on_lost)

    def _on_cleaned(self, request: Request, image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        if request is self._request:
            self._end()
            self._taken_up.take_found(request, mask, NAME, image, SOURCE)
            self.made.emit()

    def _on_lost(self, error: Exception) -> None:
        if self.is_busy:
            self._end()
        self.failed.emit(error)
