"""Push: drags borders along like clay."""

from __future__ import annotations

import math

from PySide6.QtGui import QPainterPath

from segpaint.core.masks.push import push
from segpaint.core.masks.shapes import Point
from segpaint.gui.canvas.tool import Pointer, Tool

LONGEST = 4.0
"""Brush diameters after which the path begins anew, so that a long one costs no more and more."""
SMALLEST = 4
"""Pixels of the smallest brush that can move a border."""


class PushTool(Tool):
    """Moves what lies under the brush along with it, keeping each label in one piece."""

    name = "Push"
    hint = "Drag borders like clay; the brush size is how much moves"

    _path: list[Point]
    _length = 0.0

    def press(self, pointer: Pointer) -> None:
        self.document.begin_stroke()
        self._begin(pointer.point)

    def drag(self, pointer: Pointer) -> None:
        if not self.document.is_stroking:  # it was undone meanwhile
            return
        self._length += math.dist(self._path[-1], pointer.point)
        self._path.append(pointer.point)
        self.document.reshape(push(self._before, self._path, self._size / 2, self.document.locked))
        if self._length > LONGEST * self._size:
            self._begin(pointer.point)

    def release(self, _pointer: Pointer) -> None:
        self.document.end_stroke(self.name)

    def footprint(self, pointer: Pointer) -> QPainterPath:
        path = QPainterPath()
        left, top = pointer.column - self._size / 2, pointer.row - self._size / 2
        path.addEllipse(left, top, self._size, self._size)
        return path

    @property
    def _size(self) -> int:
        return max(SMALLEST, self.settings.size)

    def _begin(self, point: Point) -> None:
        self._before, self._path, self._length = self.document.mask.snapshot(), [point], 0.0
