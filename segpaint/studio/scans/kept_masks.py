"""Keeps the masks of all slices of a scan soon after each change, for when the scan is opened again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, put_aside, write_atomically
from segpaint.core.labels.labels import Label
from segpaint.core.reading import LARGEST_REQUEST, read_model, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.frozen import FrozenMask
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.studio.base.background import Background
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.scans.scan import FramedMask, Page, Place, Scan

DELAY = 600
"""Milliseconds between a change and saving."""
LANE = "masks of slices"
FOLDER, ASIDE = "scans", "aside"


class KeptSlice(BaseModel):
    """A slice as it is saved: its place, its mask, and what is known to be on it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    plane: Plane
    index: int
    time: int
    frame: Frame
    mask: FrozenMask
    known: FrozenMask | None = None
    known_frame: Frame | None = None
    used: tuple[int, ...] = ()
    is_found: bool = False

    @property
    def place(self) -> Place:
        """The slice."""
        return Place(self.plane, self.index, self.time)

    @property
    def labels(self) -> FramedMask | None:
        """What is known to be on it; None if nothing is."""
        if self.known is None or self.known_frame is None:
            return None
        return FramedMask(self.known_frame, self.known, self.used, self.is_found)


class KeptScan(BaseModel):
    """The masks of a scan as they are saved; neither its voxels nor its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    labels: tuple[Label, ...]
    slices: tuple[KeptSlice, ...]
    looked_at: Place | None = None


@dataclass(frozen=True)
class KeptPages:
    """The masks of a scan's slices, taken from a document, to be encoded on any thread."""

    labels: tuple[Label, ...]
    masks: Mapping[Place, NDArray[np.uint8]]
    frames: Mapping[Plane, Frame]
    known: Mapping[Place, FramedMask]
    looked_at: Place | None = None

    @classmethod
    def of(cls, document: Document, scan: Scan, looked_at: Place | None = None) -> KeptPages:
        """Take them as they are now."""
        strokes = document.strokes
        pages = [page for page in strokes.painted_pages if isinstance(page, Page) and page.scan is scan]
        masks = {page.place: strokes.on_page(page) for page in pages}
        return cls(document.checkpoint.table.labels, masks, dict(scan.frames), dict(scan.labels), looked_at)

    def kept(self) -> KeptScan:
        """Encode them; takes a while for many."""
        slices = tuple(self._slice(place, mask) for place, mask in self.masks.items())
        return KeptScan(labels=self.labels, slices=slices, looked_at=self.looked_at)

    def _slice(self, place: Place, mask: NDArray[np.uint8]) -> KeptSlice:
        known = self.known.get(place)
        return KeptSlice(
            plane=place.plane, index=place.index, time=place.time, frame=self.frames[place.plane], mask=mask,
            known=known.mask if known is not None else None,
            known_frame=known.frame if known is not None else None,
            used=known.used if known is not None else (),
            is_found=known is not None and known.is_found,
        )  # fmt: skip


def first_place(scan: Scan, kept: KeptScan | None) -> Place:
    """Choose the slice that a scan opens at: where masks were left, or in the middle."""
    place = kept.looked_at if kept is not None and kept.slices else None
    if place is not None and 0 <= place.index < scan.volume.count(place.plane):
        return replace(place, time=min(max(place.time, 0), scan.volume.voxels.times - 1))
    return Place(Plane.ACQUIRED, scan.volume.count(Plane.ACQUIRED) // 2)


@reads("masks of slices", "it is put aside")
def read_kept(path: Path) -> KeptScan:
    """Read the masks of a scan.

    Raises
    ------
    SegPaintError
        If the file is missing or damaged.
    """
    return read_model(path, KeptScan, LARGEST_REQUEST)


class KeptMasks(QObject):
    """Saves the masks of the open scan's slices, and recalls them.

    Parameters
    ----------
    work : Path
        The folder of unsaved work.
    """

    failed = Signal(object)
    """A `SegPaintError`: they could not be written."""

    def __init__(self, opened: OpenDocument, background: Background, work: Path) -> None:
        super().__init__()
        self._opened, self._background, self._folder = opened, background, work / FOLDER
        self._due: Scan | None = None  # its masks have changed
        self._looked_at: Place | None = None  # of that scan
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self.write)
        for change in (opened.edited, opened.pages_changed, opened.page_turned, opened.reference_changed):
            change.connect(self._on_change)
        opened.switching.connect(self.write)

    def recall(self, scan: Scan, checkpoint: Checkpoint, then: Callable[[KeptScan | None], object]) -> None:
        """Read what was kept of a scan in the background; None if there is nothing that fits."""
        self.write()  # perhaps of the same series
        read = partial(_recalled, self._path(scan, checkpoint), checkpoint)
        self._background.start(read, then, lane=LANE)

    @staticmethod
    def adopt(folder: Path, work: Path) -> None:
        """Take over what a second window has kept in its folder of unsaved work."""
        for path in sorted((folder / FOLDER).glob("*.json")):
            target = work / FOLDER / path.name
            with suppress(OSError, SegPaintError):
                make_private(target.parent)
                if target.exists() and target.stat().st_mtime > path.stat().st_mtime:
                    put_aside(path, target.parent / ASIDE)
                else:
                    path.replace(target)

    @Slot()
    def _on_change(self) -> None:
        page = self._opened.document.strokes.page
        if isinstance(page, Page):
            if self._due is not page.scan:
                self.write()
            self._due, self._looked_at = page.scan, page.place
            self._timer.start()

    @Slot()
    def write(self) -> None:
        """Save pending changes now, in the background."""
        self._timer.stop()
        document = self._opened.document
        scan, self._due = self._due, None
        if scan is None:
            return
        pages = KeptPages.of(document, scan, self._looked_at)
        write = partial(_write, self._path(scan, document.checkpoint), pages)
        self._background.start(write, None, self.failed.emit, lane=LANE)

    def close(self) -> None:
        """Save pending changes, and wait until they are written."""
        self.write()
        self._background.flush(LANE)

    def _path(self, scan: Scan, checkpoint: Checkpoint) -> Path:
        model = hashlib.sha256(str(checkpoint.folder.resolve()).encode()).hexdigest()[:8]
        return self._folder / f"{scan.key}-{model}.json"


def _write(path: Path, pages: KeptPages) -> None:
    if pages.masks or path.exists():
        write_atomically(path, pages.kept().model_dump_json().encode(), private=True)


def _recalled(path: Path, checkpoint: Checkpoint) -> KeptScan | None:
    if not path.exists():
        return None
    try:
        kept = read_kept(path)
        size = checkpoint.description.size
        fits = all(one.mask.shape == (size, size) and one.frame.side == size for one in kept.slices)
        if fits and kept.labels == checkpoint.table.labels:
            return kept
    except SegPaintError:
        pass
    with suppress(OSError):
        put_aside(path, path.parent / ASIDE)
    return None
