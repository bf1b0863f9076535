"""Leads a reference back to noise while the user paints, so that its first edit need not wait for it."""

from PySide6.QtCore import QObject, Slot

from segpaint.core.runs import messages
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.settings import Purpose
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.worker_thread import WorkerThread


class Ahead(QObject):
    """Asks the worker to prepare the next edit of a reference whenever it is known what that takes.

    An image that comes near to the reference is left out: its way to noise depends on the mask that is painted.
    """

    def __init__(self, opened: OpenDocument, runs: Runs, worker: WorkerThread) -> None:
        super().__init__()
        self._opened, self._runs, self._worker = opened, runs, worker
        for change in (opened.reference_changed, opened.settings_changed, runs.model_changed):
            change.connect(self._look)

    @Slot()
    def _look(self) -> None:
        document, precision = self._opened.document, self._runs.precision
        is_edit = document.reference is not None and document.settings.purpose is Purpose.EDIT
        if precision is not None and is_edit and document.inverts:
            self._worker.ask(messages.Prepare(document.draft(precision)))
