"""Jobs: images made beside the run, whenever none is playing."""

from collections.abc import Collection, Iterator, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Request
from segpaint.core.runs import messages
from segpaint.studio.runs.worker_thread import WorkerThread


class Jobs(QObject):
    """Sends jobs to the worker. Lives on the window's thread.

    Parameters
    ----------
    numbers : iterator of int
        Unique numbers for runs and jobs.
    """

    done = Signal(int, object)
    """An image is finished: its ticket and its pixels."""
    judged = Signal(int, object)
    """Ticket and `Judgement` of an image that is reported as done next."""
    failed = Signal(int, object)
    """Ticket and exception."""

    def __init__(self, worker: WorkerThread, numbers: Iterator[int]) -> None:
        super().__init__()
        self._worker, self._numbers = worker, numbers
        worker.answers.answered.connect(self._on_answer)

    def add(
        self,
        requests: Sequence[Request],
        checkpoint: Checkpoint | None = None,
        keep: messages.Keep | None = None,
        *,
        judge: bool = False,
        first: bool = False,
    ) -> list[int]:
        """Add images to the queue.

        Parameters
        ----------
        checkpoint : Checkpoint, optional
            Makes them, even if another model is opened meanwhile.
        keep : callable, optional
            Receives the pixels of each, and the judgement or None, on the worker's thread, before `done` is
            emitted.
        judge : bool
            Whether each is to be judged, if its checkpoint has a segmenter.
        first : bool
            Whether somebody waits for them, so that they come before those added earlier.

        Returns
        -------
        list of int
            Tickets, which identify the images in `done` and `failed`.
        """
        jobs = [messages.Job(next(self._numbers), request, checkpoint, keep, judge) for request in requests]
        self._worker.ask(messages.AddJobs(jobs, first))
        return [job.ticket for job in jobs]

    def drop(self, tickets: Collection[int]) -> None:
        """Cancel those images that are not finished."""
        self._worker.ask(messages.DropJobs(frozenset(tickets)))

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        match answer:
            case messages.JobDone(ticket, pixels, judgement):
                if judgement is not None:
                    self.judged.emit(ticket, judgement)
                self.done.emit(ticket, pixels)
            case messages.JobFailed(ticket, error):
                self.failed.emit(ticket, error)
