"""The options of the tool in use, with sliders and numbers."""

from collections.abc import Sequence
from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QWidget

from segpaint.gui.canvas.tool import TOOLS, Tool
from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.switch_row import GAP, SwitchRow
from segpaint.gui.parts.wheel import Slider
from segpaint.gui.style.theme import icon
from segpaint.studio.base.tool_settings import LARGEST_BRUSH
from segpaint.studio.scans.sphere import Sphere
from segpaint.studio.view.options import ToolOptions

SLIDER_END = 60
"""Largest brush on the slider, since larger ones are rare; the number field goes to `LARGEST_BRUSH`."""
LEAST_WIDTH = 60
"""Least width of a field, so that its number is legible in a narrow window."""
SHORTEST = 60
"""Pixels that a slider needs to be shown."""
BALL = "A ball as brush: it paints on neighbouring slices, too, as far as it reaches in millimetres"
IMAGE, SCREEN = " px", " screen px"
"""Units of the size: pixels of the image and its mask, or of the screen."""


class ToolOptionsBar(QWidget):
    """Shows and sets the options of the tool in use."""

    def __init__(self, options: ToolOptions, sphere: Sphere) -> None:
        super().__init__()
        self._options, self._sphere = options, sphere
        self.slider = Slider(Qt.Orientation.Horizontal, minimum=1, maximum=SLIDER_END)
        self.slider.setMaximumWidth(140)
        self.size_box = NumberField(1, LARGEST_BRUSH, suffix=IMAGE)
        self.tolerance = NumberField(
            0, 255, prefix="± ", tip="How far from the intensity clicked on the range reaches"
        )
        self.lowest = NumberField(0, 255, tip="Lowest intensity of the reference painted on")
        self.highest = NumberField(0, 255, tip="Highest intensity of the reference painted on")
        self._keys = "Shift + wheel"
        self._switches = {
            "on_screen": self._switch(
                MDI7.monitor,
                "Size in pixels of the screen: where you zoom in, the brush paints finer; "
                "off, in pixels of the image, and it grows with the zoom",
            ),
            "square": self._switch(MDI7.square_outline, "Square brush"),
            "pressure": self._switch(MDI7.draw_pen, "The pressure of a pen scales the brush"),
            "fills_loops": self._switch(MDI7.circle_slice_8, "A stroke that closes a loop fills it"),
            "sphere": self._switch(MDI7.sphere, BALL),
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
        self._fields: dict[str, NumberField] = {
            "size": self.size_box,
            "tolerance": self.tolerance,
            "lowest": self.lowest,
            "highest": self.highest,
        }
        self.switches = SwitchRow(self._switches)
        for box in self.boxes:
            box.setMinimumWidth(LEAST_WIDTH)
        fields = (self.slider, *self._fields.values(), self.switches)
        in_row(None, *fields, of=self, stretched=self.slider, spacing=GAP)
        self.slider.valueChanged.connect(options.set_size)
        self.size_box.valueChanged.connect(options.set_size)
        for name, box in (("tolerance", self.tolerance), ("lowest", self.lowest), ("highest", self.highest)):
            box.valueChanged.connect(partial(self._take, name))
        for name, switch in self._switches.items():
            if name != "on_screen":
                switch.toggled.connect(partial(self._take, name))
        self._switches["on_screen"].toggled.connect(options.set_on_screen)
        options.changed.connect(self._show)
        sphere.changed.connect(self._show)
        self._show()

    @property
    def boxes(self) -> tuple[NumberField, ...]:
        """The fields for numbers."""
        return self.size_box, self.tolerance, self.lowest, self.highest

    def set_keys(self, smaller: str, larger: str) -> None:
        """Show the keys that change the size; an empty string means none."""
        ways = [f"{smaller} and {larger}"] if smaller and larger else []
        self._keys = ", or ".join([*ways, "Shift + wheel"])
        self._show()

    def minimumSizeHint(self) -> QSize:
        boxes = [box for name, box in self._fields.items() if name in self._shown]
        least = self.switches.least if any(name in self._switches for name in self._shown) else 0
        return QSize(self._width_of(boxes) + least, super().minimumSizeHint().height())

    def _switch(self, glyph: str, tooltip: str) -> QAction:
        text = tooltip.partition(";")[0].partition(":")[0]
        return QAction(text, self, checkable=True, icon=icon(glyph), toolTip=tooltip)

    @property
    def _shown(self) -> tuple[str, ...]:
        return TOOLS.get(self._options.tool, Tool).offered(self._options.settings)

    def _width_of(self, boxes: Sequence[NumberField]) -> int:
        return sum(box.sizeHint().width() + GAP for box in boxes)

    def _take(self, name: str, value: bool | int) -> None:
        self._options.change(**{name: value})

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    @Slot()
    def _show(self) -> None:
        settings = self._options.settings
        shown = self._shown
        for name, switch in self._switches.items():
            switch.setChecked(getattr(settings, name))  # what it sets is set already
        obstacle = self._sphere.obstacle
        self._switches["sphere"].setEnabled(not obstacle)
        self._switches["sphere"].setToolTip(obstacle or BALL)
        for name, field in self._fields.items():
            field.setVisible(name in shown)
        self.size_box.setSuffix(SCREEN if settings.on_screen else IMAGE)
        unit = "pixels of the screen" if settings.on_screen else "pixels of the image"
        for widget in (self.slider, self.size_box):
            widget.setToolTip(f"Brush diameter in {unit} ({self._keys})")
        switches = [name for name in shown if name in self._switches]
        room = self.width() - self._width_of([box for name, box in self._fields.items() if name in shown])
        self.switches.fit(switches, room)
        self.switches.setVisible(bool(switches))
        self.slider.setVisible("slider" in shown and room >= self.switches.width_of(switches) + SHORTEST)
        for box, value in (
            (self.slider, settings.size), (self.size_box, settings.size), (self.tolerance, settings.tolerance),
            (self.lowest, settings.lowest), (self.highest, settings.highest),
        ):  # fmt: skip
            with QSignalBlocker(box):
                box.setValue(value)
