"""Notes in the upper left corner of a pane."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE

TOP, GAP = SPACE // 2, SPACE // 2
"""Small, so that one row finds room above a fitted image, and does not lie across its edge."""


class Badge(PlainLabel):
    """One note; the shown ones of a pane stand beside each other, or below where there is no room.

    Parameters
    ----------
    place : int
        Its place in their order.
    """

    def __init__(self, pane: QWidget, place: int) -> None:
        super().__init__(pane, objectName="badge")
        self._pane, self.place = pane, place
        self._words: tuple[str, ...] = ("",)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        pane.installEventFilter(self)

    def say(self, *words: str) -> None:
        """Show the first wording that fits into the pane; the longest comes first."""
        if words != self._words:
            self._words = words
            self._arrange()

    def fit(self, room: int) -> None:
        """Choose a wording that is at most as wide as this, if there is one."""
        for words in self._words:
            self.setText(words)
            self.adjustSize()
            if self.width() <= room:
                return

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._arrange()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _arrange(self) -> None:
        right = self._pane.width() - SPACE
        left, top = SPACE, TOP
        found = self._pane.findChildren(Badge, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for badge in sorted(found, key=lambda badge: badge.place):
            badge.fit(right - SPACE)
            if badge.isHidden():
                continue
            if left > SPACE and left + badge.width() > right:
                left, top = SPACE, top + badge.height() + GAP // 2
            badge.move(left, top)
            left += badge.width() + GAP
