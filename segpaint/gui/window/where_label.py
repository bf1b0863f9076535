"""What lies under the pointer: position, label, intensity; each in a place of its own."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from segpaint.gui.style.theme import SPACE
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.document.where import Where, look_at
from segpaint.studio.runs.session import Session

SWATCH = 12
WIDEST_NAME = 200
"""Longer names of labels are elided."""
PAUSE = 30
"""Milliseconds between two looks, at most: nobody reads faster than that, and the hand is not to wait."""


class WhereLabel(QWidget):
    """Follows the pointer over the panes, and what changes under it.

    Painted rather than laid out, for it changes with every movement of the pointer, and nothing is to jump.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._heard = Connections()
        self._point: QPointF | None = None
        self._widths = (0, 0, 0)  # of position, millimetres and name
        session.document_changed.connect(self._on_document)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self.update)
        session.frame_changed.connect(self._wait)

    def text(self) -> str:
        """All that is said, in a line; empty where there is nothing."""
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
        """Tell of this image position (x = column, y = row); of nothing if None."""
        self._point = point
        self._wait()

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._heard.renew((document.mask_changed, self._wait), (document.reference_changed, self._wait))
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
        document, point = self._session.document, self._point
        if document is None or point is None:
            return None
        return look_at(document, self._session.trajectory.current, int(point.y() // 1), int(point.x() // 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        where, document = self._look(), self._session.document
        if where is None or document is None:
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
        metrics = self.fontMetrics()
        if metrics.horizontalAdvance(text) > width:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, 0, width, self.height()), side | Qt.AlignmentFlag.AlignVCenter, text)
        return left + width + 2 * SPACE
