"""The canvas: the mask, painted with a brush."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainterPath, QPen, QWheelEvent
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from segpaint.core.labels import FREE
from segpaint.core.mask import Box
from segpaint.core.paint import brush
from segpaint.gui.pane import Pane
from segpaint.gui.shapes import outline
from segpaint.gui.viewpoint import Viewpoint
from segpaint.session.document import Document

ABLATED_ALPHA = 70
LARGEST_BRUSH = 200


class Canvas(Pane):
    """Shows and edits the mask of a document."""

    brush_size_changed = Signal(int)
    cursor_changed = Signal(QPainterPath)
    """The outline of what the brush would touch, empty where it is nowhere."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(viewpoint, parent=parent)
        self.hint.hide()
        self.is_eraser = False
        self._size = 9
        self._document: Document | None = None
        self._colors = np.zeros((256, 4), np.uint8)
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, 4), np.uint8)
        self._last: QPointF | None = None
        self._erasing = False
        self._free = QGraphicsPathItem()
        self._free.setPen(QPen(Qt.PenStyle.NoPen))
        self._free.setBrush(QBrush(QColor(255, 255, 255, 130), Qt.BrushStyle.BDiagPattern))
        self._box.addItem(self._free, ignoreBounds=True)
        self.cursor_changed.connect(self.show_cursor)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Show and edit this document from now on."""
        if self._document is not None:
            self._document.mask_changed.disconnect(self._draw_mask)
            self._document.labels_changed.disconnect(self._draw_all)
        self._document = document
        height, width = document.mask.shape
        self._pixels = np.zeros((height, width, 4), np.uint8)
        document.mask_changed.connect(self._draw_mask)
        document.labels_changed.connect(self._draw_all)
        self.viewpoint.set_image_size(width, height)
        self._draw_all()

    # ---- brush

    @property
    def brush_size(self) -> int:
        """Diameter in mask pixels."""
        return self._size

    @Slot(int)
    def set_brush_size(self, size: int) -> None:
        """Set the diameter, 1 to `LARGEST_BRUSH`."""
        size = min(max(size, 1), LARGEST_BRUSH)
        if size != self._size:
            self._size = size
            self.brush_size_changed.emit(size)
            self._draw_cursor(self._last)

    def _draw_cursor(self, point: QPointF | None) -> None:
        self._last = point
        path = QPainterPath()
        if point is not None and self._document is not None and not self.is_panning:
            place = (point.y(), point.x())
            # On an endless canvas, so that the outline is whole at the border too.
            margin = self._size + 1
            shifted = (place[0] + margin, place[1] + margin)
            height, width = self._document.mask.shape
            touched = brush(shifted, shifted, self._size, (height + 2 * margin, width + 2 * margin))
            path = outline(touched.inside, touched.top - margin, touched.left - margin)
        self.cursor_changed.emit(path)

    # ---- drawing

    @Slot()
    def _draw_all(self) -> None:
        if self._document is None:
            return
        document = self._document
        self._colors[:, :3] = document.table.colors()
        self._colors[:, 3] = 0
        self._colors[0] = (0, 0, 0, 255)
        self._colors[FREE] = (70, 72, 76, 255)
        for label in document.table:
            state = document.label_state(label.index)
            opacity = 255 if state.used else ABLATED_ALPHA
            shade = np.array(label.rgb) * (opacity / 255 if state.shown else 0)
            self._colors[label.index] = (*shade.astype(np.uint8), 255)
        self._draw_mask(None)

    @Slot(object)
    def _draw_mask(self, box: Box | None) -> None:
        if self._document is None:
            return
        values = self._document.mask.values
        where = box.slices if box is not None else (slice(None), slice(None))
        self._pixels[where] = self._colors[values[where]]
        self.show_pixels(self._pixels)
        self._free.setPath(outline(values == FREE))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self.is_panning or self._document is None:
            return
        right = event.button() == Qt.MouseButton.RightButton
        if right or event.button() == Qt.MouseButton.LeftButton:
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._erasing = right or held or self.is_eraser
            point = self.position(event.position())
            self._document.begin_stroke()
            self._paint(point, point)
            self._last = point

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = self.position(event.position())
        if self._last is not None and self._document is not None and self._document.is_stroking:
            self._paint(self._last, point)
        super().mouseMoveEvent(event)
        self._draw_cursor(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._document is not None:
            self._document.end_stroke("erase" if self._erasing else "paint")

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self._draw_cursor(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.set_brush_size(self._size + (1 if turned > 0 else -1))
            event.accept()
        else:
            super().wheelEvent(event)

    def _paint(self, start: QPointF, end: QPointF) -> None:
        document = self._document
        if document is not None:
            path = brush((start.y(), start.x()), (end.y(), end.x()), self._size, document.mask.shape)
            document.paint(path, erase=self._erasing)
