"""Brush, eraser and threshold brush."""

from functools import partial

import numpy as np
from fonticon_mdi7 import MDI7
from PySide6.QtGui import QPainterPath

from segpaint.core.masks.enclosed import Draw, Trail
from segpaint.core.masks.fill import in_range
from segpaint.core.masks.paint import Footprint, brush, snap
from segpaint.core.masks.shapes import square_brush
from segpaint.gui.canvas.outlines import area, outline
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.studio.base.tool_settings import ToolSettings
from segpaint.studio.scans.sphere import SphereStroke

NEAR = 24
"""Screen pixels from its beginning in which a stroke is about to close, unless the brush is wider."""


class BrushTool(Tool):
    """Paints along a stroke."""

    row = tool_row("brush", "Brush", "B", icon=MDI7.brush, hint="Paint with the chosen label", default=True)
    usage = "Drag to paint; right drag erases"
    options = ("slider", "size", "on_screen", "square", "pressure", "fills_loops", "sphere")
    place = 0

    _last: Pointer | None = None
    _trail: Trail | None = None
    _ball: SphereStroke | None = None
    _shape: tuple[object, QPainterPath] | None = None

    def press(self, pointer: Pointer) -> None:
        self.document.strokes.begin()
        self._last = pointer
        fills = self.settings.fills_loops and "fills_loops" in self.offered(self.settings)
        self._trail = Trail(self.document.mask.shape) if fills else None
        self._ball = self.studio.sphere.begin(fills_loops=fills) if self._is_ball else None
        if self._ball is not None:
            rule = self.document.rule(erase=self._erasing(pointer))
            self.document.strokes.reach_beyond(self._ball.reached, rule)
        self._paint(pointer, pointer)

    def drag(self, pointer: Pointer) -> None:
        if self._last is not None:
            self._paint(self._last, pointer)
            self._last = pointer

    def release(self, _pointer: Pointer) -> None:
        if self._last is not None:
            self.end_stroke(erase=self._erasing(self._last))
            self._last = self._trail = self._ball = None
            self.sketch.clear()

    def leave(self) -> None:
        if self._last is not None:
            self.release(self._last)

    def footprint(self, pointer: Pointer) -> QPainterPath:
        size = self._size(pointer)
        place = snap(pointer.row, pointer.column, size)
        # The brush has the same shape everywhere; it is drawn on an endless canvas, whole even at the border.
        key = size, self._is_square
        if self._shape is None or self._shape[0] != key:
            middle = snap(size + 1, size + 1, size)
            touched = self._dab(size, middle, middle, (2 * size + 3, 2 * size + 3))
            path = outline(touched.inside, touched.top, touched.left).translated(-middle[1], -middle[0])
            self._shape = key, path
        return self._shape[1].translated(place[1], place[0])

    def _paint(self, start: Pointer, end: Pointer) -> None:
        footprint = self._dab(self._size(end), start.point, end.point, self.document.mask.shape)
        self.document.paint(self._touched(footprint), erase=self._erasing(end))
        if self._ball is not None:
            self._ball.add(start.point, end.point, self._size(end))
        if self._trail is not None:
            self._fill(self._trail, start, end)

    def _fill(self, trail: Trail, start: Pointer, end: Pointer) -> None:
        """Paint what the stroke encloses by now; if it is about to close, show what it would enclose."""
        size = self._size(end)
        draw: Draw = partial(self._dab, size)
        self.document.paint(trail.add(draw, start.point, end.point), erase=self._erasing(end))
        closing = trail.closing(draw, end.point, max(2 * size, NEAR / self.studio.view.viewpoint.zoom))
        place = closing.inside, closing.top, closing.left
        self.sketch.show(outline(*place), filled=area(*place))  # nothing, where nothing is about to close

    def _touched(self, footprint: Footprint) -> Footprint:
        return footprint

    def _dab(
        self, size: int, start: tuple[float, float], end: tuple[float, float], shape: tuple[int, int]
    ) -> Footprint:
        return (square_brush if self._is_square else brush)(start, end, size, shape)

    @property
    def _is_ball(self) -> bool:
        is_set = self.settings.sphere and "sphere" in self.offered(self.settings)
        return is_set and not self.studio.sphere.obstacle

    @property
    def _is_square(self) -> bool:
        return self.settings.square and not self._is_ball

    def _erasing(self, pointer: Pointer) -> bool:
        return self.erases or pointer.erases

    def _size(self, pointer: Pointer) -> int:
        return max(1, round(self.size * pointer.pressure)) if self.settings.pressure else self.size


class EraserTool(BrushTool):
    """Restores the label around that of a pixel, or background."""

    row = tool_row(
        "eraser", "Eraser", "E", icon=MDI7.eraser,
        hint="Give pixels back to the label around, or to background; also right drag, or Ctrl held",
    )  # fmt: skip
    usage = "Drag to give pixels back to the label that theirs lies inside, or to background"
    place = 1
    erases = True


class ThresholdTool(BrushTool):
    """Paints only where the reference's intensity lies in a range."""

    row = tool_row(
        "threshold", "Threshold brush", "T", icon=MDI7.contrast_circle,
        hint="Paint only where the reference's intensity lies in a range",
    )  # fmt: skip
    usage = "Drag on the mask to paint where the reference looks like the place pressed on"
    place = 8

    @classmethod
    def offered(cls, settings: ToolSettings) -> tuple[str, ...]:
        """Return one of two ways to set its range."""
        ends = ("tolerance",) if settings.takes_range else ("lowest", "highest")
        return "size", "on_screen", "takes_range", *ends

    def press(self, pointer: Pointer) -> None:
        intensities = self.look_at_reference()
        if intensities is None:
            return
        pixel = pointer.pixel(intensities.shape)
        if self.settings.takes_range and pixel is not None:
            found, tolerance = int(intensities[pixel]), self.settings.tolerance
            self.studio.view.tools.change(lowest=max(0, found - tolerance), highest=min(255, found + tolerance))
        super().press(pointer)

    def _touched(self, footprint: Footprint) -> Footprint:
        intensities, settings = self.intensities, self.settings
        if intensities is None:  # it may be removed during a stroke
            return Footprint(0, 0, np.zeros((0, 0), np.bool_))
        return in_range(footprint, intensities, settings.lowest, settings.highest)
