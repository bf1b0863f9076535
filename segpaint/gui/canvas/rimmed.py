"""Text with a dark rim, to be read on any ground, and its place beside a line."""

import itertools

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from segpaint.gui.style.theme_colors import BLACK, WHITE

RIM = 0.1
"""Width of the rim, as share of the letters' height."""
EDGE = 2
"""Pixels around the words of a widget, for their rim."""


def write_rimmed(painter: QPainter, room: QRectF, text: str, where: int) -> None:
    """Write in the painter's font, white in a dark rim.

    Parameters
    ----------
    where : int
        Flags of Qt for the alignment and for lines.
    """
    rim = max(1.0, RIM * QFontInfo(painter.font()).pixelSize())
    painter.setPen(QColor(BLACK))
    for x, y in itertools.product((-rim, 0, rim), repeat=2):
        painter.drawText(room.translated(x, y), where, text)
    painter.setPen(QColor(WHITE))
    painter.drawText(room, where, text)


def beside(first: QPointF, second: QPointF, text: QSizeF, area: QRectF, gap: float) -> QRectF:
    """Find the place of a text at the right end of a line.

    Parameters
    ----------
    first, second : QPointF
        The line's ends.
    text : QSizeF
    area : QRectF
        What the text does not leave.
    gap : float
        Distance from the end.

    Returns
    -------
    QRectF
        Right of the end or, without room there, below or above it, away from the line if possible.
    """
    end, other = (first, second) if first.x() > second.x() else (second, first)
    room = QRectF(QPointF(end.x() + gap, end.y() - text.height() / 2), text)
    if room.right() > area.right():
        below, above = end.y() + gap, end.y() - gap - text.height()
        first_choice, second_choice = (below, above) if other.y() <= end.y() else (above, below)
        fits = area.top() <= first_choice <= area.bottom() - text.height()
        room.moveTop(first_choice if fits else second_choice)
    room.moveLeft(max(area.left(), min(room.left(), area.right() - text.width())))
    room.moveTop(max(area.top(), min(room.top(), area.bottom() - text.height())))
    return room


class Rimmed(QWidget):
    """A few words over a widget, beside a line of it; empty ones are not shown.

    Parameters
    ----------
    parent : QWidget
        Keeps its pointer: the words take no clicks.

    Attributes
    ----------
    words : str
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over, self.words = parent, ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def put(self, words: str, first: QPointF, second: QPointF, gap: float) -> None:
        """Write beside a line, given in the parent's coordinates, while some of it can be seen."""
        self.words = words
        area = QRectF(self._over.rect())
        line = QRectF(first, second).normalized().adjusted(-1, -1, 1, 1)
        self.setVisible(bool(words) and area.intersects(line))
        metrics = QFontMetricsF(self.font())
        size = QSizeF(metrics.horizontalAdvance(words) + 2 * EDGE, metrics.height() + 2 * EDGE)
        self.setGeometry(beside(first, second, size, area, gap).toAlignedRect())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        write_rimmed(QPainter(self), QRectF(self.rect()), self.words, Qt.AlignmentFlag.AlignCenter.value)
