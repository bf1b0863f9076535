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
    """A slice as it is saved: its place, its mask, and what is known to be on it.

    Attributes
    ----------
    whole : ndarray of uint8 or None
        The mask as it was painted, if the frame was moved away from a part of it.
    """

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
    whole: FrozenMask | None = None
    whole_frame: Frame | None = None

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

    @property
    def painted(self) -> FramedMask | None:
        """The mask as it was painted, before the frame was moved; None if it was not."""
        return (
            None if self.whole is None or self.whole_frame is None else FramedMask(self.whole_frame, self.whole)
        )

    def recall(self, scan: Scan) -> None:
        """Put back what a scan holds of it beside the mask."""
        if self.labels is not None:
            scan.labels[self.place] = self.labels
        if self.painted is not None:
            scan.painted[self.place] = self.painted

    def fits(self, size: int) -> bool:
        """Check whether its masks have the size of a model's images."""
        whole = self.painted
        kept = [(self.frame, self.mask), *([] if whole is None else [(whole.frame, whole.mask)])]
        return all(mask.shape == (size, size) and frame.side == size for frame, mask in kept)


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
    painted: Mapping[Place, FramedMask]
    looked_at: Place | None = None

    @classmethod
    def of(cls, document: Document, scan: Scan, looked_at: Place | None = None) -> KeptPages:
        """Take them as they are now."""
        strokes = document.strokes
        pages = [page for page in strokes.painted_pages if isinstance(page, Page) and page.scan is scan]
        # A blank mask is one, too, where labels are known, or lie outside the frame.
        places = dict.fromkeys([*(page.place for page in pages), *scan.labels, *scan.painted])
        masks = {place: strokes.on_page(Page(scan, place)) for place in places if place.plane in scan.frames}
        return cls(
            document.checkpoint.table.labels, masks, dict(scan.frames), dict(scan.labels), dict(scan.painted),
            looked_at,
        )  # fmt: skip

    def kept(self) -> KeptScan:
        """Encode them; takes a while for many."""
        slices = [self._slice(place, mask) for place, mask in self.masks.items()]
        held = (one for one in slices if one.mask.any() or one.labels is not None or one.painted is not None)
        return KeptScan(labels=self.labels, slices=tuple(held), looked_at=self.looked_at)

    def _slice(self, place: Place, mask: NDArray[np.uint8]) -> KeptSlice:
        known, whole = self.known.get(place), self._cut_off(place, mask)
        return KeptSlice(
            plane=place.plane, index=place.index, time=place.time, frame=self.frames[place.plane], mask=mask,
            known=known.mask if known is not None else None,
            known_frame=known.frame if known is not None else None,
            used=known.used if known is not None else (),
            is_found=known is not None and known.is_found,
            whole=whole.mask if whole is not None else None,
            whole_frame=whole.frame if whole is not None else None,
        )  # fmt: skip

    def _cut_off(self, place: Place, mask: NDArray[np.uint8]) -> FramedMask | None:
        """Return the mask as it was painted, if the frame was moved since and it was not painted on."""
        whole, frame = self.painted.get(place), self.frames[place.plane]
        if whole is None or whole.frame == frame or not whole.mask.any():
            return None
        return whole if np.array_equal(whole.within(frame), mask) else None


def first_place(scan: Scan, kept: KeptScan | None) -> Place:
    """Choose the slice that a scan opens at: where masks were left, or in the middle."""
    place = kept.looked_at if kept is not None and kept.slices else None
    if place is not None and scan.has_slice(place):
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
        read = partial(_recalled, self._path(scan, checkpoint), scan, checkpoint)
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
    kept = pages.kept()
    if kept.slices or path.exists():
        write_atomically(path, kept.model_dump_json().encode(), private=True)


def _recalled(path: Path, scan: Scan, checkpoint: Checkpoint) -> KeptScan | None:
    if not path.exists():
        return None
    try:
        kept = read_kept(path)
        size = checkpoint.description.size
        are_there = all(one.fits(size) and scan.has_slice(one.place) for one in kept.slices)
        if are_there and kept.labels == checkpoint.table.labels:
            return kept
    except SegPaintError:
        pass
    with suppress(OSError):
        put_aside(path, path.parent / ASIDE)
    return None
