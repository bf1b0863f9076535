"""The line between two points whose distance is known, as it is drawn and dragged on a slice."""

from math import hypot

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from segpaint.gui.scans.frame_drag import REACH
from segpaint.gui.scans.sight import Sight
from segpaint.gui.style.theme_colors import BLACK, SWIPE
from segpaint.studio.scans.scale import Scale

TICK = 8.0
"""Half the length of the stroke across each end, in device-independent pixels."""


class ScaleLine:
    """Chooses the ends of a `Scale` by clicks, and moves them by drags."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._held: int | None = None

    def press(self, point: QPointF, sight: Sight) -> bool:
        """Take the end at a point, or choose one there; False if there is nothing to take."""
        ends = [sight.point(*end) for end in self._scale.ends]
        near = [number for number, end in enumerate(ends) if _length(end - point) <= REACH]
        if near and len(ends) == 2:
            self._held = near[-1]
        elif len(ends) < 2:
            self._scale.put(*sight.place(point))
            self._held = len(ends)
        return self._held is not None

    def drag(self, point: QPointF, sight: Sight) -> bool:
        """Move the end that is held; False if there is none."""
        if self._held is not None:
            self._scale.move(self._held, *sight.place(point))
        return self._held is not None

    def release(self) -> None:
        """Let go of the end."""
        self._held = None

    def nudge(self, rows: int, columns: int) -> None:
        """Move the end that was chosen last by whole pixels."""
        if self._scale.ends:
            row, column = self._scale.ends[-1]
            self._scale.move(len(self._scale.ends) - 1, row + rows, column + columns)

    def draw(self, painter: QPainter, sight: Sight, pointer: QPointF | None) -> None:
        """Draw the line, up to the pointer as long as its second end is not chosen."""
        ends = [sight.point(*end) for end in self._scale.ends]
        if len(ends) == 1 and pointer is not None and self._held is None:
            ends.append(pointer)
        lines = [QLineF(*ends)] if len(ends) == 2 else []
        length = lines[0].length() if lines else 0.0
        way = (ends[1] - ends[0]) / length if length else QPointF(1, 0)
        across = QPointF(-TICK * way.y(), TICK * way.x())
        lines += [QLineF(end - across, end + across) for end in ends]
        for pen in (QPen(QColor(BLACK), 3.5), QPen(QColor(SWIPE), 1.5)):
            painter.setPen(pen)
            painter.drawLines(lines)


def _length(way: QPointF) -> float:
    return hypot(way.x(), way.y())
