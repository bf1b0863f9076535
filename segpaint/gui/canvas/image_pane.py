"""The image during its generation, beside the canvas."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QPen

from segpaint.core.masks.mask import Box
from segpaint.core.runs.run_state import RunState
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.tiled_items import LabelOutlines
from segpaint.studio.studio import Studio

Composer: TypeAlias = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

HINT = "Paint a mask on the left, or take an example from the File menu. Then press Generate."
WAITING = "The image starts to form when the model is loaded."
STARTING = "The image is about to form."
NOISY, OUTLINES = "noisy", "outlines"
"""The switches that it follows: the noisy sample instead of the estimate of the finished image, and the
borders of labels over the image."""


class ImagePane(Pane):
    """Shows the frame of a run that is looked at; until there is one, the reference."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio.view.viewpoint, HINT, studio.view.switches)
        self._studio = studio
        self._composer: Composer | None = None
        self._outlines = LabelOutlines()
        self._box.addItem(self._outlines, ignoreBounds=True)
        opened, view = studio.opened, studio.view
        opened.switched.connect(self._on_document)
        opened.mask_changed.connect(self._draw_outlines)
        opened.labels_changed.connect(self._set_pens)
        opened.reference_changed.connect(self._show)
        studio.runs.frame_changed.connect(self._on_frame)
        studio.runs.prepared.connect(self._on_preparation)
        studio.runs.state_changed.connect(self._on_state)
        studio.runs.model_changed.connect(self._say_what_next)
        view.windowing.changed.connect(self._show)
        view.switches.changed.connect(self._on_switch)
        self._on_document()

    def set_composer(self, composer: Composer | None) -> None:
        """Show a function of each image, instead of the windowed image."""
        if composer is not None or self._composer is not None:
            self._composer = composer
            self._show()

    @Slot()
    def _on_document(self) -> None:
        self._set_pens()
        self._show()

    @Slot()
    def _on_frame(self) -> None:
        self.veil("")
        self._show()

    @Slot(float)
    def _on_preparation(self, done: float) -> None:
        request = self._studio.runs.request
        if self._is_old and request is not None:
            count = request.steps
            self.veil(f"Leading the reference back to noise, {round(done * count)} of {count}")

    @Slot()
    def _on_state(self) -> None:
        if self._is_old and self._studio.runs.state in (RunState.STOPPED, RunState.FAILED):
            shown = "the reference" if self._studio.runs.looked_at is None else "an earlier image"
            self.veil(f"Ended before its first step; this is {shown}")
        self._say_what_next()

    @Slot()
    def _say_what_next(self) -> None:
        """Show in an empty pane what leads to an image, or what is under way already."""
        runs = self._studio.runs
        if runs.is_waiting:
            self.hint.setText(WAITING)
        elif runs.state is RunState.RUNNING:
            self.hint.setText(STARTING)
        else:
            self.hint.setText(HINT)

    @property
    def _is_old(self) -> bool:
        """Whether what is shown is not of the run that was asked for."""
        runs = self._studio.runs
        return runs.branches.current is not None and runs.trajectory.current is None

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key == NOISY:
            self._show()
        elif key == OUTLINES:
            self._set_pens()

    @Slot()
    def _show(self) -> None:
        view, shown, reference = self._studio.view, self._studio.runs.looked_at, self._studio.document.reference
        pixels = reference.image if reference is not None else None
        if shown is not None:
            frame = shown[1]
            pixels = frame.noisy if view.switches.is_on(NOISY) else frame.picture
        if pixels is not None:
            pixels = (self._composer or view.windowing.window.applied)(pixels)
        self.show_pixels(pixels)

    @Slot()
    def _set_pens(self) -> None:
        document = self._studio.document
        # Where two labels meet, the border of the inner, smaller one is shown.
        shown = [label for label in document.table.nested() if document.label_state(label.index).shown]
        self._outlines.set_pens({label.index: QPen(QColor(label.color), 1.5) for label in shown})
        self._outlines.setVisible(self._studio.view.switches.is_on(OUTLINES))
        self._draw_outlines(None)

    @Slot(object)
    def _draw_outlines(self, box: Box | None) -> None:
        if self._outlines.isVisible():
            self._outlines.show_values(self._studio.document.mask.values, box)
