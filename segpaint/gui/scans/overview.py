"""A small picture of another plane, with a line where the slice lies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Slot
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from segpaint.core.volumes.thinned import BESIDE, nearest_plane, thinned
from segpaint.core.volumes.windows import window_of
from segpaint.gui.scans.sight import Sight, edges_around
from segpaint.gui.style.pixmaps import to_image
from segpaint.gui.style.theme import colors
from segpaint.gui.style.theme_colors import BLACK, SWIPE
from segpaint.studio.scans.scan import Scan
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Volume

SIDE = 64
LANE = "overview"


class Overview(QWidget):
    """Shows where the slice lies; a click moves there. Hidden for a single slice."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(toolTip="Where the slice lies; click to move there", accessibleName="Overview")
        self._studio, self._desk = studio, studio.scans
        self._scan: Scan | None = None
        self._small: Volume | None = None
        self._image: QImage | None = None
        self._spacing = 1.0, 1.0
        self._is_down, self._is_reversed = True, False
        self.setFixedSize(SIDE, SIDE)
        self._desk.changed.connect(self._on_scan)
        self._desk.moved.connect(self._on_place)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    @Slot()
    def _on_scan(self) -> None:
        scan = self._desk.scan
        if scan is not None and scan.volume is not (self._scan.volume if self._scan is not None else None):
            self._small = self._image = None
            small = partial(thinned, scan.volume)
            self._studio.background.start(small, partial(self._on_small, scan), self._on_none, lane=LANE)
        self._scan = scan
        self._on_place()

    def _on_small(self, scan: Scan, small: Volume) -> None:
        if scan is self._scan:
            self._small = small
            self._on_place()

    def _on_none(self, _error: Exception) -> None:
        self.hide()  # the slices that can be read are shown all the same

    @Slot()
    def _on_place(self) -> None:
        small, scan = self._small, self._scan
        if small is None or scan is None or self._desk.count < 2:
            self.hide()
            return
        plane = self._desk.place.plane
        beside = BESIDE[nearest_plane(small, plane)]
        view, own = small.view(beside), small.view(plane)
        axis = view.order.index(own.order[0])
        self._is_down, self._is_reversed = axis == 1, view.flipped[axis] != own.flipped[0]
        values = small.cut(beside, small.count(beside) // 2)
        self._image = to_image((scan.window or window_of(small, values)).shades(values))
        geometry = view.seen(small.geometry)
        self._spacing = geometry.spacing[1], geometry.spacing[2]
        self.show()
        self.update()

    @property
    def _sight(self) -> Sight | None:
        if self._image is None:
            return None
        shape = self._image.height(), self._image.width()
        return Sight.fitting(
            edges_around(shape, None), self._spacing, QSizeF(self.size()), 0, 1.0, QPointF(0.5, 0.5)
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, sight = QPainter(self), self._sight
        painter.fillRect(self.rect(), QColor(colors().surround))
        if sight is None or self._image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rows, columns = self._image.height(), self._image.width()
        whole = sight.rect(-0.5, rows - 0.5, -0.5, columns - 0.5)
        painter.drawImage(whole, self._image)
        share = (self._desk.place.index + 0.5) / self._desk.count
        share = 1 - share if self._is_reversed else share
        if self._is_down:
            y = whole.top() + share * whole.height()
            ends = QPointF(0, y), QPointF(self.width(), y)
        else:
            x = whole.left() + share * whole.width()
            ends = QPointF(x, 0), QPointF(x, self.height())
        for color, width in ((BLACK, 3.0), (SWIPE, 1.5)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawLine(*ends)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        sight, image = self._sight, self._image
        if sight is None or image is None:
            return
        whole: QRectF = sight.rect(-0.5, image.height() - 0.5, -0.5, image.width() - 0.5)
        point = event.position()
        share = (
            (point.y() - whole.top()) / whole.height()
            if self._is_down
            else (point.x() - whole.left()) / whole.width()
        )
        index = int((1 - share if self._is_reversed else share) * self._desk.count)
        self._desk.step(index - self._desk.place.index)
