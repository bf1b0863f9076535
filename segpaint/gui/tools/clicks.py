"""Fill, magic wand and pick: done by a click."""

from __future__ import annotations

from PySide6.QtCore import Qt

from segpaint.core.masks.fill import fill, wand
from segpaint.gui.canvas.tool import Pointer, Tool


class FillTool(Tool):
    """Fills what has the same value as the pixel clicked on."""

    name = "Fill"
    hint = "Click into a region to fill it; the right button erases it"

    def press(self, pointer: Pointer) -> None:
        mask = self.document.mask
        pixel = pointer.pixel(mask.shape)
        if pixel is not None:
            found = fill(mask.values, pixel, contiguous=self.settings.contiguous)
            self.stamp(found, erase=pointer.erases)


class WandTool(Tool):
    """Paints where the reference looks like the pixel clicked on."""

    name = "Magic wand"
    hint = "Click on the mask to paint all that the reference shows like that place; the right button erases it"

    def press(self, pointer: Pointer) -> None:
        intensities = self.canvas.look_at_reference()
        pixel = None if intensities is None else pointer.pixel(intensities.shape)
        if pixel is not None:
            found, tolerance = float(intensities[pixel]), self.settings.tolerance
            joined = pixel if self.settings.contiguous else None
            self.stamp(wand(intensities, found - tolerance, found + tolerance, joined), erase=pointer.erases)


class PickTool(Tool):
    """Takes up the label under the pointer."""

    name = "Pick"
    hint = "Click on a label to paint with it"
    cursor = Qt.CursorShape.PointingHandCursor

    def press(self, pointer: Pointer) -> None:
        pixel = pointer.pixel(self.document.mask.shape)
        if pixel is not None:
            self.document.paint_value = int(self.document.mask.values[pixel])
