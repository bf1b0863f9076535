"""Saves the document soon after each change, so that no work is lost.

There is one file per checkpoint, see `segpaint.studio.document.unsaved_work`.
"""

import hashlib
from contextlib import suppress
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.studio.base.background import Background
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.unsaved_work import UnsavedWork, work_of

DELAY = 400
"""Milliseconds at most between a change and saving; a finished stroke is saved at once."""
LANE = "autosave"
"""A single lane, so that an older state never overtakes a newer one."""


class Autosave(QObject):
    """Saves a document's last state.

    Parameters
    ----------
    folder : Path
        Location of the files.
    """

    saved = Signal()
    failed = Signal(object)
    """A `SegPaintError`; saving is tried again after the next change."""

    def __init__(self, folder: Path, background: Background) -> None:
        super().__init__()
        self._folder, self._background = folder, background
        self._document: Document | None = None
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._write)

    def recall(self, checkpoint: Checkpoint) -> UnsavedWork | None:
        """Return what was last painted for a checkpoint, if that still fits it."""
        self.flush()
        try:
            work = UnsavedWork.model_validate_json(self.path(checkpoint).read_bytes())
            work.request.check_fit(checkpoint.description)
        except (OSError, ValidationError, SegPaintError):
            return None
        return work

    def follow(self, opened: OpenDocument) -> None:
        """Save the open document from now on."""
        self._document = opened.document
        opened.switched.connect(self._on_switched)
        opened.edited.connect(self._write)
        for change in (
            opened.mask_changed,
            opened.labels_changed,
            opened.settings_changed,
            opened.reference_changed,
            opened.paint_value_changed,
        ):
            change.connect(self._on_change)

    def flush(self) -> None:
        """Write pending changes now, and wait until they are written."""
        if self._timer.isActive():
            self._write()
        self._background.flush(LANE)

    def close(self) -> None:
        """Write pending changes, and stop saving."""
        self.flush()
        self._document = None

    def path(self, checkpoint: Checkpoint) -> Path:
        """Return the file in which a checkpoint's document is saved."""
        folder = checkpoint.folder.resolve()
        place = hashlib.sha256(str(folder).encode()).hexdigest()[:8]  # two folders may share a name
        return self._folder / f"{folder.name}-{place}.json"

    @Slot(object)
    def _on_switched(self, document: Document) -> None:
        self.flush()
        self._document = document

    @Slot()
    def _on_change(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _write(self) -> None:
        self._timer.stop()
        document = self._document
        if document is not None:
            # On another thread, since large weights, a large mask and a slow disk may take time.
            write = partial(_write, self.path(document.checkpoint), document.checkpoint, work_of(document))
            self._background.start(write, self._on_written, self.failed.emit, lane=LANE)

    @Slot(object)
    def _on_written(self, _nothing: None) -> None:
        self.saved.emit()


def _write(path: Path, checkpoint: Checkpoint, work: UnsavedWork) -> None:
    # The painted mask is saved even if the weights can no longer be read.
    with suppress(SegPaintError):
        request = work.request.model_copy(update={"fingerprint": checkpoint.fingerprint})
        work = work.model_copy(update={"request": request})
    write_atomically(path, work.model_dump_json(indent=2).encode())
