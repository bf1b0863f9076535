"""The image as it forms, beside the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from segpaint.core.masks.mask import Box
from segpaint.core.runs.trajectory import Frame
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.tiled_items import LabelOutlines
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.view.viewpoint import Viewpoint
from segpaint.studio.view.windowing import Windowing

Composer: TypeAlias = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

HINT = "Paint a mask on the left, or take an example from the File menu. Then press Generate."


class ImagePane(Pane):
    """Shows the frame of a run that is looked at; until there is one, the reference.

    Parameters
    ----------
    viewpoint : Viewpoint
    windowing : Windowing
    """

    def __init__(self, viewpoint: Viewpoint, windowing: Windowing, parent: QWidget | None = None) -> None:
        super().__init__(viewpoint, HINT, parent)
        self._windowing = windowing
        self._frame: Frame | None = None
        self._document: Document | None = None
        self._heard = Connections()
        self._composer: Composer | None = None
        self._shows_noisy = False
        self._shows_outlines = False
        self._outlines = LabelOutlines()
        self._box.addItem(self._outlines, ignoreBounds=True)
        self.set_smooth(True)
        windowing.changed.connect(self._show_again)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Outline this document's mask from now on."""
        self._document = document
        self._heard.renew(
            (document.mask_changed, self._draw_outlines),
            (document.labels_changed, self._set_pens),
            (document.reference_changed, self._show_again),
        )
        self._set_pens()
        self._show_again()

    @Slot(object)
    def show_frame(self, frame: Frame | None) -> None:
        """Show this frame."""
        self._frame = frame
        if frame is None:
            reference = self._document.reference if self._document is not None else None
            self._present(reference.image if reference is not None else None)
        else:
            self._present(frame.noisy if self._shows_noisy else frame.picture)

    def _present(self, pixels: NDArray[np.uint8] | None) -> None:
        if pixels is not None:
            pixels = (self._composer or self._windowing.window.applied)(pixels)
        self.show_pixels(pixels)

    def set_composer(self, composer: Composer | None) -> None:
        """Show what a function makes of each image, instead of the image through the window set."""
        if composer is not None or self._composer is not None:
            self._composer = composer
            self.show_frame(self._frame)

    @Slot()
    def _show_again(self) -> None:
        self.show_frame(self._frame)

    @Slot(bool)
    def set_noisy(self, noisy: bool) -> None:
        """Show the sample itself rather than the estimate of the finished image."""
        self._shows_noisy = noisy
        self.show_frame(self._frame)

    @Slot(bool)
    def set_outlines(self, shown: bool) -> None:
        """Draw the labels' borders over the image, or not."""
        self._shows_outlines = shown
        self._set_pens()

    @Slot()
    def _set_pens(self) -> None:
        if self._document is None:
            return
        document = self._document
        # Where two labels meet, the one inside shows: it is the smaller.
        shown = [label for label in document.table.nested() if document.label_state(label.index).shown]
        self._outlines.set_pens({label.index: QPen(QColor(label.color), 1.5) for label in shown})
        self._outlines.setVisible(self._shows_outlines)
        self._draw_outlines(None)

    @Slot(object)
    def _draw_outlines(self, box: Box | None) -> None:
        if self._document is not None and self._shows_outlines:
            self._outlines.show_values(self._document.mask.values, box)
