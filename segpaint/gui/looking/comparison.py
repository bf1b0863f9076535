"""Draws a comparison at the same zoom: side by side, swipe, blink, difference."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QTimer, Slot
from PySide6.QtGui import QPainterPath

from segpaint.core.pictures.compare import alike, difference_colors, swiped
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.side_pane import SidePane
from segpaint.gui.looking.comparison_note import ComparisonNote
from segpaint.gui.style.theme_colors import SWIPE
from segpaint.studio.studio import Studio
from segpaint.studio.view.comparison import Against, Mode, Other

BLINK = 700
"""Milliseconds that each image is shown."""

MISSING = {
    Against.AUTOMATIC: "Nothing to compare with: pin an image, branch off, or open a reference",
    Against.PINNED: "Nothing is pinned to compare with",
    Against.PARENT: "This image comes from no other branch to compare with",
    Against.REFERENCE: "There is no reference beside this image to compare with",
    Against.MASK: "There is no mask to compare with",
}
ANOTHER_PATIENT = "Not compared: the two images are of different patients"


class ComparisonView(QObject):
    """Draws `segpaint.studio.view.comparison.Comparison` in its mode.

    Parameters
    ----------
    side : SidePane
        Shows the other image, side by side.
    """

    def __init__(self, studio: Studio, pane: ImagePane, side: SidePane) -> None:
        super().__init__(pane)
        self._runs, self._windowing = studio.runs, studio.view.windowing
        self._comparison = studio.view.comparison
        self._pane, self._side = pane, side
        self._mode = Mode.OFF
        self._column: float | None = None  # under the pointer; the middle until it has been on the image
        self._shows_other = False
        self._timer = QTimer(self, interval=BLINK)
        self._timer.timeout.connect(self._blink)
        self.note = ComparisonNote(pane)
        self._border = pane.add_outline(SWIPE)
        pane.hovered.connect(self._on_hover)
        self._comparison.changed.connect(self._on_comparison)
        studio.runs.frame_changed.connect(self._show_around)
        self._on_comparison()

    def swipe_to(self, column: float) -> None:
        """Move the border of a swipe to the left edge of a column."""
        self._column = column
        if self._mode is Mode.SWIPE:
            self._show()

    @Slot(object)
    def _on_hover(self, point: QPointF | None) -> None:
        if point is not None:
            self.swipe_to(point.x())

    @Slot()
    def _on_comparison(self) -> None:
        if self._comparison.mode is not self._mode:
            self._mode, self._shows_other = self._comparison.mode, False
            self._side.setVisible(self._mode is Mode.SIDE)
            if self._mode is Mode.BLINK:
                self._timer.start()
            else:
                self._timer.stop()
        self._show()

    @Slot()
    def _blink(self) -> None:
        self._shows_other = not self._shows_other
        self._show()

    def _show(self) -> None:
        self._pane.set_composer(self._compose if self._mode.composes else None)
        if not self._mode.composes:
            self.note.hide()
        if self._mode is not Mode.SWIPE:
            self._border.setPath(QPainterPath())
        self._show_around()

    @Slot()
    def _show_around(self) -> None:
        """Show the pane beside the image, or a note if there is no image to combine."""
        if self._mode is Mode.SIDE:
            other = self._comparison.other
            if other is None:
                self._side.show_nothing(self._missing + ".")
            else:
                self._side.show_image(other.name[0].upper() + other.name[1:], self._shown(other))
        elif self._mode.composes and self._runs.looked_at is None and not self._comparison.shows_reference:
            self.note.show_words("Compares as soon as there is an image")

    @property
    def _missing(self) -> str:
        return ANOTHER_PATIENT if self._comparison.mixes_patients else MISSING[self._comparison.against]

    def _shown(self, other: Other) -> NDArray[np.uint8]:
        return other.pixels if other.is_mask else self._windowing.window.applied(other.pixels)

    def _compose(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Combine both images, with the pane's original pixels, not the displayed ones."""
        comparison, note, mode = self._comparison, self.note, self._mode
        other = comparison.other
        shown = pixels if mode.is_difference else self._windowing.window.applied(pixels)
        if other is None or other.pixels.shape[:2] != pixels.shape[:2]:
            note.show_words(self._missing)
            self._border.setPath(QPainterPath())
            return shown
        this = "reference" if comparison.shows_reference else "this image"
        match mode:
            case Mode.SWIPE:
                note.show_words(f"{this}  |  {other.name}")
                column = pixels.shape[1] / 2 if self._column is None else self._column
                self._draw_border(column, pixels.shape[0])
                return swiped(*alike(shown, self._shown(other)), column)
            case Mode.BLINK:
                note.show_words(other.name if self._shows_other else this)
                return self._shown(other) if self._shows_other else shown
            case _ if other.is_mask:
                note.show_words("A mask has no intensities, and so no difference from an image")
                return shown
            case Mode.OUTSIDE:
                note.show_words(f"{this} − {other.name}, outside the edit", with_colors=True)
                return difference_colors(*alike(pixels, other.pixels), comparison.outside)
            case _:
                note.show_words(f"{this} − {other.name}", with_colors=True)
                return difference_colors(*alike(pixels, other.pixels))

    def _draw_border(self, column: float, height: int) -> None:
        path = QPainterPath(QPointF(round(column), 0))
        path.lineTo(round(column), height)
        self._border.setPath(path)
