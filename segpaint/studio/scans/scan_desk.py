"""The open scan in the open document: each slice is a page with a mask and a reference of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.runs.branches import Branch
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.windows import ValueWindow
from segpaint.studio.base.background import Background
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.settings import Purpose
from segpaint.studio.runs.runs import Runs
from segpaint.studio.scans.frame_edits import FrameEdits
from segpaint.studio.scans.frame_memory import FrameMemory
from segpaint.studio.scans.kept_masks import KeptMasks, KeptScan, first_place
from segpaint.studio.scans.open_scans import OpenScans
from segpaint.studio.scans.page_edits import PageEdits
from segpaint.studio.scans.runs_aside import RunsAside
from segpaint.studio.scans.scan import FramedMask, LoosePage, Page, Place, Scan, Slice, body_frame, read_slice
from segpaint.studio.scans.slice_reader import Reading, SliceReader
from segpaint.studio.scans.slice_reference import reference_of

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Volume


class ScanDesk(QObject):
    """Opens scans in the open document, and moves between their slices.

    The document's mask and reference are what the frame holds of the slice. Another slice is another page of
    the document's masks: to undo an edit moves to the slice that it was made on.

    Attributes
    ----------
    scan : Scan or None
        The one that is open.
    place : Place
        The slice that is wanted; the one shown follows as soon as it is read.
    slice : Slice or None
        The one shown.
    """

    changed = Signal()
    """A scan was opened or closed, or its pixels got a size."""
    leaving = Signal()
    """A scan, or what was there before one, is about to be left; its image is the reference still."""
    moved = Signal()
    """Another slice is wanted."""
    slice_changed = Signal()
    """Another slice is shown."""
    frame_changed = Signal()
    placed = Signal()
    """A scan is shown in a frame that nobody has chosen, see `is_preliminary`."""
    window_changed = Signal()
    failed = Signal(object)
    """A slice could not be read."""
    damaged = Signal(str)
    """Slices are left black, with the sentences why."""

    def __init__(
        self,
        opened: OpenDocument,
        runs: Runs,
        background: Background,
        preferences: Preferences,
        kept: KeptMasks,
        aside: RunsAside,
    ) -> None:
        super().__init__()
        self._opened, self._runs, self._kept, self._aside = opened, runs, kept, aside
        self._memory = FrameMemory(preferences)
        self._frames = FrameEdits(opened, self._memory, PageEdits(opened, background))
        self._frames.changed.connect(self._on_frame)
        self._reader = SliceReader(background)
        self._opener = SliceReader(background)  # apart, so that no movement in another scan takes its place
        for reader in (self._reader, self._opener):
            reader.arrived.connect(self._on_slice)
            reader.failed.connect(self._on_failed)
        self._open_ones = OpenScans()
        self._page: Page | None = None  # that was shown last
        self._branch: Branch | None = None  # looked at when another slice was asked for
        self._is_referring, self._number = False, 0
        self.scan: Scan | None = None
        self.place = Place(Plane.ACQUIRED, 0)
        self.slice: Slice | None = None
        opened.page_turned.connect(self._on_page)
        opened.reference_changed.connect(self._on_reference)
        opened.switched.connect(self._on_document)

    # ---- the scan

    def open(self, volume: Volume, key: str, path: str = "") -> None:
        """Open a volume where it was left, once that is read; the painted mask comes back when it is closed.

        Parameters
        ----------
        key : str
            Identifies the series when it is opened again; without names of files or patients.
        path : str
            The file or folder that it comes from.
        """
        scan = self.scan
        before = self._document.reference if scan is None else scan.before
        self._open(Scan(volume, key, before, path))

    def _open(self, scan: Scan, place: Place | None = None) -> None:
        width = self._memory.width(scan.key)
        if width is not None and not scan.is_measured:
            scan.set_width(Plane.ACQUIRED, width)
        self._opener.drop()
        self._branch = self._runs.branches.current
        self._number += 1
        self._kept.recall(scan, self._document.checkpoint, partial(self._on_kept, self._number, scan, place))

    def _on_kept(self, number: int, scan: Scan, place: Place | None, kept: KeptScan | None) -> None:
        """Take up what was painted when the scan was open before, then show it."""
        if number != self._number:
            return  # another one was opened meanwhile
        for one in kept.slices if kept is not None else ():
            scan.frames[one.plane] = one.frame
            self._document.strokes.keep_page(Page(scan, one.place), one.mask)
            one.recall(scan)
        self._opener.ask(self._reading(scan, place or first_place(scan, kept), is_first=True))

    def close(self) -> None:
        """Show the mask and the reference that were there before the scan."""
        self._document.strokes.turn(None)

    @property
    def frame(self) -> Frame | None:
        """The square that the model sees, on the slices of the plane looked at."""
        return self.scan.frames.get(self.place.plane) if self.scan is not None else None

    @property
    def is_reading(self) -> bool:
        """Whether another slice than the one shown is about to come."""
        return self._reader.is_busy or self._opener.is_busy

    @property
    def is_preliminary(self) -> bool:
        """Whether the frame was laid over the body, nobody has moved it, and nothing was painted in it."""
        scan = self.scan
        return (
            scan is not None and self.slice is not None and self._frames.is_preliminary(scan, self.place.plane)
        )

    def improve_frame(self, frame: Frame) -> None:
        """Lay a preliminary frame elsewhere, which is no edit."""
        if self.scan is not None:
            self._frames.improve(self.scan, self.place.plane, frame)

    # ---- moving

    @property
    def count(self) -> int:
        """The number of slices of the plane looked at."""
        return self.scan.volume.count(self.place.plane) if self.scan is not None else 0

    def go_to(self, place: Place) -> None:
        """Move to a slice, or to the nearest one that there is."""
        scan = self.scan
        if scan is None:
            return
        last, times = scan.volume.count(place.plane) - 1, scan.volume.voxels.times
        place = Place(place.plane, min(max(place.index, 0), last), min(max(place.time, 0), times - 1))
        if place != self.place:
            self.place, self._branch = place, self._runs.branches.current
            self.moved.emit()
            self._ask(scan, place)

    def step(self, slices: int) -> None:
        """Move by some slices."""
        self.go_to(replace(self.place, index=self.place.index + slices))

    def set_time(self, time: int) -> None:
        """Move to another time of a cine."""
        self.go_to(replace(self.place, time=time))

    def set_plane(self, plane: Plane) -> None:
        """Look at another plane: at the slice left there, or else through the middle of the frame."""
        scan, frame = self.scan, self.frame
        if scan is None or frame is None or plane is self.place.plane:
            return
        scan.left_at[self.place.plane] = self.place.index
        if plane in scan.left_at:
            self.go_to(Place(plane, scan.left_at[plane], self.place.time))
            return
        self.go_to(scan.crossing(self.place, frame, plane))

    def seek(self, digest: str | None) -> None:
        """Move to the slice that a result was made from, if it was looked at in the frame of now.

        Parameters
        ----------
        digest : str or None
            Of the patient's image, see `segpaint.core.requests.origins.digest_of`.
        """
        scan = self.scan
        if scan is None or digest is None:
            return
        place = scan.place_of(digest)
        if place is not None:
            self._document.strokes.turn(Page(scan, place))

    # ---- frame, window, width

    def set_frame(self, frame: Frame, plane: Plane | None = None) -> None:
        """Lay the frame elsewhere; the masks of the plane's slices stay where they are in the patient.

        Parameters
        ----------
        plane : Plane, optional
            By default the one looked at; one that was not looked at yet gets its first frame.
        """
        plane = plane or self.place.plane
        if self.scan is not None and self.scan.frames.setdefault(plane, frame) != frame:
            self._frames.move(self.scan, plane, frame)

    def set_window(self, window: ValueWindow) -> None:
        """Choose the values that are shown as black and white; the model's image does not depend on them."""
        if self.scan is not None and window != self.scan.window:
            self.scan.window = window
            self.window_changed.emit()

    def reset_window(self) -> None:
        """Show the values as they were shown at first."""
        if self.scan is not None and self.scan.first_window is not None:
            self.set_window(self.scan.first_window)

    def set_width(self, millimetres: float) -> None:
        """Set how wide the picture shown is, if its file does not give that."""
        scan, plane = self.scan, self.place.plane
        if scan is not None and scan.lacks_size:
            scan.set_width(plane, millimetres)
            self._memory.keep_width(scan.key, scan.width(Plane.ACQUIRED))
            if self.slice is not None and self.is_preliminary:  # now the model's size is known on it
                description = self._document.checkpoint.description
                self.improve_frame(body_frame(scan, plane, self.slice.values, description))
            self.refer()
            self.changed.emit()

    # ---- reading

    @property
    def _document(self) -> Document:
        return self._opened.document

    def _ask(self, scan: Scan, place: Place) -> None:
        self._reader.ask(self._reading(scan, place))

    def _reading(self, scan: Scan, place: Place, *, is_first: bool = False) -> Reading:
        description = self._document.checkpoint.description
        frame = self._frames.known(scan, place.plane, description.size)
        return partial(read_slice, Page(scan, place), frame, description, is_first=is_first)

    @Slot(object)
    def _on_slice(self, read: Slice) -> None:
        scan, plane = read.page.scan, read.page.place.plane
        if self._frames.begin(scan, plane, read.frame) != read.frame:
            return  # the frame was moved meanwhile, and the slice is being read again
        if scan.first_window is None:
            scan.first_window = read.window
            scan.window = scan.window or scan.first_window
        self.slice = read
        scan.keep_image(read.page.place, read.frame, read.image)
        if self._document.strokes.page == read.page:
            self.refer()
            if not self._aside.give_back(read.page, read.frame):
                self._aside.begin_again(read.image)
            self.slice_changed.emit()
        else:
            if self.scan is None:
                self.leaving.emit()  # while the mask that was painted before is shown
            self._document.strokes.turn(read.page)
        if self.is_preliminary:
            self.placed.emit()
        if damage := scan.new_damage():
            self.damaged.emit(" ".join(damage))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        page = self._document.strokes.page
        if isinstance(page, Page):
            self.place = page.place
            self.moved.emit()
        self.failed.emit(error)

    # ---- the document

    @Slot()
    def _on_page(self) -> None:
        """Follow the page, which an undone edit has turned to, or the slice that was read."""
        page, before = self._document.strokes.page, self.scan
        if before is not None and not (isinstance(page, Page) and page.scan is before):
            self.leaving.emit()
        # A run that was begun while the slice was being read is meant for that slice.
        branch, is_arriving = self._runs.branches.current, self.slice is not None and self.slice.page == page
        begins_again = is_arriving and self._runs.state.is_active and branch is not self._branch
        left = None if begins_again else self._page
        self._aside.put(left, left.scan.frames.get(left.place.plane) if left is not None else None)
        self._page = page if isinstance(page, Page) else None
        if not isinstance(page, Page):
            self._reader.drop()
            self.scan = self.slice = None
            if before is not None and before.shows(self._document.reference):
                self._set_reference(before.before)
            self.changed.emit()
            return
        self.scan = page.scan
        self._open_ones.keep(page.scan)
        if self.slice is None or self.slice.page != page:  # an edit was undone
            self._reader.drop()
            self._ask(page.scan, page.place)
        elif before is not page.scan:
            self._reader.drop()  # what was wanted of the scan before
        if self.slice is None or self.slice.page != page or before is not page.scan:
            self.place = page.place
        self.refer()
        if self._document.settings.purpose is Purpose.NEW and before is not page.scan:
            self._document.change_settings(replace(self._document.settings, purpose=Purpose.EDIT))
        frame = page.scan.frames[page.place.plane]
        if begins_again:
            self._runs.generate()
        else:
            self._aside.give_back(page, frame)
        if before is not page.scan:
            self.changed.emit()
        self.moved.emit()
        self.slice_changed.emit()

    def refer(self) -> None:
        """Make what the frame holds of the slice the document's reference."""
        page = self._document.strokes.page
        if not isinstance(page, Page):
            return
        scan, place = page.scan, page.place
        frame = scan.frames[place.plane]
        image = scan.images.get((place, frame))
        if image is not None:  # it was read
            self._set_reference(reference_of(page, frame, image))

    def _set_reference(self, reference: Reference | None) -> None:
        self._is_referring = True
        try:
            self._document.set_reference(reference)
        finally:
            self._is_referring = False

    @Slot()
    def _on_reference(self) -> None:
        """Keep what was found or taken for a slice's labels; leave the scan for another image."""
        page, reference = self._document.strokes.page, self._document.reference
        if self._is_referring or not isinstance(page, Page):
            return
        frame = page.scan.frames[page.place.plane]
        image = page.scan.images.get((page.place, frame))
        if reference is not None and image is not None and np.array_equal(reference.image, image):
            page.scan.labels[page.place] = FramedMask(frame, reference.mask, reference.used, reference.is_found)
        else:
            strokes, loose = self._document.strokes, LoosePage()
            strokes.keep_page(loose, strokes.painted)
            strokes.turn(loose)

    @Slot(object)
    def _on_frame(self, scan: Scan) -> None:
        if scan is self.scan:
            self._aside.put_moved(self._page, self.slice)  # before it follows the edit
            self._reader.drop()
            self._ask(scan, self.place)
            self.frame_changed.emit()

    @Slot()
    def _on_document(self) -> None:
        """Look at the same scan with another model."""
        before, place = self.scan, self.place
        self._reader.drop()
        self._opener.drop()
        self._number += 1
        self.scan = self.slice = None
        page = self._document.strokes.page
        if isinstance(page, Page):
            self.scan, self.place = page.scan, page.place
            self._ask(page.scan, page.place)
        self.changed.emit()
        if before is not None and (self.scan is None or self.scan.volume is not before.volume):
            self._open(before.for_another_model(self._document.reference), place)
