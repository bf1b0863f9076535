"""Rectangle, ellipse and lasso: drawn by one drag, and filled at its end."""

from abc import abstractmethod
from collections.abc import Callable

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainterPath

from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shapes import Point, ellipse, framed, polygon, rectangle
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row


class _DrawnTool(Tool):
    """Follows a drag, and fills what it enclosed; Escape cancels it."""

    _first: Pointer | None = None

    def press(self, pointer: Pointer) -> None:
        self._first = pointer
        self._begin(pointer)

    def drag(self, pointer: Pointer) -> None:
        if self._first is not None:
            self.sketch.show(self._sketched(self._first, pointer))

    def release(self, pointer: Pointer) -> None:
        first = self._first
        self.leave()
        if first is not None:
            self.stamp(self._enclosed(first, pointer), erase=first.erases)

    def leave(self) -> None:
        self._first = None
        self.sketch.clear()

    def wants(self, event: QKeyEvent) -> bool:
        return self._first is not None and event.key() == Qt.Key.Key_Escape

    def key(self, _event: QKeyEvent) -> None:
        self.leave()

    def _begin(self, pointer: Pointer) -> None: ...

    @abstractmethod
    def _sketched(self, first: Pointer, last: Pointer) -> QPainterPath: ...

    @abstractmethod
    def _enclosed(self, first: Pointer, last: Pointer) -> Footprint: ...


class _FramedTool(_DrawnTool):
    """Draws a shape in a rectangle between two corners; with Shift, in a square."""

    fill: Callable[[Point, Point, tuple[int, int]], Footprint]

    @abstractmethod
    def _draw(self, path: QPainterPath, frame: QRectF) -> None:
        """Add the shape to a path."""

    def _enclosed(self, first: Pointer, last: Pointer) -> Footprint:
        return type(self).fill(*_corners(first, last), self.document.mask.shape)

    def _sketched(self, first: Pointer, last: Pointer) -> QPainterPath:
        (top, left), (bottom, right) = _corners(first, last)
        path = QPainterPath()
        self._draw(path, QRectF(QPointF(left, top), QPointF(right, bottom)).normalized())
        return path


def _corners(first: Pointer, last: Pointer) -> tuple[Point, Point]:
    return framed(first.point, last.point, square=last.constrained)


class RectangleTool(_FramedTool):
    """Fills a rectangle."""

    row = tool_row("rectangle", "Rectangle", "R", icon=MDI7.rectangle_outline)
    place = 6
    usage = "Drag from corner to corner; Shift keeps it square, right drag erases, Escape gives it up"
    fill = staticmethod(rectangle)

    def _draw(self, path: QPainterPath, frame: QRectF) -> None:
        path.addRect(frame)


class EllipseTool(_FramedTool):
    """Fills an ellipse."""

    row = tool_row("ellipse", "Ellipse", "C", icon=MDI7.ellipse_outline)
    place = 7
    usage = "Drag from corner to corner; Shift keeps it round, right drag erases, Escape gives it up"
    fill = staticmethod(ellipse)

    def _draw(self, path: QPainterPath, frame: QRectF) -> None:
        path.addEllipse(frame)


class LassoTool(_DrawnTool):
    """Fills the area that the pointer encloses."""

    row = tool_row("lasso", "Lasso", "L", icon=MDI7.lasso, hint="Fill what the pointer runs around")
    place = 5
    usage = "Drag around what is to be filled; right drag erases, Escape gives it up"

    _points: list[Point]

    def _begin(self, pointer: Pointer) -> None:
        self._points = [pointer.point]

    def drag(self, pointer: Pointer) -> None:
        if self._first is not None:
            self._points.append(pointer.point)
            super().drag(pointer)

    def _sketched(self, _first: Pointer, _last: Pointer) -> QPainterPath:
        return to_path(self._points)

    def _enclosed(self, _first: Pointer, last: Pointer) -> Footprint:
        return polygon([*self._points, last.point], self.document.mask.shape)


def to_path(points: list[Point]) -> QPainterPath:
    """Join points, given as rows and columns in mask pixels, by a closed line."""
    path = QPainterPath()
    if points:
        path.moveTo(points[0][1], points[0][0])
        for row, column in points[1:]:
            path.lineTo(column, row)
        path.closeSubpath()
    return path
