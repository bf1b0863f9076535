"""Nothing painted is ever lost: the document is written soon after each change.

One file per checkpoint holds what `segpaint.studio.document.unsaved_work` says.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.document.unsaved_work import UnsavedWork, work_of

DELAY = 400
"""Milliseconds at most between a change and its writing; a finished stroke is written at once."""


class Autosave(QObject):
    """Keeps a document's last state on the disk.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    """

    saved = Signal()
    failed = Signal(object)
    """A `SegPaintError`; it is tried again after the next change."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._document: Document | None = None
        self._heard = Connections()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # so that an older state never overtakes a newer one
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._write)

    def recall(self, checkpoint: Checkpoint) -> UnsavedWork | None:
        """What was last painted for a checkpoint, if that fits it still."""
        try:
            work = UnsavedWork.model_validate_json(self.path(checkpoint).read_bytes())
            work.request.check_fit(checkpoint.description)
        except (OSError, ValidationError, SegPaintError):
            return None
        return work

    @Slot(object)
    def watch(self, document: Document) -> None:
        """Keep this document from now on; the one before is written out first."""
        self.flush()
        self._document = document
        self._heard.renew(
            (document.mask_changed, self._on_change),
            (document.undo_stack.indexChanged, self._write),
            (document.labels_changed, self._on_change),
            (document.settings_changed, self._on_change),
            (document.reference_changed, self._on_change),
            (document.paint_value_changed, self._on_change),
        )

    def flush(self) -> None:
        """Write what is not written yet, and wait for it."""
        if self._timer.isActive():
            self._write()
        self._pool.waitForDone()

    def close(self) -> None:
        """Write what is not written yet, and keep nothing from now on."""
        self.flush()
        self._heard.end()
        self._document = None

    def path(self, checkpoint: Checkpoint) -> Path:
        """The file in which a checkpoint's document is kept."""
        folder = checkpoint.folder.resolve()
        place = hashlib.sha256(str(folder).encode()).hexdigest()[:8]  # two folders may share a name
        return self._folder / f"{folder.name}-{place}.json"

    @Slot()
    def _on_change(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _write(self) -> None:
        self._timer.stop()
        document = self._document
        if document is not None:
            self._pool.start(_WritingWork(self, document.checkpoint, work_of(document)))


class _WritingWork(QRunnable):
    """Off the window's thread, since large weights, a large mask and a slow disk may take their time."""

    def __init__(self, autosave: Autosave, checkpoint: Checkpoint, work: UnsavedWork) -> None:
        super().__init__()
        self._autosave, self._checkpoint, self._work = autosave, checkpoint, work

    def run(self) -> None:
        work = self._work
        # What was painted is kept even where the weights can no longer be read.
        with suppress(SegPaintError):
            request = work.request.model_copy(update={"fingerprint": self._checkpoint.fingerprint})
            work = work.model_copy(update={"request": request})
        try:
            write_atomically(self._autosave.path(self._checkpoint), work.model_dump_json(indent=2).encode())
        except SegPaintError as error:
            self._autosave.failed.emit(error)
        else:
            self._autosave.saved.emit()
