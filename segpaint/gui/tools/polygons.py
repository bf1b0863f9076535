"""Polygon: points are set by clicks, moved by drags, and closed by Return."""

import weakref

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QKeyEvent

from segpaint.core.masks.shapes import Point, polygon
from segpaint.core.words import counted
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.gui.tools.drawn import to_path
from segpaint.studio.document.document import Document
from segpaint.studio.studio import Studio

CLOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
TAKE_BACK = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class PolygonTool(Tool):
    """Fills a polygon; with the right button, erases it."""

    row = tool_row(
        "polygon", "Polygon", "P", icon=MDI7.vector_square,
        hint="Click points; Return fills what lies between them",
    )  # fmt: skip
    place = 4
    usage = (
        "Click points, drag to move them; Return or a double click fills, the right button erases, "
        "Backspace removes the last, Escape leaves"
    )

    def __init__(self, studio: Studio, sketch: Sketch) -> None:
        super().__init__(studio, sketch)
        self._points: list[Point] = []
        self._held: int | None = None
        self._drawn_on: weakref.ref[Document] | None = None
        self._waiting = sketch.another()
        studio.opened.switched.connect(self._wait)

    def choose(self) -> None:
        # A polygon begun before another tool was chosen is still there, unless the mask has changed.
        if not self._is_of_document:
            self._points, self._drawn_on = [], weakref.ref(self.document)
        self._waiting.clear()
        self._show()

    def leave(self) -> str:
        self._held = None
        self.sketch.clear()
        self._wait()
        if not self._points:
            return ""
        count = counted(len(self._points), "point")
        return f"The polygon of {count} waits: {self.name} goes on with it, and Escape then drops it."

    @Slot()
    def _wait(self) -> None:
        """Keep what is begun on its mask to be seen, so that it does not come back later by surprise."""
        self._waiting.show(to_path(self._points if self._is_of_document else []))

    @property
    def _is_of_document(self) -> bool:
        return self._drawn_on is not None and self._drawn_on() is self.document

    def take_back(self) -> bool:
        if not self._points:
            return False
        self._held = None
        self._points.pop()
        self._show()
        return True

    @property
    def points(self) -> tuple[Point, ...]:
        """Rows and columns of the corners set so far."""
        return tuple(self._points)

    def press(self, pointer: Pointer) -> None:
        if pointer.erases and len(self._points) >= 3:
            self._close(erase=True)
            return
        self._held = self.sketch.handle_at(QPointF(pointer.column, pointer.row))
        if self._held is None:
            self._points.append(pointer.point)
            self._held = len(self._points) - 1
        self._show()

    def drag(self, pointer: Pointer) -> None:
        if self._held is not None:
            self._points[self._held] = pointer.point
            self._show()

    def release(self, _pointer: Pointer) -> None:
        self._held = None

    def double_click(self, _pointer: Pointer) -> None:
        """Close it, since the first of the two clicks has set its last point."""
        self._close(erase=False)

    def wants(self, event: QKeyEvent) -> bool:
        return bool(self._points) and event.key() in (*CLOSE, *TAKE_BACK, Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent) -> None:
        if event.key() in CLOSE:
            self._close(erase=False)
        elif event.key() in TAKE_BACK:
            self.take_back()
        else:
            self._points = []
            self.leave()

    def _close(self, *, erase: bool) -> None:
        points, self._points = self._points, []
        self.leave()
        self.stamp(polygon(points, self.document.mask.shape), erase=erase)

    def _show(self) -> None:
        corners = [QPointF(column, row) for row, column in self._points]
        self.sketch.show(to_path(self._points), corners)
