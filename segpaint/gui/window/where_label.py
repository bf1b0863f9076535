"""What lies under the pointer: position, label, intensity; each in a place of its own."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from segpaint.gui.style.theme import SPACE
from segpaint.studio.document.where import Where, look_at
from segpaint.studio.studio import Studio

SWATCH = 12
WIDEST_NAME = 200
"""Longer names of labels are elided."""
PAUSE = 30
"""Milliseconds between two looks, at most: nobody reads faster than that, and the hand is not to wait."""


class WhereLabel(QWidget):
    """Follows the pointer over the panes, and what changes under it.

    Painted rather than laid out, for it changes with every movement of the pointer, and nothing is to jump.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._point: QPointF | None = None
        self._widths = (0, 0, 0)  # of position, millimetres and name
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self.update)
        studio.opened.switched.connect(self._on_document)
        for change in (studio.opened.mask_changed, studio.opened.reference_changed, studio.runs.frame_changed):
            change.connect(self._wait)
        self._on_document()

    def text(self) -> str:
        """Return the line that is shown; empty where there is nothing."""
        where = self._look()
        if where is None:
            return ""
        return "   ".join(
            part for part in (where.position, where.millimetres, where.name, where.shades) if part
        )

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths) + 40 * SPACE, self.fontMetrics().height())

    @Slot(object)
    def point_at(self, point: QPointF | None) -> None:
        """Show what is at this image position (x = column, y = row); nothing if None."""
        self._point = point
        self._wait()

    @Slot()
    def _on_document(self) -> None:
        document = self._studio.document
        rows, columns = document.mask.shape
        last = look_at(document, None, rows - 1, columns - 1)
        names = (document.name_of(value) for value in (0, 255, *document.table.indices))
        if last is not None:
            self._widths = (
                self._width(last.position),
                self._width(last.millimetres),
                min(max(map(self._width, names)), WIDEST_NAME),
            )
        self._wait()

    def _width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + SPACE // 2  # other digits may be a little wider

    @Slot()
    def _wait(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _look(self) -> Where | None:
        if self._point is None:
            return None
        row, column = int(self._point.y() // 1), int(self._point.x() // 1)
        shown = self._studio.runs.looked_at
        return look_at(self._studio.document, shown[1] if shown is not None else None, row, column)

    def paintEvent(self, _event: QPaintEvent) -> None:
        where, document = self._look(), self._studio.document
        if where is None:
            return
        painter = QPainter(self)
        position, millimetres, name = self._widths
        right = Qt.AlignmentFlag.AlignRight
        left = self._write(painter, 0, position, where.position, right)
        if where.millimetres:
            left = self._write(painter, left, millimetres, where.millimetres, right)
        known = where.value in document.table
        painter.setPen(QPen(self.palette().mid().color()))
        painter.setBrush(QColor(document.table[where.value].color) if known else Qt.BrushStyle.NoBrush)
        painter.drawRect(QRect(left, (self.height() - SWATCH) // 2, SWATCH - 1, SWATCH - 1))
        painter.setPen(self.palette().windowText().color())
        left = self._write(painter, left + SWATCH + SPACE, name, where.name)
        self._write(painter, left, self.width() - left, where.shades)

    def _write(
        self,
        painter: QPainter,
        left: int,
        width: int,
        text: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> int:
        """Write into a column, and say where the next begins."""
        text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, 0, width, self.height()), side | Qt.AlignmentFlag.AlignVCenter, text)
        return left + width + 2 * SPACE
