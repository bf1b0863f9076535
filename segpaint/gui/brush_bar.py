"""The size of the brush: a slider for the hand, a number for the eye."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from segpaint.gui.canvas import LARGEST_BRUSH, Canvas
from segpaint.gui.theme import SPACE

SLIDER_END = 60
"""Larger brushes are rare; the number goes on to `LARGEST_BRUSH`."""


class BrushBar(QWidget):
    """Shows and sets a canvas's brush size."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        tooltip = "Brush diameter in mask pixels ([ and ], or Shift + wheel)"
        self.slider = QSlider(Qt.Orientation.Horizontal, minimum=1, maximum=SLIDER_END, toolTip=tooltip)
        self.slider.setMaximumWidth(140)
        self.size_box = QSpinBox(minimum=1, maximum=LARGEST_BRUSH, suffix=" px", toolTip=tooltip)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addStretch(1)
        layout.addWidget(QLabel("Brush"))
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.size_box)
        self._show(canvas.brush_size)
        self.slider.valueChanged.connect(canvas.set_brush_size)
        self.size_box.valueChanged.connect(canvas.set_brush_size)
        canvas.brush_size_changed.connect(self._show)

    @Slot(int)
    def _show(self, size: int) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.size_box):
            self.slider.setValue(size)
            self.size_box.setValue(size)
