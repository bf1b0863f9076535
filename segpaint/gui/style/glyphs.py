"""Draws the glyphs of the icon font as icons.

Libraries that do this load every class and enum of Qt, which took a seventh of the time to the first picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from segpaint.gui.style.theme_colors import Colors

SHARE = 0.875
"""Height of a glyph as a share of its icon's."""


@dataclass(frozen=True)
class Glyph:
    """An icon's glyphs, and the names of their colours in `Colors`."""

    key: str
    color: str
    checked_key: str
    checked: str

    def drawn(self, mode: QIcon.Mode, state: QIcon.State) -> tuple[str, str]:
        """Return the character, and the name of its colour."""
        is_on = state == QIcon.State.On
        key, color = (self.checked_key, self.checked) if is_on else (self.key, self.color)
        return key.partition(".")[2], "disabled" if mode == QIcon.Mode.Disabled else color


class GlyphEngine(QIconEngine):
    """Draws an icon in the colours of the moment.

    Parameters
    ----------
    colors : callable
        Returns the active colours.
    """

    def __init__(self, glyph: Glyph, colors: Callable[[], Colors]) -> None:
        super().__init__()
        self._glyph, self._colors = glyph, colors

    def clone(self) -> QIconEngine:
        return GlyphEngine(self._glyph, self._colors)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(QColor.fromRgba(0))
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        character, color = self._glyph.drawn(mode, state)
        font = QFont(_family())
        font.setPixelSize(round(SHARE * rect.height()))
        painter.save()
        painter.setPen(QColor(getattr(self._colors(), color)))
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, character)
        painter.restore()


@cache
def _family() -> str:
    """Load the icon font, and return its family."""
    number = QFontDatabase.addApplicationFont(MDI7.__font_file__)
    return QFontDatabase.applicationFontFamilies(number)[0]
