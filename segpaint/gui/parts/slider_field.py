"""A slider with a field for the same number."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.wheel import Slider
from segpaint.gui.style.theme import SPACE


class SliderField(QWidget):
    """Holds a whole number, for the hand and for the keyboard."""

    valueChanged = Signal(int)  # noqa: N815 - as Qt's own fields have it

    def __init__(self, minimum: int, maximum: int, *, name: str, tip: str) -> None:
        super().__init__(toolTip=tip)
        self.slider = Slider(Qt.Orientation.Horizontal, minimum=minimum, maximum=maximum, accessibleName=name)
        self.field = NumberField(minimum, maximum, name=name)
        self.setFocusProxy(self.field)
        in_row(self.slider, self.field, of=self, stretched=self.slider, spacing=SPACE)
        self.slider.valueChanged.connect(self.setValue)
        self.field.valueChanged.connect(self.setValue)

    def value(self) -> int:
        """Return the number."""
        return int(self.field.value())

    @Slot(int)
    def setValue(self, value: int) -> None:
        """Show a number."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(value)
            self.field.setValue(value)
        self.valueChanged.emit(value)
