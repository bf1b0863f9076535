"""Edits all slices whose masks were changed, one after the other, beside the run."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Request
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.settings import Purpose
from segpaint.studio.runs.jobs import Jobs
from segpaint.studio.runs.runs import Runs
from segpaint.studio.scans.kept_results import KeptResults
from segpaint.studio.scans.scan import Page, Slice, read_slice
from segpaint.studio.scans.scan_desk import ScanDesk

LANE = "runs of all slices"


class SliceRuns(QObject):
    """Makes the edited image of every changed slice of the plane and time looked at.

    All begin with the same seed and settings, so that neighbours agree. A result is shown with its slice.
    """

    changed = Signal()
    """It began, went on, or ended."""
    failed = Signal(object)

    def __init__(
        self,
        opened: OpenDocument,
        runs: Runs,
        jobs: Jobs,
        desk: ScanDesk,
        results: KeptResults,
        background: Background,
    ) -> None:
        super().__init__()
        self._opened, self._runs, self._jobs, self._desk = opened, runs, jobs, desk
        self._results, self._background = results, background
        self._waiting: list[Page] = []
        self._page: Page | None = None  # that is being edited
        self._number = 0  # of the work under way; what belongs to an earlier one is dropped
        self._asked: tuple[int, Slice, Request] | None = None
        self.done, self.count = 0, 0
        jobs.done.connect(self._on_done)
        jobs.failed.connect(self._on_job_failed)
        desk.changed.connect(self.cancel)
        desk.frame_changed.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether slices are being edited."""
        return self.done < self.count

    @property
    def words(self) -> str:
        """Write which slice is being edited, and the how manieth of how many it is."""
        now = f"Editing {self._page}" if self._page is not None else "Editing slices"
        return f"{now}, {self.done + 1} of {self.count}"

    @property
    def edited(self) -> list[Page]:
        """The slices of the plane and time looked at whose masks are not what is known to be there."""
        scan, here, strokes = self._desk.scan, self._desk.place, self._opened.document.strokes
        if scan is None or here.plane not in scan.frames:
            return []
        frame, found = scan.frames[here.plane], []
        for page in {*strokes.painted_pages, *(Page(scan, place) for place in scan.labels)}:
            if not isinstance(page, Page) or page.scan is not scan:
                continue
            if (page.place.plane, page.place.time) != (here.plane, here.time):
                continue
            known = scan.labels.get(page.place)
            if scan.volume.is_damaged(here.plane, page.place.index, here.time):
                continue
            mask = strokes.on_page(page)
            before = np.zeros_like(mask) if known is None else known.within(frame)
            if not np.array_equal(mask, before):
                found.append(page)
        return sorted(found, key=lambda page: page.place.index)

    def start(self) -> None:
        """Edit all changed slices, with the settings of now."""
        self.cancel()
        self._waiting = self.edited[::-1]
        self.done, self.count = 0, len(self._waiting)
        if self._waiting:
            self._next()
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """End it; what is finished stays."""
        self._number += 1
        if self._asked is not None:
            self._jobs.drop([self._asked[0]])
        self._waiting, self._asked = [], None
        if self.is_busy:
            self.count = self.done
            self.changed.emit()

    def _next(self) -> None:
        page = self._page = self._waiting.pop()
        frame = page.scan.frames[page.place.plane]
        read = partial(read_slice, page, frame, self._opened.document.checkpoint.description)
        number = self._number
        self._background.start(
            read, partial(self._on_slice, number), partial(self._on_failed, number), lane=LANE
        )

    def _on_slice(self, number: int, read: Slice) -> None:
        precision, document = self._runs.precision, self._opened.document
        if number != self._number or precision is None:
            return
        read.page.scan.keep_image(read.page.place, read.frame, read.image)
        known = read.page.scan.labels.get(read.page.place)
        blank = np.zeros(document.mask.shape, np.uint8)
        mask, used = (blank, ()) if known is None else (known.within(read.frame), known.used)
        settings = document.settings
        origin = Counterfactual(
            image=read.image, mask=mask, used=used, margin=settings.margin, way=settings.way,
            made_by=read.page.scan.volume.made_by,
        )  # fmt: skip
        values = dict(document.request(precision)) | {
            "origin": origin, "mask": document.strokes.on_page(read.page),
        }  # fmt: skip
        request = Request(**values)
        self._asked = self._jobs.add([request])[0], read, request

    @Slot(int, object)
    def _on_done(self, ticket: int, pixels: NDArray[np.uint8]) -> None:
        if self._asked is None or self._asked[0] != ticket:
            return
        (_, read, request), self._asked = self._asked, None
        page = read.page
        self._results.keep(page, read.frame, request, pixels)
        self.done += 1
        if page == self._opened.document.strokes.page:
            self._runs.show_result(request, pixels, str(page))
        if self._waiting:
            self._next()
        self.changed.emit()

    @Slot(int, object)
    def _on_job_failed(self, ticket: int, error: Exception) -> None:
        if self._asked is not None and self._asked[0] == ticket:
            self._asked = None
            self._on_failed(self._number, error)

    def _on_failed(self, number: int, error: Exception) -> None:
        if number == self._number:
            self.cancel()
            self.failed.emit(error)

    @property
    def is_possible(self) -> bool:
        """Whether images of the reference edited are asked for, and the model is loaded."""
        return self._opened.document.settings.purpose is Purpose.EDIT and self._runs.is_ready
