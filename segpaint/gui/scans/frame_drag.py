"""Moves the frame, or scales it by its corners."""

from dataclasses import dataclass
from enum import Enum
from math import hypot

from PySide6.QtCore import QPointF, QRectF, Qt

from segpaint.core.volumes.frame import Frame
from segpaint.gui.scans.sight import Sight

REACH = 10.0
"""How near to a corner the pointer must be to take it, in device-independent pixels."""
SMALLEST = 0.05
"""The least size of a frame, as a share of that at the beginning of a drag."""


class Grip(Enum):
    """What the pointer would do to the frame, with the cursor that shows it."""

    NOTHING = Qt.CursorShape.ArrowCursor
    MOVE = Qt.CursorShape.SizeAllCursor
    RISING = Qt.CursorShape.SizeBDiagCursor
    """Scale, by the lower left or upper right corner."""
    FALLING = Qt.CursorShape.SizeFDiagCursor
    """Scale, by one of the others."""


def corners(rect: QRectF) -> tuple[QPointF, QPointF, QPointF, QPointF]:
    """List the corners from the upper left one on, clockwise."""
    return rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()


def grip_at(point: QPointF, rect: QRectF) -> Grip:
    """Find out what a press at a point would take."""
    for number, corner in enumerate(corners(rect)):
        if hypot(point.x() - corner.x(), point.y() - corner.y()) <= REACH:
            return Grip.RISING if number % 2 else Grip.FALLING
    return Grip.MOVE if rect.contains(point) else Grip.NOTHING


@dataclass(frozen=True)
class FrameDrag:
    """A drag of the frame since a press."""

    grip: Grip
    start: QPointF
    frame: Frame
    sight: Sight

    def frame_at(self, point: QPointF) -> Frame:
        """Find the frame with the pointer at a point."""
        if self.grip is Grip.MOVE:
            way = point - self.start
            return self.frame.moved(way.y() / self.sight.down, way.x() / self.sight.across)
        middle = self.sight.point(*self.frame.centre)
        before, now = self.start - middle, point - middle
        length = hypot(before.x(), before.y())
        along = (before.x() * now.x() + before.y() * now.y()) / (length * length) if length else 1.0
        return self.frame.scaled(max(along, SMALLEST))
