"""Fields that the wheel changes only while they have the focus; else it scrolls what is around them."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSlider
from superqt import QEnumComboBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as Base
else:
    Base = object


class OnlyFocused(Base):
    """Mixed into a class of fields, before Qt's own class."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt's own policy also gives the focus by the wheel

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Slider(OnlyFocused, QSlider):
    """A slider."""


class Choice(OnlyFocused, QComboBox):
    """A box to choose from."""


class EnumChoice(OnlyFocused, QEnumComboBox):
    """A box to choose a member of an enum from."""
