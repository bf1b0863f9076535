"""Segment by click: takes the label that the segmenter finds at a place."""

import numpy as np
from fonticon_mdi7 import MDI7
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtGui import QPainterPath

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.masks.fill import Pixel, fill
from segpaint.core.masks.paint import Footprint
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.studio.studio import Studio


class SegmentTool(Tool):
    """Paints the region that the segmenter finds around the pixel clicked on, with the label found there."""

    row = tool_row(
        "segment", "Segment by click", "J", icon=MDI7.selection_search,
        hint="Take the label that the model's segmenter finds at a place of the image",
    )  # fmt: skip
    usage = (
        "Click to take the label that the segmenter finds at that place; Shift or the right button erases it"
    )
    place = 12

    def __init__(self, studio: Studio, sketch: Sketch) -> None:
        super().__init__(studio, sketch)
        self._waiting: tuple[Pointer, object] | None = (
            None  # a click on an image, until it is known what is in it
        )
        self._region: tuple[NDArray[np.uint8], Footprint, QPainterPath] | None = None
        studio.found.changed.connect(self._on_found)

    def choose(self) -> None:
        self.studio.found.find()

    def leave(self) -> None:
        self._waiting = self._region = None

    def press(self, pointer: Pointer) -> None:
        found = self.studio.found
        self._waiting = None
        if obstacle := found.obstacle:
            self.told.emit(obstacle)
        elif found.mask is None:
            found.find(again=True)
            self._waiting = pointer, found.image
            self.told.emit("The segmenter looks at the image…")
        else:
            self._take(pointer, found.mask)

    def footprint(self, pointer: Pointer) -> QPainterPath:
        mask, pixel = self.studio.found.mask, pointer.pixel(self.document.mask.shape)
        if mask is None or pixel is None or mask[pixel] == BACKGROUND:
            return QPainterPath()
        if self._region is None or self._region[0] is not mask or not _holds(self._region[1], pixel):
            region = fill(mask, pixel)
            self._region = mask, region, outline(region.inside, region.top, region.left)
        return self._region[2]

    def holds(self, pointer: Pointer) -> bool:
        mask, pixel = self.studio.found.mask, pointer.pixel(self.document.mask.shape)
        if mask is None or pixel is None or mask[pixel] == BACKGROUND:
            return False
        value = int(self.document.mask.values[pixel])
        return self.document.holds(value, erase=pointer.erases, label=int(mask[pixel]))

    def _take(self, pointer: Pointer, mask: NDArray[np.uint8]) -> None:
        document, erase = self.document, pointer.erases or pointer.constrained
        pixel = pointer.pixel(document.mask.shape)
        if pixel is None:
            return
        label = int(mask[pixel])
        if label == BACKGROUND:
            self.told.emit("The segmenter finds no label at this place.")
            return
        name = document.name_of(label)
        document.strokes.begin()
        document.paint(fill(mask, pixel), erase=erase, label=label)
        document.strokes.end(f"{self.name}, {name}{' erased' if erase else ''}")
        if self.report_kept(erase=erase, label=label):
            return
        if not document.strokes.kept:
            self.told.emit(f"{'Erased' if erase else 'Took'} {name}, as the segmenter finds it here.")
        elif erase:
            self.told.emit(f"There is no {name} here to erase.")
        else:
            self.told.emit(f"The mask shows {name} here already.")

    @Slot()
    def _on_found(self) -> None:
        if self.studio.view.tools.tool != self.row.key:
            return
        found, waiting = self.studio.found, self._waiting
        found.find()
        if waiting is not None and (waiting[1] is not found.image or not found.is_busy):
            self._waiting = None  # else it would be taken on another slice, or long after the segmenter failed
            self.told.emit("")
            if waiting[1] is found.image and found.mask is not None:
                self._take(waiting[0], found.mask)
        self.outlined.emit()


def _holds(region: Footprint, pixel: Pixel) -> bool:
    row, column = pixel[0] - region.top, pixel[1] - region.left
    rows, columns = region.inside.shape
    return 0 <= row < rows and 0 <= column < columns and bool(region.inside[row, column])
