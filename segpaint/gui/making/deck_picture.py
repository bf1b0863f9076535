"""Shows a candidate as large as there is room: its image, with its mask beside or over it."""

from collections.abc import Collection
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from segpaint.core.labels.labels import LabelTable
from segpaint.core.labels.translation import visible
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.style.pixmaps import to_image
from segpaint.gui.style.theme import SPACE, colors
from segpaint.gui.style.theme_colors import PICTURE

LINE = 1.5
"""Width of an outline, in device-independent pixels."""


class MaskPlace(Enum):
    """Where the mask is drawn."""

    BESIDE = "Mask beside the image"
    OVER = "Mask over the image"
    HIDDEN = "Image alone"


class DeckPicture(QWidget):
    """Draws an image, its mask, and perhaps another image to compare with."""

    def __init__(self) -> None:
        super().__init__(accessibleName="Candidate")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.mask_place = MaskPlace.BESIDE
        self._image: QImage | None = None
        self._mask: QImage | None = None
        self._other: QImage | None = None
        self._outlines: list[tuple[QColor, QPainterPath]] = []
        self._words = ""

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def show_words(self, words: str) -> None:
        """Show a sentence in place of an image."""
        self._image, self._words = None, words
        self.update()

    def show_pair(
        self,
        pixels: NDArray[np.uint8],
        mask: NDArray[np.uint8],
        table: LabelTable,
        used: Collection[int],
        other: NDArray[np.uint8] | None = None,
    ) -> None:
        """Show an image and its mask.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
        mask : ndarray of uint8, shape (height, width)
        table : LabelTable
            The labels of the mask.
        used : collection of int
            Labels in use. Over the image, the others are not outlined, for the model decides where they are.
        other : ndarray of uint8, optional
            An image to show in place of the mask.
        """
        self._words = ""
        self._image, self._mask = to_image(pixels), to_image(table.colors()[mask])
        self._other = None if other is None else to_image(other)
        seen = visible(mask, used, table)
        self._outlines = [
            (QColor(label.color), outline(seen == label.index))
            for label in table
            if (seen == label.index).any()
        ]
        self.update()

    def set_mask_place(self, place: MaskPlace) -> None:
        """Draw the mask there from now on."""
        self.mask_place = place
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(PICTURE))
        if self._image is None:
            painter.setPen(QColor(colors().faint))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            return
        beside = self._other
        if beside is None and self.mask_place is MaskPlace.BESIDE:
            beside = self._mask
        left, right = self._squares(2 if beside is not None else 1)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(left, self._image)
        if self.mask_place is MaskPlace.OVER:
            self._draw_outlines(painter, left)
        if beside is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, beside is self._other)
            painter.drawImage(right, beside)

    def _squares(self, count: int) -> tuple[QRectF, QRectF]:
        """Return where one or two pictures lie, side by side in the middle."""
        image = self._image or QImage(1, 1, QImage.Format.Format_Grayscale8)
        gap = SPACE * (count - 1)
        scale = min((self.width() - gap) / (count * image.width()), self.height() / image.height())
        width, height = scale * image.width(), scale * image.height()
        left = (self.width() - count * width - gap) / 2
        top = (self.height() - height) / 2
        return QRectF(left, top, width, height), QRectF(left + width + gap, top, width, height)

    def _draw_outlines(self, painter: QPainter, square: QRectF) -> None:
        painter.save()
        painter.translate(square.topLeft())
        if self._image is not None:
            painter.scale(square.width() / self._image.width(), square.height() / self._image.height())
        for color, path in self._outlines:
            pen = QPen(color, LINE)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(path)
        painter.restore()
