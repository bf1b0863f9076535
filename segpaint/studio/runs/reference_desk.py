"""The reference: a real image to edit, and its labels."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.checkpoint import has_segmenter
from segpaint.core.runs import messages
from segpaint.studio.document.document import Reference
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.settings import Purpose
from segpaint.studio.runs.worker_thread import WorkerThread


class ReferenceDesk(QObject):
    """Opens real images in the open document, and finds their labels."""

    labels_found = Signal(object)
    """The segmenter has found labels, which are taken; a list of their mask."""

    def __init__(self, opened: OpenDocument, worker: WorkerThread) -> None:
        super().__init__()
        self._opened, self._worker = opened, worker
        self._to_segment: tuple[str, NDArray[np.uint8]] | None = None
        worker.answers.answered.connect(self._on_answer)
        opened.switched.connect(self._forget)
        opened.page_turned.connect(self._forget)

    @property
    def current(self) -> Reference | None:
        """The reference of the open document."""
        return self._opened.document.reference

    @property
    def can_find_labels(self) -> bool:
        """Whether the open model has a segmenter."""
        return has_segmenter(self._opened.document.checkpoint.folder)

    def find_labels(self, name: str, image: NDArray[np.uint8]) -> None:
        """Make an image the reference, with the labels that the model's segmenter finds in it."""
        self._to_segment = name, image
        self._worker.ask(messages.Segment(image))

    def take(self, reference: Reference) -> None:
        """Use a real image as the reference; its mask replaces the painted one, undoably."""
        document = self._opened.document
        document.strokes.replace(reference.mask, reference.edit)
        document.set_reference(reference)
        if document.settings.purpose is Purpose.NEW:
            document.change_settings(replace(document.settings, purpose=Purpose.EDIT))

    @Slot()
    def _forget(self) -> None:
        self._to_segment = None

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        asked = self._to_segment
        if isinstance(answer, messages.Segmented) and asked is not None and asked[1] is answer.image:
            self._to_segment = None
            reference, used = self.current, self._opened.document.table.indices
            if reference is not None and reference.image is answer.image:
                self.take(replace(reference, mask=answer.mask, used=used, is_found=True))
            else:
                self.take(Reference(asked[0], answer.image, answer.mask, used, is_found=True))
            self.labels_found.emit([answer.mask])
