"""Outlines the segmenter's findings over the image looked at."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.style.theme_colors import DISAGREEMENT
from segpaint.studio.studio import Studio

SWITCH = "findings"


class Findings(QObject):
    """Draws the judgement of the image: findings dashed, their differences from the mask dotted."""

    def __init__(self, studio: Studio, pane: ImagePane) -> None:
        super().__init__(pane)
        self._studio, self._pane = studio, pane
        self._items: dict[int, QGraphicsPathItem] = {}
        self.disagreement = pane.add_outline(DISAGREEMENT, 2.0, Qt.PenStyle.DotLine)
        studio.opened.switched.connect(self._begin)
        studio.opened.labels_changed.connect(self._color)
        studio.judging.changed.connect(self._draw)
        studio.view.switches.changed.connect(self._on_switch)
        self._begin()

    @Slot()
    def _begin(self) -> None:
        """Use the colours of the open document's labels from now on."""
        for item in self._items.values():
            self._pane.remove_outline(item)
        self._items = {
            label.index: self._pane.add_outline(label.color, 1.5, Qt.PenStyle.DashLine)
            for label in self._studio.document.table
        }
        self._draw()

    @Slot()
    def _color(self) -> None:
        for label in self._studio.document.table:
            item = self._items.get(label.index)
            if item is not None:
                pen = item.pen()
                pen.setColor(QColor(label.color))
                item.setPen(pen)

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key == SWITCH:
            self._draw()

    @Slot()
    def _draw(self) -> None:
        judgement = self._studio.judging.judgement if self._studio.view.switches.is_on(SWITCH) else None
        for index, item in self._items.items():
            item.setPath(outline(judgement.found == index) if judgement is not None else QPainterPath())
        self.disagreement.setPath(outline(judgement.disagrees) if judgement is not None else QPainterPath())
