"""Lays frames elsewhere: as edits that take the masks along, or unnoticed before anything was painted."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.scans.frame_memory import FrameMemory
from segpaint.studio.scans.page_edits import Masks, PageEdits
from segpaint.studio.scans.scan import FramedMask, Image, Page, Scan


@dataclass(frozen=True)
class _FrameOf:
    scan: Scan
    plane: Plane
    frame: Frame


class FrameEdits(QObject):
    """Changes the frames of scans in the open document, and remembers them."""

    changed = Signal(object)
    """The `Scan` whose frame lies elsewhere."""

    def __init__(self, opened: OpenDocument, memory: FrameMemory, edits: PageEdits) -> None:
        super().__init__()
        self._opened, self._memory, self._edits = opened, memory, edits
        self._preliminary: tuple[Scan, Plane] | None = None  # whose frame nobody has chosen
        opened.context_restored.connect(self._on_context)

    def known(self, scan: Scan, plane: Plane, side: int) -> Frame | None:
        """Find the frame of a plane, or the one that was chosen for its series before."""
        return scan.frames.get(plane) or self._memory.recall(scan.key, plane, side)

    def begin(self, scan: Scan, plane: Plane, frame: Frame) -> Frame:
        """Take the first frame of a plane; return the one that it has by then."""
        if plane not in scan.frames and self._memory.recall(scan.key, plane, frame.side) is None:
            self._preliminary = scan, plane
        return scan.frames.setdefault(plane, frame)

    def is_preliminary(self, scan: Scan, plane: Plane) -> bool:
        """Check whether a frame was laid over the body, not moved, and nothing was painted in it."""
        return self._preliminary == (scan, plane) and not self._painted(scan, plane)

    def improve(self, scan: Scan, plane: Plane, frame: Frame) -> None:
        """Lay a preliminary frame elsewhere, which is no edit."""
        if self.is_preliminary(scan, plane):
            self._preliminary = None
            scan.frames[plane] = frame
            self.changed.emit(scan)

    def move(self, scan: Scan, plane: Plane, frame: Frame) -> None:
        """Lay a frame elsewhere, undoably; the masks of the plane stay where they are in the patient."""
        before = scan.frames[plane]
        if frame == before:
            return
        context = _FrameOf(scan, plane, before), _FrameOf(scan, plane, frame)
        # Those that an earlier move has emptied, too: what it cut off may come back.
        cut = [Page(scan, place) for place in scan.painted if place.plane is plane]
        pages = list(dict.fromkeys([*self._painted(scan, plane), *cut]))
        again = partial(self.move, scan, plane, frame)
        self._edits.replace(pages, partial(_moved, before, frame), "Move the frame", context, again)

    def _painted(self, scan: Scan, plane: Plane) -> list[Page]:
        """List the painted slices of a plane."""
        return [
            page
            for page in self._opened.document.strokes.painted_pages
            if isinstance(page, Page) and page.scan is scan and page.place.plane is plane
        ]

    @Slot(object)
    def _on_context(self, context: object) -> None:
        if isinstance(context, _FrameOf):
            context.scan.frames[context.plane] = context.frame
            self._preliminary = None
            self._memory.keep(context.scan.key, context.plane, context.frame)
            self.changed.emit(context.scan)


def _moved(before: Frame, after: Frame, masks: Masks) -> dict[Hashable, Image]:
    """Move masks; what an earlier move has cut off comes back, unless it was painted on since."""
    moved: dict[Hashable, Image] = {}
    for page, mask in masks.items():
        if isinstance(page, Page):
            kept = page.scan.painted.get(page.place)
            if kept is None or not np.array_equal(kept.within(before), mask):
                kept = page.scan.painted[page.place] = FramedMask(before, mask)
            moved[page] = kept.within(after)
    return moved
