"""What the segmenter finds in the image looked at, outlined over it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from segpaint.core.requests.faithfulness import Judgement
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.style.theme_colors import DISAGREEMENT
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document


class Findings(QObject):
    """Draws a judgement: dashed what was found, dotted where it and the mask disagree.

    Parameters
    ----------
    pane : ImagePane
    """

    def __init__(self, pane: ImagePane) -> None:
        super().__init__(pane)
        self._pane = pane
        self._items: dict[int, QGraphicsPathItem] = {}
        self._judgement: Judgement | None = None
        self._is_shown = False
        self._document: Document | None = None
        self._heard = Connections()
        self.disagreement = pane.add_outline(DISAGREEMENT, 2.0, Qt.PenStyle.DotLine)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Draw in the colours of this document's labels from now on."""
        self._document = document
        self._heard.renew((document.labels_changed, self._color))
        for item in self._items.values():
            self._pane.remove_outline(item)
        self._items = {
            label.index: self._pane.add_outline(label.color, 1.5, Qt.PenStyle.DashLine)
            for label in document.table
        }

    @Slot()
    def _color(self) -> None:
        if self._document is not None:
            for label in self._document.table:
                pen = self._items[label.index].pen()
                pen.setColor(QColor(label.color))
                self._items[label.index].setPen(pen)

    @Slot(bool)
    def set_shown(self, shown: bool) -> None:
        """Draw, or not."""
        self._is_shown = shown
        self._draw()

    @Slot(object)
    def show_judgement(self, judgement: Judgement | None) -> None:
        """Draw this one from now on."""
        self._judgement = judgement
        self._draw()

    def _draw(self) -> None:
        judgement = self._judgement if self._is_shown else None
        for index, item in self._items.items():
            item.setPath(outline(judgement.found == index) if judgement is not None else QPainterPath())
        self.disagreement.setPath(outline(judgement.disagrees) if judgement is not None else QPainterPath())
