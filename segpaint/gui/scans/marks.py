"""Draws on a slice what viewers show there: sides of the patient, a scale, values."""

from math import floor, log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from segpaint.gui.scans.frame_drag import corners
from segpaint.gui.style.theme import SPACE
from segpaint.gui.style.theme_colors import BLACK, WHITE

HANDLE = 7.0
"""Side of the square on a corner of the frame."""
SHARE = 0.3
"""The most of the width that the scale takes."""


def draw_text(painter: QPainter, place: QRectF, text: str, flags: Qt.AlignmentFlag, color: str = WHITE) -> None:
    """Write with a dark edge, so that the text stands out from any image."""
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text), metrics.height()
    left = {
        Qt.AlignmentFlag.AlignLeft: place.left(),
        Qt.AlignmentFlag.AlignRight: place.right() - width,
    }.get(flags & Qt.AlignmentFlag.AlignHorizontal_Mask, place.center().x() - width / 2)
    top = {
        Qt.AlignmentFlag.AlignTop: place.top(),
        Qt.AlignmentFlag.AlignBottom: place.bottom() - height,
    }.get(flags & Qt.AlignmentFlag.AlignVertical_Mask, place.center().y() - height / 2)
    path = QPainterPath()
    path.addText(QPointF(left, top + metrics.ascent()), painter.font(), text)
    edge = QPen(QColor(BLACK), 3)
    edge.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, edge)
    painter.fillPath(path, QColor(color))


def draw_letters(painter: QPainter, room: QRectF, down: tuple[str, str], across: tuple[str, str]) -> None:
    """Name the patient's sides at the edges: top and bottom, left and right."""
    inner = room.adjusted(SPACE / 2, SPACE / 2, -SPACE / 2, -SPACE / 2)
    flag = Qt.AlignmentFlag
    draw_text(painter, inner, down[0], flag.AlignTop | flag.AlignHCenter)
    draw_text(painter, inner, down[1], flag.AlignBottom | flag.AlignHCenter)
    draw_text(painter, inner, across[0], flag.AlignLeft | flag.AlignVCenter)
    draw_text(painter, inner, across[1], flag.AlignRight | flag.AlignVCenter)


def scale_length(most: float) -> float:
    """Choose a round length in millimetres: 1, 2, or 5 times a power of ten, and not above the most."""
    power = 10.0 ** floor(log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)


def scale_text(millimetres: float) -> str:
    """Name a length."""
    return f"{millimetres / 10:g} cm" if millimetres >= 10 else f"{millimetres:g} mm"


def draw_scale(painter: QPainter, room: QRectF, millimetre: float) -> None:
    """Draw a scale into the lower left corner.

    Parameters
    ----------
    millimetre : float
        How wide one is on the screen.
    """
    length = scale_length(SHARE * room.width() / millimetre)
    left, right = room.left() + SPACE, room.left() + SPACE + length * millimetre
    base = room.bottom() - SPACE
    path = QPainterPath(QPointF(left, base - SPACE / 2))
    for x, y in ((left, base), (right, base), (right, base - SPACE / 2)):
        path.lineTo(x, y)
    for color, width in ((BLACK, 3.5), (WHITE, 1.5)):
        painter.strokePath(path, QPen(QColor(color), width))
    above = QRectF(left + SPACE / 2, base - 3 * SPACE, right - left, 2.5 * SPACE)
    draw_text(painter, above, scale_text(length), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)


def draw_frame(painter: QPainter, rect: QRectF, color: str) -> None:
    """Draw the frame with its handles."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(BLACK), 3.5), QPen(QColor(color), 1.5)):
        painter.setPen(pen)
        painter.drawRect(rect)
    painter.setPen(QPen(QColor(BLACK), 1))
    painter.setBrush(QColor(color))
    for corner in corners(rect):
        painter.drawRect(QRectF(corner.x() - HANDLE / 2, corner.y() - HANDLE / 2, HANDLE, HANDLE))
