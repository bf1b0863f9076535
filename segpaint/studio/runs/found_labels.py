"""What the segmenter finds in the image that lies under the mask: in the reference, or else in a made image."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.checkpoint import has_segmenter
from segpaint.core.runs import messages
from segpaint.core.runs.branches import Branch
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.worker_thread import WorkerThread

Pixels = NDArray[np.uint8]
MOST = 64
"""Images of which it is remembered what was found in them: the slices of a scan that are gone through."""


class FoundLabels(QObject):
    """Asks the segmenter once for each image, one at a time, and remembers the answers."""

    changed = Signal()
    """Another image lies under the mask, or it is known now what is found in it, or that nothing will be."""

    def __init__(self, opened: OpenDocument, runs: Runs, worker: WorkerThread) -> None:
        super().__init__()
        self._opened, self._runs, self._worker = opened, runs, worker
        self._known: list[tuple[Pixels, Pixels]] = []  # images and masks, the newest last
        self._asked: Pixels | None = None
        self._lost: Pixels | None = None  # of which an answer was asked for, and none came
        self._seen: Pixels | None = None
        self._branch: Branch | None = None
        self._lineage = 0  # of the mask that it was begun with
        worker.answers.answered.connect(self._on_answer)
        opened.switched.connect(self._forget)
        runs.branches_changed.connect(self._on_branch)
        for change in (opened.reference_changed, opened.edited, runs.frame_changed):
            change.connect(self._look)
        runs.model_changed.connect(self.changed)

    @property
    def image(self) -> Pixels | None:
        """The reference; without one, the finished image that is looked at, if it is of the open mask."""
        reference, shown = self._opened.document.reference, self._runs.looked_at
        if reference is not None:
            return reference.image
        return shown[1].picture if shown is not None and shown[1].is_last and self.shown_fits else None

    @property
    def shown_fits(self) -> bool:
        """Whether the image shown is of the open mask, perhaps painted on since, and of no other one."""
        return self._branch is None or self._lineage == self._opened.document.strokes.lineage

    @property
    def obstacle(self) -> str:
        """Why nothing can be found, in a sentence; empty if something can."""
        if not has_segmenter(self._opened.document.checkpoint.folder):
            return "This model has no segmenter to find labels in an image."
        if self.image is None and not self.shown_fits:
            return "The image shown was made of another mask: generate one of this mask, or open a real one."
        if self.image is None and self._runs.looked_at is not None:
            return "The segmenter looks at finished images; this is none yet."
        if self.image is None:
            return "There is no image to look at: open a real one with File > Open reference, or generate one."
        return "" if self._runs.is_ready else "The model is not loaded yet."

    @property
    def mask(self) -> Pixels | None:
        """What was found in the image; None as long as that is not known."""
        image = self.image
        return next((mask for known, mask in self._known if known is image), None)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    def find(self, *, again: bool = False) -> None:
        """Ask for what is in the image, unless that is known, cannot be found, or another answer is awaited.

        Parameters
        ----------
        again : bool
            Whether to ask even if no answer came when it was asked for last.
        """
        image = self.image
        if image is None or self._asked is not None or self.mask is not None or self.obstacle:
            return
        if again or image is not self._lost:
            self._asked, self._lost = image, None
            self._worker.ask(messages.Segment(image))

    @Slot()
    def _on_branch(self) -> None:
        branch = self._runs.branches.current
        if branch is not self._branch:
            self._branch, self._lineage = branch, self._opened.document.strokes.lineage
            self._look()

    @Slot()
    def _look(self) -> None:
        if self.image is not self._seen:
            self._seen = self.image
            self.changed.emit()

    @Slot()
    def _forget(self) -> None:
        """Begin anew with another model, which finds other labels."""
        self._known, self._asked, self._lost, self._seen = [], None, None, self.image
        self.changed.emit()

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        if isinstance(answer, messages.Failed):  # the segmenter's own error is shown by the runs
            if self._asked is not None:
                self._asked, self._lost = None, self._asked
                self.changed.emit()
        elif isinstance(answer, messages.Segmented) and self._runs.is_ready:
            # Also what somebody else has asked for.
            self._known = [each for each in self._known if each[0] is not answer.image][1 - MOST :]
            self._known.append((answer.image, answer.mask))
            if answer.image is self._asked:
                self._asked = None
            self.changed.emit()
