"""The session: the open document, its reference, and all that is made from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Request
from segpaint.core.runs import messages
from segpaint.core.runs.branches import Branch
from segpaint.io.results import write_result
from segpaint.studio.document.document import Document, Purpose, Reference
from segpaint.studio.runs.runs import Runs


class Session(Runs):
    """What the window shows and steers. Lives on the window's thread.

    Parameters
    ----------
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    """

    segmented = Signal(object, object)
    """An image, and the mask that the checkpoint's segmenter found in it."""
    job_done = Signal(int, object)
    """An image asked for by `add_jobs` is finished: its ticket and its pixels."""
    job_failed = Signal(int, object)
    """Ticket and exception."""
    judged = Signal(int, object)
    """A run's number, and the `Judgement` of its finished image."""

    def __init__(self, device: str = "auto") -> None:
        super().__init__(device)
        self._to_segment: tuple[str, NDArray[np.uint8]] | None = None
        self.segmented.connect(self._on_segmented)
        self._worker.answers.answered.connect(self._pass_on)

    @Slot(object)
    def _pass_on(self, answer: messages.Answer) -> None:
        match answer:
            case messages.Segmented(image, mask):
                self.segmented.emit(image, mask)
            case messages.Judged(run, judgement):
                self.judged.emit(run, judgement)
            case messages.JobDone(ticket, pixels):
                self.job_done.emit(ticket, pixels)
            case messages.JobFailed(ticket, error):
                self.job_failed.emit(ticket, error)

    def open_checkpoint(self, checkpoint: Checkpoint, values: NDArray[np.uint8] | None = None) -> None:
        """Open a fresh document for a checkpoint, see `open_document`.

        Parameters
        ----------
        checkpoint : Checkpoint
        values : ndarray of uint8, optional
            The mask to begin with.
        """
        self.open_document(Document(checkpoint, values))

    def open_document(self, document: Document) -> None:
        """Open a document, new or open before, and load its checkpoint's network in the background."""
        if self.document is not None:
            self.document.end_stroke()  # it may be opened again
        self.stop()
        self._precision = None
        self._waiting = None
        self._to_segment = None
        self.is_loading = True
        self.document = document
        self._follow(document)
        self._forget_run()
        self._worker.ask(messages.Load(document.checkpoint))
        self.document_changed.emit(document)
        self.model_changed.emit()

    # ---- images beside the run

    def add_jobs(
        self,
        requests: Sequence[Request],
        checkpoint: Checkpoint | None = None,
        keep: Callable[[NDArray[np.uint8]], object] | None = None,
    ) -> list[int]:
        """Have images made whenever no run is playing.

        Parameters
        ----------
        requests : sequence of Request
        checkpoint : Checkpoint, optional
            What makes them; they are made even if another model is opened meanwhile.
        keep : callable, optional
            Takes the pixels of each on the worker's thread before `job_done` tells of it.

        Returns
        -------
        list of int
            Tickets, by which `job_done` and `job_failed` tell of each.
        """
        jobs = [messages.Job(next(self._numbers), request, checkpoint, keep) for request in requests]
        self._worker.ask(messages.AddJobs(jobs))
        return [job.ticket for job in jobs]

    def drop_jobs(self, tickets: Collection[int]) -> None:
        """Give up those images that are not finished."""
        self._worker.ask(messages.DropJobs(frozenset(tickets)))

    # ---- reference

    def find_reference_labels(self, name: str, image: NDArray[np.uint8]) -> None:
        """Make an image the reference, with the labels that the checkpoint's segmenter finds in it."""
        self._to_segment = name, image
        self._worker.ask(messages.Segment(image))

    @Slot(object, object)
    def _on_segmented(self, image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        if self._to_segment is None or self._to_segment[1] is not image or self.document is None:
            return
        (name, _), self._to_segment = self._to_segment, None
        self.take_reference(Reference(name, image, mask, self.document.table.indices))

    def take_reference(self, reference: Reference) -> None:
        """Edit a real image from now on: its mask is put in place of the one painted, undoably."""
        if self.document is None:
            return
        self.document.replace_mask(reference.mask, reference.edit)
        self.document.set_reference(reference)
        if self.document.settings.purpose is Purpose.NEW:
            self.document.change_settings(replace(self.document.settings, purpose=Purpose.EDIT))

    def judge(self, branch: Branch) -> None:
        """Ask the segmenter about a branch's finished image, which there must be; `judged` tells."""
        result = branch.trajectory.result
        if result is not None:
            self._worker.ask(messages.JudgeImage(branch.run, result.noisy, branch.request))

    # ---- results

    def saving(self, path: Path) -> Callable[[], list[Path]]:
        """What writes the result with its mask and request, on any thread, and returns the files written.

        Raises
        ------
        SegPaintError
            If there is no finished image.
        """
        result = self.trajectory.result
        if result is None or self.request is None or self.document is None:
            raise SegPaintError("There is no finished image to save yet; generate one first.")
        return partial(write_result, path, result.noisy, self.request, self.document.table)
