"""Settings of the display: the mask over the reference, and the window of intensities."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from segpaint.core.pictures.intensities import BRIGHTEST, WIDEST
from segpaint.gui.looking.histogram import Histogram
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.wheel import Slider
from segpaint.gui.style.theme import SPACE
from segpaint.studio.studio import Studio

SWITCH = "histogram"


class DisplayPanel(QWidget):
    """Opacity and outlines while there is a reference; window and level of any image, on request.

    Parameters
    ----------
    actions : mapping of str to QAction
        "labels_outline", "histogram" and "window_reset".
    """

    opened = Signal(QWidget)
    """The user has opened this part of it."""

    def __init__(self, studio: Studio, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._studio = studio
        self._overlay, self._windowing = studio.view.overlay, studio.view.windowing
        self._image: NDArray[np.uint8] | None = None
        self.opacity = Slider(Qt.Orientation.Horizontal, minimum=0, maximum=100, pageStep=10)
        self.opacity.setToolTip("How much of the reference the mask covers")
        self.opacity.setAccessibleName("Opacity of the mask")
        self.histogram = Histogram(self._windowing)
        self.width_box = self._box("Window", 1, WIDEST, "Width of the range from black to white")
        self.level_box = self._box("Level", 0, BRIGHTEST, "Middle of the range from black to white")
        self.mask_row = QWidget()
        self.intensities = QWidget()
        self._lay_out(actions)
        self.opacity.valueChanged.connect(self._take_opacity)
        self.width_box.valueChanged.connect(self._take_width)
        self.level_box.valueChanged.connect(self._take_level)
        self._overlay.changed.connect(self._show_opacity)
        self._windowing.changed.connect(self._show_window)
        for changed in (studio.opened.switched, studio.opened.reference_changed, studio.runs.frame_changed):
            changed.connect(self.show_image)
        studio.view.switches.changed.connect(self._on_switch)
        self._show_opacity()
        self._show_window()

    def _box(self, name: str, least: int, most: int, hint: str) -> NumberField:
        box = NumberField(least, most, name=name)
        box.setToolTip(
            f"{hint}, for the reference and for images alike; what is saved or generated stays as it is. "
            "Also by dragging on the image with the right button: sideways the window, up and down the level"
        )
        return box

    def _lay_out(self, actions: Mapping[str, QAction]) -> None:
        buttons = self._button(actions["labels_outline"]), self._button(actions["histogram"])
        parts = PlainLabel("Mask"), self.opacity, *buttons
        in_row(*parts, of=self.mask_row, stretched=self.opacity, spacing=SPACE // 2)
        inside = QGridLayout(self.intensities)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(SPACE // 2)
        inside.addWidget(self.histogram, 0, 0, 1, 5)
        for column, box in ((0, self.width_box), (2, self.level_box)):
            caption = PlainLabel(box.accessibleName()[0], toolTip=box.toolTip())  # as in a radiologist's viewer
            caption.setBuddy(box)
            inside.addWidget(caption, 1, column)
            inside.addWidget(box, 1, column + 1)
            inside.setColumnStretch(column + 1, 1)
        inside.addWidget(self._button(actions["window_reset"]), 1, 4)
        in_column(self.mask_row, self.intensities, of=self, spacing=SPACE // 2)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(iconSize=QSize(18, 18))
        button.setDefaultAction(action)
        return button

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key == SWITCH:  # any other would hide the histogram between the start of a run and its first frame
            self.show_image()
            if not self.intensities.isHidden():
                self.opened.emit(self.intensities)

    @Slot()
    def show_image(self) -> None:
        """Show the intensities of the reference, or else of the image looked at."""
        reference, frame = self._studio.document.reference, self._studio.runs.trajectory.current
        picture = frame.picture if frame is not None else None
        image = reference.image if reference is not None else picture
        with_mask = reference is not None
        with_intensities = self._studio.view.switches.is_on(SWITCH) and image is not None
        self.mask_row.setVisible(with_mask)
        self.intensities.setVisible(with_intensities)
        needed = with_mask or with_intensities
        if self.parentWidget() is not None or not needed:  # shown without a parent, it would be a window
            self.setVisible(needed)
        if image is not None and image is not self._image:
            self.histogram.show_pixels(image)
        self._image = image

    # ---- opacity

    @Slot()
    def _show_opacity(self) -> None:
        with QSignalBlocker(self.opacity):
            self.opacity.setValue(round(100 * self._overlay.opacity))

    @Slot(int)
    def _take_opacity(self, percent: int) -> None:
        self._overlay.set_opacity(percent / 100)

    # ---- window and level

    @Slot()
    def _show_window(self) -> None:
        window = self._windowing.window
        with QSignalBlocker(self.width_box), QSignalBlocker(self.level_box):
            self.width_box.setValue(round(window.width))
            self.level_box.setValue(round(window.level))

    @Slot(int)
    def _take_width(self, width: int) -> None:
        self._windowing.window = self._windowing.window.widened(width - self._windowing.window.width)

    @Slot(int)
    def _take_level(self, level: int) -> None:
        self._windowing.window = self._windowing.window.widened(0, level - self._windowing.window.level)
