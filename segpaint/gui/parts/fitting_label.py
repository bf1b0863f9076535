"""A line in as many words as fit."""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent

from segpaint.gui.parts.plain import ElidingLabel


class FittingLabel(ElidingLabel):
    """Shows the first of some wordings that fits; cut off only where even the last one does not."""

    spare = 0

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._words: tuple[str, ...] = ("",)

    @property
    def sentence(self) -> str:
        """The full wording."""
        return self._words[0]

    def say(self, *words: str) -> None:
        """Show the first wording that fits; the longest comes first."""
        self._words = words
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return self._room_for(self._words[0])

    def minimumSizeHint(self) -> QSize:
        return self._room_for(self._words[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _room_for(self, words: str) -> QSize:
        self.ensurePolished()
        # One more, since an advance is rounded.
        return QSize(self.fontMetrics().horizontalAdvance(words) + 1, super().sizeHint().height())

    def _fit(self) -> None:
        room = self.contentsRect().width()
        metrics, cut = self.fontMetrics(), Qt.TextElideMode.ElideRight
        # Asked like this, since an advance is rounded: a text that is as wide as the room may be cut.
        fitting = (text for text in self._words if metrics.elidedText(text, cut, room) == text)
        self.setText(next(fitting, self._words[-1]))
