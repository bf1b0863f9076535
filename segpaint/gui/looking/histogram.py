"""A histogram with two handles: the lowest intensity shown, and the highest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from segpaint.core.pictures.intensities import BRIGHTEST, IntensityWindow, histogram_heights
from segpaint.gui.parts.wheel import OnlyFocused
from segpaint.gui.style.theme import SPACE, colors
from segpaint.studio.view.windowing import Windowing

GRIP = 10
"""Width and height of a handle in device-independent pixels."""
HEIGHT = 6 * SPACE


class Handle(OnlyFocused, QAbstractSlider):
    """One end of the window, moved by the arrow keys, or with the mouse along the histogram.

    Parameters
    ----------
    name : str
        For screen readers.
    least, most : int
        Its lowest and highest intensity.
    """

    def __init__(self, histogram: Histogram, name: str, least: int, most: int) -> None:
        super().__init__(histogram)
        self._histogram = histogram
        self.setRange(least, most)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}; drag it, or use the arrow keys")
        self.resize(GRIP, HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(round(self._histogram.intensity_at(self.mapToParent(event.position()).x())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(colors().accent if self.hasFocus() else colors().text)
        middle = self.width() / 2
        painter.setPen(QPen(color, 1))
        painter.drawLine(QPointF(middle, 0), QPointF(middle, self.height()))
        painter.setPen(QPen(QColor(colors().window), 1))
        painter.setBrush(color)
        corners = [QPointF(middle, self.height() - GRIP), QPointF(self.width(), self.height() - 1)]
        painter.drawPolygon([*corners, QPointF(0, self.height() - 1)])


class Histogram(QWidget):
    """Shows how often each intensity occurs, and sets the window."""

    def __init__(self, windowing: Windowing) -> None:
        super().__init__()
        self._windowing = windowing
        self._pixels: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._heights: NDArray[np.float64] | None = None  # counted when it is visible, since it is often hidden
        self._from: tuple[float, IntensityWindow] | None = None
        self.lowest = Handle(self, "Shown black: this intensity and those below", 0, BRIGHTEST - 1)
        self.highest = Handle(self, "Shown white: this intensity and those above", 1, BRIGHTEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("How often each intensity occurs; drag to move the window")
        self.lowest.valueChanged.connect(self._take_lowest)
        self.highest.valueChanged.connect(self._take_highest)
        windowing.changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(20 * SPACE, HEIGHT)

    def show_pixels(self, pixels: NDArray[np.uint8]) -> None:
        """Show how often each intensity occurs in an image."""
        self._pixels, self._heights = pixels, None
        self.update()

    def intensity_at(self, x: float) -> float:
        """Convert a position along the widget to an intensity."""
        return (x - GRIP / 2) * BRIGHTEST / max(1, self.width() - GRIP)

    def _place(self, intensity: float) -> float:
        return GRIP / 2 + intensity * (self.width() - GRIP) / BRIGHTEST

    # ---- the window

    @Slot(int)
    def _take_lowest(self, lowest: int) -> None:
        highest = max(self._windowing.window.highest, lowest + 1.0)
        self._windowing.window = IntensityWindow.between(lowest, highest)

    @Slot(int)
    def _take_highest(self, highest: int) -> None:
        lowest = min(self._windowing.window.lowest, highest - 1.0)
        self._windowing.window = IntensityWindow.between(lowest, highest)

    @Slot()
    def _show(self) -> None:
        window = self._windowing.window
        for handle, end in ((self.lowest, window.lowest), (self.highest, window.highest)):
            with QSignalBlocker(handle):
                handle.setValue(round(end))
            handle.move(round(self._place(handle.value()) - GRIP / 2), 0)
        self.update()

    # ---- events

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = self.intensity_at(event.position().x()), self._windowing.window

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton:  # released in another window
            self._from = None
        if self._from is not None:
            start, window = self._from
            self._windowing.window = window.widened(0, self.intensity_at(event.position().x()) - start)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._from = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, window = QPainter(self), self._windowing.window
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self._place(0), 0, self._place(BRIGHTEST) - self._place(0), self.height() - GRIP)
        painter.fillRect(room, QColor(colors().base))
        painter.setClipRect(room)
        painter.fillPath(self._area(room), QColor(colors().faint))
        shade = QColor(colors().window)
        shade.setAlpha(190)
        left, right = self._place(window.lowest), self._place(window.highest)
        painter.fillRect(QRectF(room.topLeft(), QPointF(left, room.bottom())), shade)
        painter.fillRect(QRectF(QPointF(right, room.top()), room.bottomRight()), shade)
        # From black to white, as mapped by the window.
        painter.setPen(QPen(QColor(colors().accent), 1.5))
        painter.drawLine(QPointF(left, room.bottom()), QPointF(right, room.top()))

    def _area(self, room: QRectF) -> QPainterPath:
        if self._heights is None:
            self._heights = histogram_heights(self._pixels)
        path = QPainterPath(room.bottomLeft())
        for intensity, height in enumerate(self._heights):
            path.lineTo(self._place(intensity), room.bottom() - height * (room.height() - 2))
        path.lineTo(room.bottomRight())
        return path
