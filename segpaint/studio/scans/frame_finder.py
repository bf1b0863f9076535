"""Lays the frame where the model's segmenter finds its labels."""

import threading
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Description, LabelStatistics, has_segmenter
from segpaint.core.runs import messages
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.worker_thread import WorkerThread
from segpaint.studio.scans.scan import Image, Scan, Slice, body_frame
from segpaint.studio.scans.scan_desk import ScanDesk

LANE = "frame"
LOOK = 0.1
"""Seconds between two looks whether the work was given up."""


class FrameFinder(QObject):
    """Looks for the labels all over a slice: by itself on a scan that is opened first, and when asked.

    By itself it moves the frame only while nothing was painted and nobody has moved the frame.
    """

    changed = Signal()
    """It has begun or ended."""
    failed = Signal(object)

    def __init__(
        self,
        opened: OpenDocument,
        runs: Runs,
        desk: ScanDesk,
        worker: WorkerThread,
        background: Background,
    ) -> None:
        super().__init__()
        self._opened, self._runs, self._desk = opened, runs, desk
        self._worker, self._background = worker, background
        self._begun: tuple[Slice, Frame] | None = None
        self._is_asked = False  # by the user
        self._looked: tuple[Scan, Plane] | None = None  # on which it has looked by itself, or was asked to
        self._stop, self._arrived = threading.Event(), threading.Event()
        self._image: Image | None = None
        self._mask: Image | None = None
        worker.answers.answered.connect(self._on_answer)
        desk.placed.connect(self._on_placed)
        runs.model_changed.connect(self._on_placed)
        for change in (desk.changed, desk.frame_changed):
            change.connect(self._on_change)

    @property
    def is_busy(self) -> bool:
        """Whether it is looking."""
        return self._begun is not None

    def look(self) -> None:
        """Look for the labels on the slice shown, and lay the frame there."""
        self._start(asked=True)

    def lay_on_body(self) -> None:
        """Lay the frame over the body on the slice shown."""
        shown, description = self._desk.slice, self._opened.document.checkpoint.description
        if shown is not None:
            work = partial(body_frame, shown.page.scan, shown.page.place.plane, shown.values, description)
            self._background.start(work, partial(self._on_body, shown), self.failed.emit, lane=LANE)

    def _on_body(self, shown: Slice, frame: Frame) -> None:
        if self._desk.slice is shown:
            self._desk.set_frame(frame)

    @Slot()
    def _on_placed(self) -> None:
        shown = self._desk.slice
        if shown is not None and self._desk.is_preliminary and _plane_of(shown) != self._looked:
            self._start(asked=False)

    def _start(self, *, asked: bool) -> None:
        shown, description = self._desk.slice, self._opened.document.checkpoint.description
        if shown is None or self.is_busy or not self.can_look:
            return
        self._stop = threading.Event()
        self._begun, self._is_asked, self._looked = (shown, shown.frame), asked, _plane_of(shown)
        work = partial(self._find if asked else self._find_in_volume, shown, description, self._stop)
        self._background.start(work, self._on_found, self._on_failed, lane=LANE)
        self.changed.emit()

    @property
    def can_look(self) -> bool:
        """Whether the open model has a segmenter, and a size that the scan can be measured by."""
        checkpoint, scan = self._opened.document.checkpoint, self._desk.scan
        return (
            scan is not None
            and scan.is_measured
            and checkpoint.description.pixel_spacing is not None
            and has_segmenter(checkpoint.folder)
            and self._runs.is_ready
        )

    @Slot()
    def give_up(self) -> None:
        """End the search; the frame stays."""
        self._stop.set()
        self._arrived.set()

    # ---- on another thread

    def _find(self, shown: Slice, description: Description, stop: threading.Event) -> Frame | None:
        """Look on the slice shown; None if the segmenter is not sure."""
        from segpaint.core.volumes.placing import UNSURE, place_by_segmenter

        find, known = partial(self._segment, stop), _statistics(description)
        frame, plausibility = place_by_segmenter(shown.values, shown.frame, description, known, find)
        return frame.aligned() if plausibility >= UNSURE else None

    def _find_in_volume(self, shown: Slice, description: Description, stop: threading.Event) -> Frame:
        """Look by the rule of all scans, which does not depend on the slice shown."""
        from segpaint.core.volumes.placing import place_in_volume

        scan, plane = _plane_of(shown)
        find = partial(self._segment, stop)
        return place_in_volume(scan.volume, plane, description, _statistics(description), find)

    def _segment(self, stop: threading.Event, image: Image) -> Image:
        """Have the worker find the labels in an image, and wait for them."""
        self._arrived.clear()
        self._image, self._mask = image, None
        self._worker.ask(messages.Segment(image))
        while not self._arrived.wait(LOOK) and not stop.is_set():
            pass
        if stop.is_set() or self._mask is None:
            raise _GaveUpError("Looking for the labels was given up.")
        return self._mask

    # ---- on the window's thread

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        if isinstance(answer, messages.Segmented) and answer.image is self._image:
            self._mask = answer.mask
            self._arrived.set()
        elif isinstance(answer, messages.Failed) and self.is_busy:
            self._stop.set()

    def _on_found(self, frame: Frame | None) -> None:
        begun, self._begun = self._begun, None
        is_same = begun is not None and self._desk.scan is begun[0].page.scan and self._desk.frame == begun[1]
        if is_same and frame is None:
            self.failed.emit(
                SegPaintError("The segmenter finds no label on this slice that it knows; try another slice.")
            )
        elif is_same and frame is not None:
            if self._is_asked:
                self._desk.set_frame(frame)
            elif frame != self._desk.frame:
                self._desk.improve_frame(frame)
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self._begun = None
        if not isinstance(error, _GaveUpError):
            self.failed.emit(error)
        self.changed.emit()

    @Slot()
    def _on_change(self) -> None:
        """Give up where the scan was left, or the user has laid the frame."""
        begun = self._begun
        if begun is not None and (begun[0].page.scan is not self._desk.scan or self._desk.frame != begun[1]):
            self.give_up()


def _plane_of(shown: Slice) -> tuple[Scan, Plane]:
    return shown.page.scan, shown.page.place.plane


def _statistics(description: Description) -> dict[int, LabelStatistics]:
    return {
        label.index: description.statistics[label.name]
        for label in description.labels
        if label.name in description.statistics
    }


class _GaveUpError(SegPaintError):
    """Nobody waits for the frame any more."""
