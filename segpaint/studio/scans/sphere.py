"""The brush as a ball: a stroke on a slice of the open scan paints on the slices beside it, too."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from math import sqrt

from PySide6.QtCore import QObject, Signal

from segpaint.core.masks.ball import Ball
from segpaint.core.masks.paint import Footprint
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.scans.scan import Page
from segpaint.studio.scans.scan_desk import ScanDesk


class Sphere(QObject):
    """Knows whether there are slices for a ball to paint on, and begins its strokes."""

    changed = Signal()

    def __init__(self, opened: OpenDocument, desk: ScanDesk) -> None:
        super().__init__()
        self._opened, self._desk = opened, desk
        for change in (desk.changed, desk.slice_changed):
            change.connect(self.changed)

    @property
    def obstacle(self) -> str:
        """Why a ball cannot paint, in a sentence; empty if it can."""
        page, scan = self._opened.document.strokes.page, self._desk.scan
        if scan is None or not isinstance(page, Page):
            return "A ball paints on the slices of an open scan: open one with File > Open scan."
        if scan.lacks_size:
            return "A ball needs the distance between slices, which the file of this scan does not give."
        if scan.volume.count(page.place.plane) < 2:
            return "A ball paints on neighbouring slices, and this scan has a single one in this plane."
        return ""

    def begin(self, *, fills_loops: bool = False) -> SphereStroke | None:
        """Begin a stroke on the slice shown; None if there is an obstacle."""
        page = self._opened.document.strokes.page
        if self.obstacle or not isinstance(page, Page):
            return None
        return SphereStroke(page, self._opened.document.mask.shape, fills_loops=fills_loops)


class SphereStroke:
    """One stroke of a ball on a slice, in the frame of its plane.

    Parameters
    ----------
    page : Page
        The slice that is painted on.
    shape : tuple of int
        Height and width of its mask.
    fills_loops : bool
        Whether what the ball encloses on a slice is reached, too.
    """

    def __init__(self, page: Page, shape: tuple[int, int], *, fills_loops: bool = False) -> None:
        scan, plane = page.scan, page.place.plane
        between, rows, columns = scan.geometry(plane).spacing
        tall, wide = scan.frames[plane].step
        self._page, self._fills = page, fills_loops
        self._ball = Ball(shape)
        self._between = between / sqrt(tall * rows * wide * columns)  # slices, in pixels of the mask

    def add(self, start: tuple[float, float], end: tuple[float, float], size: int) -> None:
        """Lead the ball on, as `segpaint.core.masks.paint.brush` does."""
        self._ball.add(start, end, size)

    def reached(self) -> dict[Hashable, Footprint]:
        """Find what the ball has touched on the other slices of the plane, the nearest first."""
        scan, place = self._page.scan, self._page.place
        last, found = scan.volume.count(place.plane) - 1, dict[Hashable, Footprint]()
        for away in range(1, last + 1):
            footprint = self._ball.on(away * self._between, filled=self._fills)
            if not footprint.inside.size:
                break
            for index in (place.index - away, place.index + away):
                if 0 <= index <= last:
                    found[Page(scan, replace(place, index=index))] = footprint
        return found
