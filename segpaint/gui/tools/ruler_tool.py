"""The ruler: the distance between two points, in millimetres where the size of the pixels is known."""

from math import atan2, cos, hypot, pi, radians, sin

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainterPath

from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.studio.studio import Studio
from segpaint.studio.view.measuring import Point

TURN = radians(45)
"""Directions that Shift keeps to."""


class RulerTool(Tool):
    """Measures from where the button is pressed to where it is released; both ends can be dragged on."""

    row = tool_row("ruler", "Ruler", "U", icon=MDI7.ruler, hint="Measure the distance between two points")
    usage = "Drag over mask or image from one point to another to measure the distance; Shift keeps it straight"
    place = 13

    def __init__(self, studio: Studio, sketch: Sketch) -> None:
        super().__init__(studio, sketch)
        self._held: int | None = None
        for change in (studio.view.measuring.changed, studio.opened.reference_changed):
            change.connect(self._show)

    def press(self, pointer: Pointer) -> None:
        self._held = self.sketch.handle_at(QPointF(pointer.column, pointer.row))
        if self._held is None:
            self._held = 1
            self._lay(pointer.point, pointer.point)

    def drag(self, pointer: Pointer) -> None:
        ends = self.studio.view.measuring.ends
        if self._held is None or ends is None:
            return
        resting, end = ends[1 - self._held], pointer.point
        if pointer.constrained:
            end = _straight(resting, end)
        self._lay(*((end, resting) if self._held == 0 else (resting, end)))

    def release(self, pointer: Pointer) -> None:
        self.drag(pointer)
        self._held = None

    def leave(self) -> None:
        self._held = None
        self.studio.view.measuring.lay_ruler(None)
        self.sketch.clear()

    def _lay(self, first: Point, second: Point) -> None:
        measuring = self.studio.view.measuring
        measuring.lay_ruler((first, second))
        self.told.emit(measuring.words(self.document.pixel_spacing))

    @Slot()
    def _show(self) -> None:
        if self.studio.view.tools.tool == self.row.key:  # else another tool draws there
            show_ruler(self.sketch, self.studio)


class RulerOver(QObject):
    """Shows the ruler on an image beside the mask, and lets it be drawn there as on the canvas.

    Parameters
    ----------
    pane : Pane
        Shows images of the mask's size.
    """

    def __init__(self, studio: Studio, pane: Pane, canvas: Canvas) -> None:
        super().__init__(pane)
        self._studio, self._pane, self._canvas = studio, pane, canvas
        self._sketch = Sketch(pane)
        self._drags = False
        for change in (studio.view.measuring.changed, studio.opened.reference_changed, pane.filled):
            change.connect(self._show)
        pane.viewport().installEventFilter(self)

    @Slot()
    def _show(self) -> None:
        if self._pane.shown is None:
            self._sketch.clear()
        else:
            show_ruler(self._sketch, self._studio)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        is_left = event.button() == Qt.MouseButton.LeftButton
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick if is_left:
                self._drags = self._is_drawn_on
                if self._drags:
                    self._repeat(event)
                return self._drags
            case QEvent.Type.MouseMove | QEvent.Type.MouseButtonRelease if self._drags:
                self._repeat(event)
                if not event.buttons() & Qt.MouseButton.LeftButton:
                    self._drags = False
                    self._canvas.put_pointer_away()
                return True
            case _:
                return False

    @property
    def _is_drawn_on(self) -> bool:
        """Whether a press begins to measure: there is an image, and it is not to be moved."""
        pane = self._pane
        is_moved = pane.is_panning or pane.pans_with_left
        return self._studio.view.tools.tool == RulerTool.row.key and pane.shown is not None and not is_moved

    def _repeat(self, event: QMouseEvent) -> None:
        self._canvas.repeat(event, self._pane.position(event.position()))


def show_ruler(sketch: Sketch, studio: Studio) -> None:
    """Draw the ruler with a handle at each end, where it lies, and write its length beside it."""
    path, measuring = QPainterPath(), studio.view.measuring
    ends = [QPointF(column, row) for row, column in measuring.ends or ()]
    if ends:
        path.moveTo(ends[0])
        path.lineTo(ends[1])
    sketch.show(path, ends, words=measuring.words(studio.document.pixel_spacing))


def _straight(start: Point, end: Point) -> Point:
    """Turn a line to the nearest of eight directions; its length stays."""
    down, right = end[0] - start[0], end[1] - start[1]
    angle = round(atan2(down, right) / TURN) * TURN % (2 * pi)
    length = hypot(down, right)
    return start[0] + length * sin(angle), start[1] + length * cos(angle)
