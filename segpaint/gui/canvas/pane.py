"""A view on one image, at the zoom and place that all panes share."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsPathItem

from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE, colors, theme
from segpaint.gui.style.theme_colors import WHITE
from segpaint.studio.view.switches import Switches
from segpaint.studio.view.viewpoint import Viewpoint

SMOOTH = "smooth"
"""The switch for drawing enlarged pixels smoothly."""
DIM = 0.3
"""Opacity of an image that is not what was asked for."""


class Pane(pg.GraphicsView):  # type: ignore[misc]
    """Shows an image; the wheel zooms at the pointer, the middle button or Space pans.

    Parameters
    ----------
    hint : str
        Shown in the middle while there is no image.
    switches : Switches or None
        Contains `SMOOTH`; None draws enlarged pixels as squares.
    """

    hovered = Signal(object)
    """The image position under the pointer as a QPointF; None after it has left."""
    filled = Signal()
    """Another image is shown, or none."""

    def __init__(self, viewpoint: Viewpoint, hint: str = "", switches: Switches | None = None) -> None:
        super().__init__(background=colors().surround)
        self.viewpoint = viewpoint
        self.pans_with_left = False
        self._pan_from: QPointF | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, defaultPadding=0)
        self._box.disableAutoRange()
        self.setCentralItem(self._box)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._box.addItem(self._image)
        self.cursor_outline = self.add_outline(WHITE)
        self.cursor_outline.setZValue(10)
        self.hint = PlainLabel(
            hint, self, objectName="hint", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True
        )
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.veiled = PlainLabel(
            "", self, objectName="badge", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True
        )
        self.veiled.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.veiled.hide()
        self.setMouseTracking(True)
        self.setMinimumSize(160, 200)  # three fit side by side into the smallest window
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        viewpoint.changed.connect(self._look)
        theme().changed.connect(self._dress)
        self._switches = switches
        if switches is not None:
            switches.changed.connect(self._smooth)
            self._smooth(SMOOTH)

    # ---- display

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show an image: grey, RGB or RGBA; None for none."""
        self.hint.setVisible(pixels is None)
        if pixels is None:
            self._image.clear()
        else:
            self._image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self.filled.emit()

    def veil(self, words: str) -> None:
        """Dim an image that is not what was asked for, and show what is under way; no words end it."""
        self._image.setOpacity(DIM if words else 1)
        self.veiled.setText(words)
        self.veiled.setVisible(bool(words))
        self._settle()

    def _settle(self) -> None:
        veil = self.veiled
        whole = veil.fontMetrics().horizontalAdvance(veil.text()) + 3 * SPACE  # with the padding of a badge
        width = min(whole, self.width() - 2 * SPACE)
        veil.resize(width, veil.heightForWidth(width))
        self.veiled.move((self.width() - self.veiled.width()) // 2, (self.height() - self.veiled.height()) // 2)

    @property
    def shown(self) -> NDArray[np.uint8] | None:
        """The pixels of the image shown, if there is one."""
        pixels: NDArray[np.uint8] | None = self._image.image
        return pixels

    @Slot(str)
    def _smooth(self, key: str) -> None:
        if key == SMOOTH and self._switches is not None:
            hint = QPainter.RenderHint.SmoothPixmapTransform
            self.setRenderHint(hint, self._switches.is_on(SMOOTH))
            self.viewport().update()

    def add_outline(
        self, color: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine
    ) -> QGraphicsPathItem:
        """Add a line item in image coordinates, whose width is the same at any zoom."""
        item = QGraphicsPathItem()
        pen = QPen(QColor(color), width, style)
        pen.setCosmetic(True)
        item.setPen(pen)
        self._box.addItem(item, ignoreBounds=True)
        return item

    def remove_outline(self, item: QGraphicsPathItem) -> None:
        """Remove a line item."""
        self._box.removeItem(item)

    def show_cursor(self, path: QPainterPath) -> None:
        """Show the outline of the brush."""
        self.cursor_outline.setPath(path)
        self.cursor_outline.setVisible(self.hint.isHidden())

    def position(self, point: QPointF) -> QPointF:
        """Convert a point of the widget to image coordinates (x = column, y = row)."""
        view = self.viewpoint
        offset = point - QPointF(self.width() / 2, self.height() / 2)
        return view.centre + offset / view.zoom

    def point(self, position: QPointF) -> QPointF:
        """Convert image coordinates to a point of the widget."""
        view = self.viewpoint
        return (position - view.centre) * view.zoom + QPointF(self.width() / 2, self.height() / 2)

    def _look(self) -> None:
        view = self.viewpoint
        width, height = self.width() / view.zoom, self.height() / view.zoom
        rect = QRectF(view.centre.x() - width / 2, view.centre.y() - height / 2, width, height)
        self._box.setRange(rect, padding=0, disableAutoRange=True)

    @Slot()
    def _dress(self) -> None:
        self.setBackground(colors().surround)

    # ---- events

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and hasattr(self, "veiled"):  # pyqtgraph calls it early, and with None
            self.hint.setGeometry(self.rect().adjusted(24, 24, -24, -24))
            self._settle()
            if self.isVisibleTo(self.window()):  # the size of a hidden one does not count
                self.viewpoint.set_pane_size(QSizeF(self.size()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.viewpoint.zoom_at(self.position(event.position()), 1.2 ** (event.angleDelta().y() / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton and self.pans_with_left
        if left or event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from, self._pan_button = event.position(), event.button()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # of two quick drags, Qt takes the second press for a double click

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None and not event.buttons() & self._pan_button:
            self.end_drag()
        if self._pan_from is not None:
            self.viewpoint.pan(event.position() - self._pan_from)
            self._pan_from = event.position()
        self.hovered.emit(self.position(event.position()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._pan_button:
            self._end_pan()
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.end_drag()

    def end_drag(self) -> None:
        """End what is being dragged, for its button or its focus has gone: another window may have both."""
        self._end_pan()

    def _end_pan(self) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self.viewport().unsetCursor()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.setFocus()  # else the next key would go to the last edited field
        self.hovered.emit(self.position(event.position()))

    def leaveEvent(self, _event: object) -> None:
        self.hovered.emit(None)

    @property
    def is_panning(self) -> bool:
        """Whether the image is being dragged."""
        return self._pan_from is not None
