"""The mask as an item of a scene: an indexed image that is redrawn only where it changes."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from segpaint.core.masks.mask import Box


class MaskItem(QGraphicsItem):
    """Draws a mask in the colours of a table of 256."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._ground: QColor | None = None
        self._take_size(1, 1)

    def _take_size(self, height: int, width: int) -> None:
        self.prepareGeometryChange()
        self._image = QImage(width, height, QImage.Format.Format_Indexed8)
        self._rows = np.frombuffer(self._image.bits(), np.uint8).reshape(height, self._image.bytesPerLine())

    def set_colors(self, colors: NDArray[np.uint8], ground: QColor | None) -> None:
        """Set the colours.

        Parameters
        ----------
        colors : ndarray of uint8, shape (256, 4)
            Red, green, blue and opacity.
        ground : QColor or None
            What lies behind them.
        """
        red, green, blue, alpha = colors.astype(np.uint32).T
        self._image.setColorTable((alpha << 24 | red << 16 | green << 8 | blue).tolist())
        self._ground = ground
        self.update()

    def show_values(self, values: NDArray[np.uint8], box: Box | None = None) -> None:
        """Set the mask values.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
        box : Box, optional
            The part that has changed.
        """
        height, width = values.shape
        if (self._image.height(), self._image.width()) != (height, width):
            colors = self._image.colorTable()
            self._take_size(height, width)
            self._image.setColorTable(colors)
            box = None
        if box is None:
            box = Box(0, height, 0, width)
        self._rows[box.slices] = values[box.slices]
        self.update(box.left, box.top, box.right - box.left, box.bottom - box.top)

    def boundingRect(self) -> QRectF:
        return QRectF(self._image.rect())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        # Whole pixels, so that a part is drawn exactly as within the whole.
        rect = QRectF(option.exposedRect.toAlignedRect()).intersected(self.boundingRect())
        if self._ground is not None:
            painter.fillRect(rect, self._ground)
        painter.drawImage(rect, self._image, rect)
