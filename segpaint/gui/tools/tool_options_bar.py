"""The options of the tool in use, with sliders and numbers."""

from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from segpaint.gui.canvas.tool import TOOLS, Tool
from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.wheel import Slider
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.base.tool_settings import LARGEST_BRUSH
from segpaint.studio.view.options import ToolOptions

SLIDER_END = 60
"""Largest brush on the slider, since larger ones are rare; the number field goes to `LARGEST_BRUSH`."""
LEAST_WIDTH = 60
"""Least width of a field, so that its number is legible in a narrow window."""
ROOM = 230
"""Width from which on a slider is shown."""


class ToolOptionsBar(QWidget):
    """Shows and sets the options of the tool in use."""

    def __init__(self, options: ToolOptions) -> None:
        super().__init__()
        self._options = options
        self.slider = Slider(Qt.Orientation.Horizontal, minimum=1, maximum=SLIDER_END)
        self.slider.setMaximumWidth(140)
        self.size_box = NumberField(1, LARGEST_BRUSH, suffix=" px")
        self.tolerance = NumberField(
            0, 255, prefix="± ", tip="How far from the intensity clicked on the range reaches"
        )
        self.lowest = NumberField(0, 255, tip="Lowest intensity of the reference painted on")
        self.highest = NumberField(0, 255, tip="Highest intensity of the reference painted on")
        self._switches = {
            "square": self._switch(MDI7.square_outline, "Square brush"),
            "pressure": self._switch(MDI7.draw_pen, "The pressure of a pen scales the brush"),
            "fills_loops": self._switch(MDI7.circle_slice_8, "A stroke that closes a loop fills it"),
            "contiguous": self._switch(
                MDI7.link_variant, "Only what is joined to the pixel clicked on; off, it everywhere"
            ),
            "with_enclosed": self._switch(
                MDI7.circle_double, "What the label encloses goes along, as the cavity with its wall"
            ),
            "takes_range": self._switch(
                MDI7.eyedropper,
                "Each stroke takes its range around the intensity pressed on; off, the range stays",
            ),
        }
        self._fields: dict[str, QWidget] = {
            "slider": self.slider,
            "size": self.size_box,
            **self._switches,
            "tolerance": self.tolerance,
            "lowest": self.lowest,
            "highest": self.highest,
        }
        for box in self.boxes:
            box.setMinimumWidth(LEAST_WIDTH)
        in_row(None, *self._fields.values(), of=self, stretched=self.slider, spacing=SPACE // 2)
        self.slider.valueChanged.connect(options.set_size)
        self.size_box.valueChanged.connect(options.set_size)
        for name, box in (("tolerance", self.tolerance), ("lowest", self.lowest), ("highest", self.highest)):
            box.valueChanged.connect(partial(self._take, name))
        for name, button in self._switches.items():
            button.toggled.connect(partial(self._take, name))
        options.changed.connect(self._show)
        self._show()

    @property
    def boxes(self) -> tuple[NumberField, ...]:
        """The fields for numbers."""
        return self.size_box, self.tolerance, self.lowest, self.highest

    def set_keys(self, smaller: str, larger: str) -> None:
        """Show the keys that change the size; an empty string means none."""
        ways = [f"{smaller} and {larger}"] if smaller and larger else []
        tooltip = f"Brush diameter in mask pixels ({', or '.join([*ways, 'Shift + wheel'])})"
        self.slider.setToolTip(tooltip)
        self.size_box.setToolTip(tooltip)

    def _switch(self, glyph: str, tooltip: str) -> QToolButton:
        button = QToolButton(checkable=True, icon=icon(glyph), toolTip=tooltip, iconSize=QSize(18, 18))
        button.setAccessibleName(tooltip)
        return button

    def _take(self, name: str, value: bool | int) -> None:
        self._options.change(**{name: value})

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    @Slot()
    def _show(self) -> None:
        settings = self._options.settings
        shown = TOOLS.get(self._options.tool, Tool).offered(settings)
        for name, field in self._fields.items():
            field.setVisible(name in shown and (field is not self.slider or self.width() >= ROOM))
        for box, value in (
            (self.slider, settings.size), (self.size_box, settings.size), (self.tolerance, settings.tolerance),
            (self.lowest, settings.lowest), (self.highest, settings.highest),
        ):  # fmt: skip
            with QSignalBlocker(box):
                box.setValue(value)
        for name, button in self._switches.items():
            with QSignalBlocker(button):
                button.setChecked(getattr(settings, name))
