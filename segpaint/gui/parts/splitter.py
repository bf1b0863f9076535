"""Widgets that share their room, with borders that the user drags."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from segpaint.gui.style.theme import SPACE, colors

THIN = SPACE // 2
"""Width of a border in pixels."""
GRIP = 4 * SPACE
"""Length of the line in a wide border by which it is found, in pixels."""


class Border(QSplitterHandle):
    """The border between two widgets; a double click puts all borders back."""

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a line while the pointer is on it, and a short one at other times where there is room."""
        line = self.rect()
        long, wide = max(line.width(), line.height()), min(line.width(), line.height())
        cut = 0 if self.underMouse() else (long - GRIP) // 2
        if not self.underMouse() and wide < 2 * THIN:
            return
        if self.orientation() is Qt.Orientation.Horizontal:
            line.adjust((wide - 2) // 2, cut, -(wide - 2) // 2, -cut)
        else:
            line.adjust(cut, (wide - 2) // 2, -cut, -(wide - 2) // 2)
        QPainter(self).fillRect(line, QColor(colors().accent if self.underMouse() else colors().line))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        around = self.splitter()
        if isinstance(around, Splitter):
            around.reset()
        event.accept()


class Splitter(QSplitter):
    """Divides its room by a rule until the user drags a border, and then as the user left it.

    What the user chose holds for the widgets that were shown then: with others, the rule divides.

    Parameters
    ----------
    name : str
        Names what the user chose in the preferences.
    divide : callable
        Takes the room in pixels, and returns that of each part in pixels; those of hidden parts do not count,
        and the others grow or shrink alike to fill the room.
    giving : int or None
        Place of the part that alone takes or gives room when there is more or less of it than when the user
        chose; None if all do alike.
    border : int
        Width of the borders in pixels.
    """

    def __init__(
        self,
        name: str,
        orientation: Qt.Orientation,
        divide: Callable[[int], Sequence[int]],
        giving: int | None = None,
        border: int = THIN,
    ) -> None:
        super().__init__(orientation, childrenCollapsible=False, handleWidth=border)
        self.name = name
        self._divide, self._giving = divide, giving
        self._chosen: dict[str, list[int]] = {}
        self.splitterMoved.connect(self._choose)

    def fill(self, *parts: QWidget) -> None:
        """Put widgets in, from left to right or from top to bottom."""
        for part in parts:
            self.addWidget(part)
            part.installEventFilter(self)

    @property
    def chosen(self) -> dict[str, list[int]]:
        """What the user chose in pixels, by which parts were shown: a 1 or a 0 for each."""
        return self._chosen

    def choose(self, chosen: Mapping[str, Sequence[int]]) -> None:
        """Divide as the user did earlier; what does not fit these parts is left out."""
        count = self.count()
        self._chosen = {
            shown: list(sizes)
            for shown, sizes in chosen.items()
            if len(shown) == len(sizes) == count and set(shown) <= {"0", "1"} and max(sizes) > 0
        }
        self.divide()

    def reset(self) -> None:
        """Forget what the user chose."""
        self._chosen.clear()
        self.divide()

    def divide(self) -> None:
        """Give each part its room."""
        along = self.orientation() is Qt.Orientation.Horizontal
        room = self.width() if along else self.height()
        room -= self.handleWidth() * (self._shown.count("1") - 1)
        sizes = list(self._chosen.get(self._shown, ()))
        if not sizes:
            sizes = list(self._divide(room))
        elif self._giving is not None:
            sizes[self._giving] = max(sizes[self._giving] + room - sum(sizes), 0)
        if sizes != self.sizes():
            self.setSizes(sizes)

    def createHandle(self) -> QSplitterHandle:
        border = Border(self.orientation(), self)
        border.setToolTip("Drag this border; a double click puts it back")
        return border

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.divide()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.divide()
        return done

    @property
    def _shown(self) -> str:
        parts = (self.widget(place) for place in range(self.count()))
        return "".join("0" if part is None or part.isHidden() else "1" for part in parts)

    @Slot()
    def _choose(self) -> None:
        self._chosen[self._shown] = self.sizes()
