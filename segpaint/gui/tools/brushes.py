"""Brush, eraser and threshold brush."""

from __future__ import annotations

from PySide6.QtGui import QPainterPath

from segpaint.core.masks.fill import in_range
from segpaint.core.masks.paint import Footprint, brush, snap
from segpaint.core.masks.shapes import square_brush
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.canvas.tool import Pointer, Tool


class BrushTool(Tool):
    """Paints along a stroke."""

    name = "Brush"
    hint = "Drag to paint; right drag erases"

    _last: Pointer | None = None
    _shape: tuple[object, QPainterPath] | None = None

    def press(self, pointer: Pointer) -> None:
        self.document.begin_stroke()
        self._last = pointer
        self._paint(pointer, pointer)

    def drag(self, pointer: Pointer) -> None:
        if self._last is not None:
            self._paint(self._last, pointer)
            self._last = pointer

    def release(self, _pointer: Pointer) -> None:
        if self._last is not None:
            self.end_stroke(erase=self._erasing(self._last))
            self._last = None

    def leave(self) -> None:
        if self._last is not None:
            self.release(self._last)

    def footprint(self, pointer: Pointer) -> QPainterPath:
        size = self._size(pointer)
        place = snap(pointer.row, pointer.column, size)
        # The shape is the same wherever the brush is; it is drawn on an endless canvas, whole at the border.
        key = size, self.settings.square
        if self._shape is None or self._shape[0] != key:
            middle = snap(size + 1, size + 1, size)
            touched = self._dab(middle, middle, size, (2 * size + 3, 2 * size + 3))
            path = outline(touched.inside, touched.top, touched.left).translated(-middle[1], -middle[0])
            self._shape = key, path
        return self._shape[1].translated(place[1], place[0])

    def _paint(self, start: Pointer, end: Pointer) -> None:
        footprint = self._dab(start.point, end.point, self._size(end), self.document.mask.shape)
        self.document.paint(self._touched(footprint), erase=self._erasing(end))

    def _touched(self, footprint: Footprint) -> Footprint:
        return footprint

    def _dab(
        self, start: tuple[float, float], end: tuple[float, float], size: int, shape: tuple[int, int]
    ) -> Footprint:
        return (square_brush if self.settings.square else brush)(start, end, size, shape)

    def _erasing(self, pointer: Pointer) -> bool:
        return self.erases or pointer.erases

    def _size(self, pointer: Pointer) -> int:
        size = self.settings.size
        return max(1, round(size * pointer.pressure)) if self.settings.pressure else size


class EraserTool(BrushTool):
    """Gives pixels back to the label that theirs lies inside, or to background."""

    name = "Eraser"
    hint = "Drag to give pixels back to the label that theirs lies inside, or to background"
    erases = True


class ThresholdTool(BrushTool):
    """Paints only where the reference's intensity lies in a range."""

    name = "Threshold brush"
    hint = "Drag on the mask to paint where the reference looks like the place pressed on"

    def press(self, pointer: Pointer) -> None:
        intensities = self.canvas.look_at_reference()
        if intensities is None:
            return
        pixel = pointer.pixel(intensities.shape)
        if self.settings.takes_range and pixel is not None:
            found, tolerance = int(intensities[pixel]), self.settings.tolerance
            self.options.change(lowest=max(0, found - tolerance), highest=min(255, found + tolerance))
        super().press(pointer)

    def _paint(self, start: Pointer, end: Pointer) -> None:
        if self.canvas.intensities is not None:  # it may be put away in the middle of a stroke
            super()._paint(start, end)

    def _touched(self, footprint: Footprint) -> Footprint:
        settings = self.settings
        return in_range(footprint, self.canvas.intensities, settings.lowest, settings.highest)
