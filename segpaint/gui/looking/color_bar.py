"""The colour bar of a signed difference."""

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from segpaint.core.pictures.compare import FULL, color_scale
from segpaint.gui.style.theme import SPACE
from segpaint.gui.style.theme_colors import NOTE_FAINT, NOTE_LINE, NOTE_TEXT

WIDTH, THICKNESS = 216, 10


class ColorBar(QWidget):
    """Shows the colours from darker to brighter, with the grey levels below."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(f"Blue darker, black alike, orange brighter, full at {FULL} grey levels")

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, THICKNESS + SPACE // 2 + self.fontMetrics().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        pixels = color_scale(np.linspace(-1, 1, 255))[None]
        image = QImage(pixels.tobytes(), 255, 1, 3 * 255, QImage.Format.Format_RGB888)
        bar = QRect(0, 0, self.width(), THICKNESS)
        painter.drawImage(bar, image)
        painter.setPen(QPen(QColor(NOTE_LINE), 1))
        painter.drawRect(QRectF(bar).adjusted(0.5, 0.5, -0.5, -0.5))
        self._draw_scale(painter)

    def _draw_scale(self, painter: QPainter) -> None:
        below = QRect(0, THICKNESS + SPACE // 2, self.width(), self.height() - THICKNESS - SPACE // 2)
        painter.setPen(QColor(NOTE_TEXT))
        top = Qt.AlignmentFlag.AlignTop
        painter.drawText(below, top | Qt.AlignmentFlag.AlignLeft, f"−{FULL}")
        painter.drawText(below, top | Qt.AlignmentFlag.AlignHCenter, "0")
        painter.drawText(below, top | Qt.AlignmentFlag.AlignRight, f"+{FULL}")
        middle = QPoint(self.width() // 2, THICKNESS)
        painter.drawLine(middle, middle + QPoint(0, SPACE // 2))
        # Half way between the numbers, where there is room.
        painter.setPen(QColor(NOTE_FAINT))
        half = self.width() // 2
        painter.drawText(below.adjusted(0, 0, -half, 0), top | Qt.AlignmentFlag.AlignHCenter, "darker")
        painter.drawText(below.adjusted(half, 0, 0, 0), top | Qt.AlignmentFlag.AlignHCenter, "brighter")
