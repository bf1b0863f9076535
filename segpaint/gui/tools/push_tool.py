"""Push: drags borders along like clay."""

import math

import numpy as np
from fonticon_mdi7 import MDI7
from PySide6.QtGui import QPainterPath

from segpaint.core.masks.push import push
from segpaint.core.masks.shapes import Point
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.studio.document.locks import locked_sentence

LONGEST = 4.0
"""Brush diameters after which the path begins anew, so that the cost per movement stays limited."""
SMALLEST = 4
"""Pixels of the smallest brush that can move a border."""


class PushTool(Tool):
    """Moves the pixels under the brush along with it, keeping each label in one piece."""

    row = tool_row(
        "push", "Push", "G", icon=MDI7.gesture_swipe_right, hint="Drag borders along like clay",
        also=("Anatomy", 301),
    )  # fmt: skip
    usage = "Drag borders like clay; the brush size is how much moves"
    options = ("slider", "size", "on_screen")
    place = 10

    _path: tuple[Point, ...] = ()
    _length = 0.0

    def press(self, pointer: Pointer) -> None:
        self.document.strokes.begin()
        self._begin(pointer.point)

    def drag(self, pointer: Pointer) -> None:
        if not self.document.strokes.is_under_way:  # it was undone meanwhile
            return
        self._length += math.dist(self._path[-1], pointer.point)
        self._path += (pointer.point,)
        self.document.strokes.reshape(push(self._before, self._path, self._size / 2, self.document.locked))
        if self._length > LONGEST * self._size:
            self._begin(pointer.point)

    def release(self, _pointer: Pointer) -> None:
        self.leave()

    def leave(self) -> None:
        if self._path:
            locks = self._locks()
            self.document.strokes.end(self.name)
            self._path = ()
            if locks:
                self.told.emit(locked_sentence(self.document, locks))

    def footprint(self, pointer: Pointer) -> QPainterPath:
        path = QPainterPath()
        left, top = pointer.column - self._size / 2, pointer.row - self._size / 2
        path.addEllipse(left, top, self._size, self._size)
        return path

    def _locks(self) -> set[int]:
        """Find the locked labels that alone keep the stroke from changing anything."""
        document = self.document
        before, locked = document.strokes.before, document.locked
        if before is None or not locked or not np.array_equal(before, document.mask.values):
            return set()
        pushed = push(before, self._path, self._size / 2, ())
        moved = pushed != before
        return {*before[moved].tolist(), *pushed[moved].tolist()} & set(locked)

    @property
    def _size(self) -> int:
        return max(SMALLEST, self.size)

    def _begin(self, point: Point) -> None:
        self._before, self._path, self._length = self.document.mask.snapshot(), (point,), 0.0
