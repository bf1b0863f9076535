"""The ruler: the distance between two points, in millimetres where the size of the pixels is known."""

from math import atan2, cos, hypot, pi, radians, sin

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from segpaint.core.masks.measures import distance_text
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.studio.studio import Studio

TURN = radians(45)
"""Directions that Shift keeps to."""


class RulerTool(Tool):
    """Measures from where the button is pressed to where it is released; both ends can be dragged on."""

    row = tool_row("ruler", "Ruler", "U", icon=MDI7.ruler, hint="Measure the distance between two points")
    usage = "Drag over the mask from one point to another to measure the distance; Shift keeps it straight"
    place = 13

    def __init__(self, studio: Studio, sketch: Sketch) -> None:
        super().__init__(studio, sketch)
        self._ends: list[QPointF] = []
        self._held: int | None = None

    def press(self, pointer: Pointer) -> None:
        point = QPointF(pointer.column, pointer.row)
        self._held = self.sketch.handle_at(point)
        if self._held is None:
            self._ends, self._held = [point, point], 1
        self._show()

    def drag(self, pointer: Pointer) -> None:
        if self._held is not None:
            other = self._ends[1 - self._held]
            point = QPointF(pointer.column, pointer.row)
            self._ends[self._held] = _straight(other, point) if pointer.constrained else point
            self._show()

    def release(self, pointer: Pointer) -> None:
        self.drag(pointer)
        self._held = None

    def leave(self) -> None:
        self._ends, self._held = [], None
        self.studio.view.measuring.ends = None
        self.sketch.clear()

    def footprint(self, _pointer: Pointer) -> QPainterPath:
        """Return the line, so that it lies over the image, too."""
        return self._line

    @property
    def _line(self) -> QPainterPath:
        path = QPainterPath()
        if len(self._ends) == 2:
            path.moveTo(self._ends[0])
            path.lineTo(self._ends[1])
        return path

    def _show(self) -> None:
        first, second = self._ends
        self.sketch.show(self._line, self._ends)
        ends = (first.y(), first.x()), (second.y(), second.x())
        self.studio.view.measuring.ends = ends
        self.told.emit(distance_text(*ends, self.document.pixel_spacing))


def _straight(start: QPointF, end: QPointF) -> QPointF:
    """Turn a line to the nearest of eight directions; its length stays."""
    way = end - start
    angle = round(atan2(way.y(), way.x()) / TURN) * TURN % (2 * pi)
    length = hypot(way.x(), way.y())
    return start + QPointF(length * cos(angle), length * sin(angle))
