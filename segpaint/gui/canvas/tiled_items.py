"""Lines and hatches on the regions of a mask, in tiles, so that a dab redraws only those it touches."""

import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from segpaint.core.labels.counting import values_in
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.masks.mask import Box
from segpaint.gui.canvas.outlines import area, inner_outline
from segpaint.gui.style.theme_colors import HATCH

TILE = 64
"""Height and width of a tile in mask pixels."""
TURN = 0.01
"""Seconds of work on tiles in one turn of the event loop."""
AT_ONCE = 64
"""Tiles that are drawn whatever they take: those of 512 x 512 pixels, so that a picture of these is whole."""
INSET = 0.15
"""Distance of a label's line from its border in mask pixels, so that two neighbours' lines are both seen."""


class _TiledItem(QGraphicsObject):
    """Paths for the values of a mask, rebuilt only where it changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._height, self._width = 0, 0
        self._tiles: dict[tuple[int, int], list[tuple[int, QPainterPath]]] = {}
        self._values = np.zeros((0, 0), np.uint8)
        self._stale: dict[tuple[int, int], None] = {}
        # Tiles of a large mask take a second: the first at once, the others while the window goes on.
        self._going_on = QTimer(self, interval=0)
        self._going_on.timeout.connect(self._work)

    def show_values(self, values: NDArray[np.uint8], box: Box | None = None) -> None:
        """Set the mask values; what changes in a large mask is drawn bit by bit.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
            Read until all is drawn.
        box : Box, optional
            The part that has changed.
        """
        if values.shape != (self._height, self._width):
            self.prepareGeometryChange()
            self._height, self._width = values.shape
            self._tiles.clear()
            self._stale.clear()
            box = None
        self._values = values
        if self._is_blank(values, box):
            return
        self._stale.update(dict.fromkeys(self._places(box)))
        self._work()

    @Slot()
    def _work(self) -> None:
        """Draw tiles that have changed, for a moment, and go on later if some are left."""
        ends = time.perf_counter() + TURN
        while self._stale and (len(self._stale) <= AT_ONCE or time.perf_counter() < ends):
            place = next(iter(self._stale))
            del self._stale[place]
            self._draw_anew(*place)
        if not self._stale:
            self._going_on.stop()
        elif not self._going_on.isActive():
            self._going_on.start()

    def _draw_anew(self, row: int, column: int) -> None:
        top, left = row * TILE, column * TILE
        window = np.zeros((min(TILE, self._height - top) + 2, min(TILE, self._width - left) + 2), np.uint8)
        # A border lies between two pixels, so each tile includes one pixel around it.
        up, before = int(top == 0), int(left == 0)
        seen = self._values[top - 1 + up : top + TILE + 1, left - 1 + before : left + TILE + 1]
        window[up : up + seen.shape[0], before : before + seen.shape[1]] = seen
        self._tiles[row, column] = list(self._paths(window, top, left))
        self.update(QRectF(left - 1, top - 1, TILE + 2, TILE + 2))

    def _is_blank(self, _values: NDArray[np.uint8], _box: Box | None) -> bool:
        """Whether nothing is or must be drawn, so that no tile need be checked."""
        return False

    def _places(self, box: Box | None) -> Iterator[tuple[int, int]]:
        if box is None:
            box = Box(0, self._height, 0, self._width)
        elif box.is_empty:
            return
        for row in range(max(0, box.top - 1) // TILE, min(box.bottom, self._height - 1) // TILE + 1):
            for column in range(max(0, box.left - 1) // TILE, min(box.right, self._width - 1) // TILE + 1):
                yield row, column

    @abstractmethod
    def _paths(self, window: NDArray[np.uint8], top: int, left: int) -> Iterator[tuple[int, QPainterPath]]: ...

    @abstractmethod
    def _draw(self, painter: QPainter, value: int, path: QPainterPath) -> None: ...

    def boundingRect(self) -> QRectF:
        return QRectF(-1, -1, self._width + 2, self._height + 2)  # includes the width of the lines

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = option.exposedRect
        for (row, column), paths in self._tiles.items():
            if paths and exposed.intersects(QRectF(column * TILE - 1, row * TILE - 1, TILE + 2, TILE + 2)):
                for value, path in paths:
                    self._draw(painter, value, path)


class LabelOutlines(_TiledItem):
    """The borders of labels, each in its own pen; labels without a pen are not drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._pens: dict[int, QPen] = {}

    def set_pens(self, pens: Mapping[int, QPen]) -> None:
        """Set the pens by label; later labels are drawn above earlier ones."""
        self._pens = dict(pens)
        for pen in self._pens.values():
            pen.setCosmetic(True)
            # It fills corners as round caps do, in a tenth of their time.
            pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        order = {value: place for place, value in enumerate(self._pens)}
        for paths in self._tiles.values():
            paths.sort(key=lambda entry: order.get(entry[0], 0))
        self.update()

    def _paths(self, window: NDArray[np.uint8], top: int, left: int) -> Iterator[tuple[int, QPainterPath]]:
        if (window == window[0, 0]).all():
            return
        there = values_in(window[1:-1, 1:-1]) - {BACKGROUND, FREE}
        ordered = [value for value in self._pens if value in there]
        for value in (*ordered, *sorted(there - self._pens.keys())):
            yield value, inner_outline(window == value, top, left, INSET)

    def _draw(self, painter: QPainter, value: int, path: QPainterPath) -> None:
        if value in self._pens:
            painter.setPen(self._pens[value])
            painter.drawPath(path)


class FreeHatch(_TiledItem):
    """A hatch over free regions."""

    def __init__(self) -> None:
        super().__init__()
        self._brush = QBrush(QColor(HATCH), Qt.BrushStyle.BDiagPattern)

    def _is_blank(self, values: NDArray[np.uint8], box: Box | None) -> bool:
        part = values if box is None else values[box.slices]
        return not any(self._tiles.values()) and not (part == FREE).any()

    def _paths(self, window: NDArray[np.uint8], top: int, left: int) -> Iterator[tuple[int, QPainterPath]]:
        inside = window[1:-1, 1:-1] == FREE
        if inside.any():
            yield FREE, area(inside, top, left)

    def _draw(self, painter: QPainter, _value: int, path: QPainterPath) -> None:
        painter.fillPath(path, self._brush)
