"""Fill, magic wand and pick: tools used by a click."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt

from segpaint.core.masks.fill import fill, wand
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row


class FillTool(Tool):
    """Fills the pixels with the same value as the clicked one."""

    row = tool_row("fill", "Fill", "F", icon=MDI7.format_color_fill, hint="Fill what has one value")
    usage = "Click into a region to fill it; the right button erases it"
    options = ("contiguous",)
    place = 2

    def press(self, pointer: Pointer) -> None:
        mask = self.document.mask
        pixel = pointer.pixel(mask.shape)
        if pixel is not None:
            found = fill(mask.values, pixel, contiguous=self.settings.contiguous)
            self.stamp(found, erase=pointer.erases)


class WandTool(Tool):
    """Paints where the reference looks like the clicked pixel."""

    row = tool_row(
        "wand", "Magic wand", "Y", icon=MDI7.magic_staff,
        hint="Paint where the reference looks like the pixel clicked on",
    )  # fmt: skip
    usage = (
        "Click on the mask to paint all that the reference shows like that place; the right button erases it"
    )
    options = ("contiguous", "tolerance")
    place = 9

    def press(self, pointer: Pointer) -> None:
        intensities = self.look_at_reference()
        pixel = pointer.pixel(self.document.mask.shape)
        if intensities is not None and pixel is not None:
            found, tolerance = float(intensities[pixel]), self.settings.tolerance
            joined = pixel if self.settings.contiguous else None
            self.stamp(wand(intensities, found - tolerance, found + tolerance, joined), erase=pointer.erases)


class PickTool(Tool):
    """Selects the label under the pointer."""

    row = tool_row(
        "pick", "Pick label", "I", icon=MDI7.eyedropper,
        hint="Paint with the label under the pointer; also Ctrl+Alt+click",
    )  # fmt: skip
    usage = "Click on a label to paint with it"
    place = 3
    cursor = Qt.CursorShape.PointingHandCursor

    def press(self, pointer: Pointer) -> None:
        pixel = pointer.pixel(self.document.mask.shape)
        if pixel is not None:
            self.document.paint_value = int(self.document.mask.values[pixel])
