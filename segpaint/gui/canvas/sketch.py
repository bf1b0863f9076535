"""A tool's drawing on the canvas: lines and handles, of the same size at any zoom."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen

from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.rimmed import Rimmed
from segpaint.gui.style.theme_colors import BLACK, WHITE

HANDLE = 9.0
"""Width of a handle in screen pixels."""
VEIL = 0.4
"""Opacity of what lies over an area."""


class Sketch(QObject):
    """Draws handles, and lines dark below and dashed bright above, so that any colour shows them.

    Attributes
    ----------
    words : Rimmed
        What is written beside the line between two handles.
    """

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self._pane = pane
        self._shadow = pane.add_outline(BLACK, 3.0)
        self._line = pane.add_outline(WHITE, 1.25, Qt.PenStyle.DashLine)
        self._filled = pane.add_outline(WHITE)
        self._filled.setPen(QPen(Qt.PenStyle.NoPen))
        veil = QColor(WHITE)
        veil.setAlphaF(VEIL)
        self._filled.setBrush(QBrush(veil))
        self._handles = pane.add_outline(BLACK, 1.0)
        self._handles.setBrush(QBrush(QColor(WHITE)))
        self._places: tuple[QPointF, ...] = ()
        for height, item in enumerate((self._filled, self._shadow, self._line, self._handles), start=20):
            item.setZValue(height)
        self.words = Rimmed(pane)
        self.words.stackUnder(pane.hint)  # and under all notes of the pane
        pane.viewpoint.changed.connect(self._draw_handles)

    def another(self) -> "Sketch":
        """Make a drawing on the same pane, for what stays while another tool draws."""
        return Sketch(self._pane)

    def show(
        self,
        path: QPainterPath,
        handles: Sequence[QPointF] = (),
        filled: QPainterPath | None = None,
        words: str = "",
    ) -> None:
        """Draw a path in mask pixels, handles at some points of it, and an area under a veil.

        Parameters
        ----------
        words : str
            Written beside the line between the first handle and the last.
        """
        self.words.words = words
        self._filled.setPath(filled or QPainterPath())
        self._shadow.setPath(path)
        self._line.setPath(path)
        self._places = tuple(handles)
        self._draw_handles()

    def clear(self) -> None:
        """Remove the drawing."""
        self.show(QPainterPath())

    def handle_at(self, point: QPointF) -> int | None:
        """Find the handle at a point in mask pixels; None if there is none."""
        reach = 0.8 * HANDLE / self._pane.viewpoint.zoom
        for number, place in reversed(list(enumerate(self._places))):
            if abs(place.x() - point.x()) <= reach and abs(place.y() - point.y()) <= reach:
                return number
        return None

    @Slot()
    def _draw_handles(self) -> None:
        width = HANDLE / self._pane.viewpoint.zoom
        path = QPainterPath()
        for place in self._places:
            path.addRect(QRectF(place.x() - width / 2, place.y() - width / 2, width, width))
        self._handles.setPath(path)
        if self._places:
            first, last = self._pane.point(self._places[0]), self._pane.point(self._places[-1])
            self.words.put(self.words.words, first, last, HANDLE)
        else:
            self.words.hide()
