"""Saves the document soon after each change, so that no work is lost.

There is one file per checkpoint, see `segpaint.studio.document.unsaved_work`, and those of earlier sessions.
A file that cannot be read, or that does not fit, is put aside, and offered.
"""

import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, put_aside, write_atomically
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.studio.base.background import Background
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.unsaved_work import UnsavedWork, check_meaning, read_work, work_of

DELAY = 400
"""Milliseconds at most between a change and saving; a finished stroke is saved at once."""
LANE = "autosave"
"""A single lane, so that an older state never overtakes a newer one."""
EARLIER, ASIDE, NEW = "earlier", "aside", "aside/new"
"""Folders of earlier sessions' files, of those put aside, and of those that were not offered yet."""
SESSIONS = 3
"""Earlier sessions whose last state is kept."""


@dataclass(frozen=True)
class KeptWork:
    """A saved document that was not opened by itself.

    Attributes
    ----------
    sentence : str
        Why, for the user.
    """

    path: Path
    sentence: str


class Autosave(QObject):
    """Saves a document's last state.

    Parameters
    ----------
    folder : Path
        Location of the files.

    Attributes
    ----------
    problem : Exception or None
        Why the last state could not be saved; None once it is.
    """

    saved = Signal()
    failed = Signal(object)
    """A `SegPaintError`; saving is tried again after the next change."""
    found = Signal()
    """There is something to `take_waiting`."""

    def __init__(self, folder: Path, background: Background) -> None:
        super().__init__()
        self._folder, self._background = folder, background
        self._document: Document | None = None
        self.problem: Exception | None = None
        self._begun: set[Path] = set()  # files that this session has written
        self._blank: set[Path] = set()  # files that were missing when their checkpoint was opened
        self._waiting: list[KeptWork] = []
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._write)

    def recall(self, checkpoint: Checkpoint) -> UnsavedWork | None:
        """Return what was last painted for a checkpoint.

        What cannot be read or does not fit is put aside, and the last state of an earlier session taken.
        """
        self.flush()
        path, name = self.path(checkpoint), checkpoint.folder.resolve().name
        if not path.exists():
            self._follow_moved(checkpoint)
        if not path.exists():
            self._blank.add(path)
        for new in sorted((self._folder / NEW).glob(f"{name}-*.json")):
            self._offer(new, f"Another window has painted a mask for {name}.")
        for generation in (path, *_earlier(path)):
            try:
                work = read_work(generation)
                check_meaning(work, checkpoint)
            except SegPaintError as error:
                if generation == path and path.exists():
                    self._put_aside(path, name, error)
                continue
            return work
        return None

    def recognise(self, checkpoint: Checkpoint) -> None:
        """Offer what was painted for the same weights in a folder that is gone; needs a known fingerprint."""
        own = self.path(checkpoint)
        if own not in self._blank:
            return
        self._blank.remove(own)
        for path, work in self._gone():
            if work.request.fingerprint == checkpoint.fingerprint:
                where = work.folder or "another folder"
                self._offer(path, f"A mask was painted for this model when it lay in {where}.")

    def take_waiting(self) -> list[KeptWork]:
        """Return what is to be offered to the user, once."""
        waiting, self._waiting = self._waiting, []
        return [KeptWork(self._mark_offered(kept.path), kept.sentence) for kept in waiting]

    def adopt(self, folder: Path) -> None:
        """Take over what another window has saved, to be offered when its model is opened."""
        for path in sorted(folder.glob("*.json")):
            with suppress(OSError):
                put_aside(path, self._folder / NEW)
        for path in (*folder.glob(f"{EARLIER}/*.json"), *folder.glob(f"{ASIDE}/**/*.json")):
            with suppress(OSError):
                put_aside(path, self._folder / ASIDE)

    def _put_aside(self, path: Path, name: str, error: SegPaintError) -> None:
        with suppress(OSError):
            kept = put_aside(path, self._folder / NEW)
            sentence = f"The mask that was painted last for {name} could not be opened. {error}"
            self._waiting.insert(0, KeptWork(kept, sentence))  # what is missed first is offered first
            self.found.emit()

    def _mark_offered(self, path: Path) -> Path:
        if path.parent == self._folder / NEW:
            with suppress(OSError):
                return put_aside(path, self._folder / ASIDE)
        return path

    def _offer(self, path: Path, sentence: str) -> None:
        if all(kept.path != path for kept in self._waiting):
            self._waiting.append(KeptWork(path, sentence))
            self.found.emit()

    def _gone(self) -> Iterator[tuple[Path, UnsavedWork]]:
        """List what was painted for checkpoints whose folders are gone, or not known from an older version."""
        for path in sorted(self._folder.glob("*.json")):
            work = _read(path)
            if work is not None and not (work.folder and Path(work.folder).is_dir()):
                yield path, work

    def _follow_moved(self, checkpoint: Checkpoint) -> None:
        """Take the file of a checkpoint of the same name and labels whose folder is gone: it was moved."""
        name = checkpoint.folder.resolve().name
        for path, work in self._gone():
            if Path(work.folder).name == name and work.labels == checkpoint.table.labels:
                with suppress(OSError):
                    path.replace(self.path(checkpoint))
                return

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

    def retry(self) -> None:
        """Write the current state again, and wait until it is written."""
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
            path, checkpoint = self.path(document.checkpoint), document.checkpoint
            write = partial(_write, path, checkpoint, work_of(document), begins=path not in self._begun)
            self._begun.add(path)
            self._background.start(write, self._on_written, self._on_failed, lane=LANE)

    @Slot(object)
    def _on_written(self, _nothing: None) -> None:
        self.problem = None
        self.saved.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem = error
        self.failed.emit(error)


def _write(path: Path, checkpoint: Checkpoint, work: UnsavedWork, *, begins: bool) -> None:
    # The painted mask is saved even if the weights can no longer be read.
    with suppress(SegPaintError):
        request = work.request.model_copy(update=checkpoint.signature(work.request.sampler))
        work = work.model_copy(update={"request": request})
    if begins:
        with suppress(OSError, SegPaintError):  # the newest state counts most
            _keep_earlier(path)
    write_atomically(path, work.model_dump_json(indent=2).encode(), private=True)


def _read(path: Path) -> UnsavedWork | None:
    try:
        return read_work(path)
    except SegPaintError:
        return None


def _earlier(path: Path) -> list[Path]:
    """Name the files of earlier sessions, the newest first."""
    return [path.parent / EARLIER / f"{path.stem} {number}.json" for number in range(1, SESSIONS + 1)]


def _keep_earlier(path: Path) -> None:
    """Keep the last state of the session before."""
    if not path.exists():
        return
    make_private(path.parent / EARLIER)
    names = _earlier(path)
    for newer, older in reversed(list(itertools.pairwise(names))):
        if newer.exists():
            newer.replace(older)
    try:
        os.link(path, names[0])
    except OSError:  # not every file system can
        shutil.copy2(path, names[0])
