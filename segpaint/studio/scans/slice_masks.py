"""Masks of several slices at once: found, copied, interpolated, or read; each is undone in one step."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.interpolation import interpolate
from segpaint.core.runs import messages
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.mask_slices import NEARLY_ALL, framed_slices
from segpaint.core.words import percentage
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.worker_thread import WorkerThread
from segpaint.studio.scans.page_edits import PageEdits
from segpaint.studio.scans.scan import FramedMask, Image, Page, Place, Slice, read_slice
from segpaint.studio.scans.scan_desk import ScanDesk

LANE = "masks of all slices"


class SliceMasks(QObject):
    """Changes masks of the open scan beside the one that is shown."""

    changed = Signal()
    """Work on all slices began, went on, or ended."""
    failed = Signal(object)
    labels_found = Signal(object)
    """The segmenter has found labels on all slices, which are taken; a list of their masks."""
    remarked = Signal(str)
    """A sentence on masks that were read."""
    told = Signal(str)
    """A sentence for the status line."""

    def __init__(
        self, opened: OpenDocument, desk: ScanDesk, worker: WorkerThread, background: Background
    ) -> None:
        super().__init__()
        self._opened, self._desk, self._worker, self._background = opened, desk, worker, background
        self._edits = PageEdits(opened, background)
        self._number = 0  # of the work under way; what belongs to an earlier one is dropped
        self._frame: Frame | None = None
        self._waiting: list[Page] = []
        self._asked: Slice | None = None  # what the segmenter looks at
        self._found: dict[Page, Image] = {}
        self.done, self.count = 0, 0
        worker.answers.answered.connect(self._on_answer)
        desk.changed.connect(self.cancel)
        desk.frame_changed.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether labels are being found on all slices."""
        return self.done < self.count

    @property
    def painted(self) -> list[int]:
        """The slices of the plane and time looked at that have a mask, in order."""
        place, scan = self._desk.place, self._desk.scan
        return sorted(
            page.place.index
            for page in self._opened.document.strokes.painted_pages
            if isinstance(page, Page)
            and page.scan is scan
            and (page.place.plane, page.place.time) == (place.plane, place.time)
        )

    # ---- neighbours

    def copy(self, slices: int) -> None:
        """Copy the mask to the slice that is so many further, and move there."""
        page, strokes = self._page, self._opened.document.strokes
        if page is None or not 0 <= page.place.index + slices < self._desk.count:
            return
        target = Page(page.scan, replace(page.place, index=page.place.index + slices))
        before = strokes.on_page(target)
        strokes.replace_pages({target: strokes.painted}, f"Copy the mask to {target}")
        self._desk.go_to(target.place)
        self.told.emit(f"Copied the mask to {target}. {self._replaced(target, before)}")

    def _replaced(self, page: Page, before: Image) -> str:
        """Write what a mask has taken the place of."""
        known, frame = page.scan.labels.get(page.place), page.scan.frames[page.place.plane]
        if not before.any():
            return "There was none."
        if known is None or not np.array_equal(known.within(frame), before):
            return "Undo brings back what was painted there."
        return f"Undo brings back the labels that were {'found' if known.is_found else 'read'} there."

    @property
    def gap(self) -> tuple[int, int] | None:
        """The two painted slices about the one shown between which others lie; None if there are none."""
        here, painted = self._desk.place.index, self.painted
        before, after = [i for i in painted if i <= here], [i for i in painted if i > here]
        if before and after and after[0] - before[-1] > 1:
            return before[-1], after[0]
        if here in painted and len(before) > 1 and before[-1] - before[-2] > 1:
            return before[-2], before[-1]
        return None

    def interpolate(self) -> None:
        """Fill the slices between two painted ones with masks between theirs."""
        page, gap, document = self._page, self.gap, self._opened.document
        if page is None or gap is None:
            return
        first, last = (Page(page.scan, replace(page.place, index=index)) for index in gap)
        between = [Page(page.scan, replace(page.place, index=index)) for index in range(gap[0] + 1, gap[1])]
        strokes = document.strokes
        work = partial(_between, strokes.on_page(first), strokes.on_page(last), document.table, len(between))
        name = f"Interpolate slices {gap[0] + 2} to {gap[1]}"
        frame = page.scan.frames[page.place.plane]
        self._background.start(
            work, partial(self._on_between, between, frame, name), self.failed.emit, lane=LANE
        )

    def _on_between(self, pages: Sequence[Page], frame: Frame, name: str, masks: Sequence[Image]) -> None:
        page = self._page
        if page is not None and page.scan is pages[0].scan and self._desk.frame == frame:
            between: dict[Hashable, Image] = dict(zip(pages, masks, strict=True))
            self._edits.replace(pages, lambda _old: between, name)

    # ---- all slices

    def find_on_all(self) -> None:
        """Find the labels on every slice of the plane and time looked at; needs a segmenter."""
        page = self._page
        if page is None:
            return
        self.cancel()
        self._frame = page.scan.frames[page.place.plane]
        self._waiting = [
            Page(page.scan, replace(page.place, index=index)) for index in reversed(range(self._desk.count))
        ]
        self.done, self.count = 0, len(self._waiting)
        self._next()
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """End the work on all slices; nothing is changed."""
        self._number += 1
        self._waiting, self._asked, self._found = [], None, {}
        if self.is_busy:
            self.count = self.done
            self.changed.emit()

    def _next(self) -> None:
        page = self._waiting.pop()
        read = partial(read_slice, page, self._frame, self._opened.document.checkpoint.description)
        number = self._number
        self._background.start(
            read, partial(self._on_slice, number), partial(self._on_failed, number), lane=LANE
        )

    def _on_slice(self, number: int, read: Slice) -> None:
        if number == self._number:
            self._asked = read
            self._worker.ask(messages.Segment(read.image))

    def _on_failed(self, number: int, error: Exception) -> None:
        if number == self._number:
            self.cancel()
            self.failed.emit(error)

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        asked = self._asked
        if asked is None:
            return
        if isinstance(answer, messages.Failed):  # the segmenter's own error is shown by the runs
            self.cancel()
        elif isinstance(answer, messages.Segmented) and answer.image is asked.image:
            self._asked = None
            self._found[asked.page] = answer.mask
            asked.page.scan.keep_image(asked.page.place, asked.frame, asked.image)
            self.done += 1
            if self._waiting:
                self._next()
            else:
                self._take(self._found, asked.frame, "Find the labels on all slices", is_found=True)
                self.labels_found.emit(list(self._found.values()))
                self._found = {}
            self.changed.emit()

    def _take(self, masks: Mapping[Page, Image], frame: Frame, name: str, *, is_found: bool = False) -> None:
        """Take masks for what is on the slices of the scan itself."""
        used = self._opened.document.table.indices
        painted: dict[Hashable, Image] = {page: mask for page, mask in masks.items()}  # noqa: C416
        for page, mask in masks.items():
            page.scan.labels[page.place] = FramedMask(frame, mask, used, is_found)
        self._edits.replace(list(painted), lambda _old: painted, name)
        self._desk.refer()

    def read(self, values: Callable[[], Image], name: str) -> None:
        """Take the mask of a whole scan, on every slice of the plane looked at.

        Parameters
        ----------
        values : callable
            Returns the labels of all voxels, in the order of the scan's file; runs on another thread.
        """
        page = self._page
        if page is None:
            return
        frame, view = page.scan.frames[page.place.plane], page.scan.volume.view(page.place.plane)
        work = partial(framed_slices, values, view, frame)
        done = partial(self._on_read, page, frame, name)
        self._background.start(work, done, self.failed.emit, lane=LANE)

    def _on_read(self, shown: Page, frame: Frame, name: str, read: tuple[Sequence[Image], float]) -> None:
        masks, share = read
        if self._desk.scan is not shown.scan or shown.scan.frames[shown.place.plane] != frame:
            self.failed.emit(SegPaintError("The frame was moved while the mask was read; open the mask again."))
            return
        places: list[Place] = [replace(shown.place, index=index) for index in range(len(masks))]
        pages = {Page(shown.scan, place): mask for place, mask in zip(places, masks, strict=True)}
        self._take(pages, frame, name)
        if share < NEARLY_ALL:
            self.remarked.emit(
                f"{percentage(share)} of what the mask labels lies within the frame, and the rest is left out. "
                "Undo, lay the frame where it is wanted, and open the mask again."
            )

    @property
    def _page(self) -> Page | None:
        page = self._opened.document.strokes.page
        return page if isinstance(page, Page) else None


def _between(first: Image, last: Image, table: LabelTable, count: int) -> list[Image]:
    return interpolate(first, last, table, [(number + 1) / (count + 1) for number in range(count)])
