"""What lies under the pointer: position, label, intensity."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Slot
from PySide6.QtWidgets import QLabel

from segpaint.session.document import Document
from segpaint.session.session import Session


class WhereLabel(QLabel):
    """Follows the pointer over the panes, and what changes under it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._point: QPointF | None = None
        session.document_changed.connect(self._on_document)
        session.frame_changed.connect(self._show)

    @Slot(object)
    def point_at(self, point: QPointF | None) -> None:
        """Tell of this image position (x = column, y = row); of nothing if None."""
        self._point = point
        self._show()

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        document.mask_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        self.setText(self._sentence())

    def _sentence(self) -> str:
        document, point = self._session.document, self._point
        if document is None or point is None:
            return ""
        height, width = document.mask.shape
        row, column = int(point.y() // 1), int(point.x() // 1)
        if not (0 <= row < height and 0 <= column < width):
            return ""
        name = document.name_of(int(document.mask.values[row, column]))
        frame = self._session.trajectory.current
        if frame is None:
            return f"{column}, {row}   {name}"
        levels = frame.denoised[row, column]
        shade = f"intensity {levels}" if levels.ndim == 0 else "red {}, green {}, blue {}".format(*levels)
        return f"{column}, {row}   {name}   {shade}"
