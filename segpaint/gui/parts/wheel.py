"""Fields that the wheel changes only while they have the focus; else it scrolls what is around them.

The window's own fields are of the classes here. `only_focused` makes the fields of Qt's own dialogs alike.
"""

from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollBar, QSlider, QWidget

Member = TypeVar("Member", bound=Enum)
if TYPE_CHECKING:
    Base = QWidget
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


class EnumChoice(Choice, Generic[Member]):
    """A box to choose a member of an enum from; members are shown as `str` has them."""

    def __init__(self, members: type[Member]) -> None:
        super().__init__()
        self._members = tuple(members)
        self.addItems([str(member) for member in members])

    @property
    def chosen(self) -> Member:
        """The member that is chosen."""
        return self._members[self.currentIndex()]

    def choose(self, member: Member) -> None:
        """Choose a member."""
        self.setCurrentIndex(self._members.index(member))


def only_focused(widget: QWidget) -> None:
    """Keep the wheel from the fields in a widget, such as a dialog of Qt, while they have no focus."""
    guard = _Guard(widget)
    for field in widget.findChildren(QWidget):
        is_field = isinstance(field, (QAbstractSpinBox, QAbstractSlider, QComboBox))
        if is_field and not isinstance(field, (OnlyFocused, QScrollBar)):
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(guard)


class _Guard(QObject):
    """Passes the wheel on to what is around a field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False
