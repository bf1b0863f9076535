"""The list of the scans that a folder holds, each with a picture of its middle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QPushButton, QWidget

from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import Volume
from segpaint.core.volumes.windows import window_of
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel, plain
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE
from segpaint.gui.style.theme_colors import PICTURE
from segpaint.studio.base.background import Background

if TYPE_CHECKING:
    from segpaint.io.volume_files.opening import Offer

SIDE = 72
LANE = "thumbnails"


class OffersDialog(QDialog):
    """Lets the user choose a series; a double click opens it.

    Parameters
    ----------
    name : str
        Of the folder.
    """

    chosen = Signal(object)
    """A function that returns the `Volume` that was chosen."""

    def __init__(
        self, name: str, offers: Sequence[Offer], background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, windowTitle="Open a scan")
        self._offers, self._background = tuple(offers), background
        self._read: dict[int, Volume] = {}  # those that were opened for their pictures
        self._is_closed = False
        self.list = QListWidget(accessibleName="Scans")
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setSpacing(SPACE // 4)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        blank = QPixmap(SIDE, SIDE)
        blank.fill(QColor(PICTURE))
        for offer in offers:
            item = QListWidgetItem(QIcon(blank), f"{offer.name}\n{offer.detail}", self.list)
            item.setToolTip(plain(f"{offer.name}\n{offer.detail}"))
        self.list.setCurrentRow(0)
        self.open_button = QPushButton("Open", objectName="primary", default=True)
        self.cancel = QPushButton("Cancel")
        question = PlainLabel(f"“{name}” holds {len(offers)} scans. Which one is to be opened?", wordWrap=True)
        buttons = in_row(None, self.cancel, self.open_button, spacing=SPACE)
        in_column(
            question, self.list, buttons, of=self, stretched=self.list, spacing=2 * SPACE, margins=2 * SPACE
        )
        resize_within_screen(self, 640, 460)
        self.list.itemActivated.connect(self.accept)
        self.open_button.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.accepted.connect(self._take)
        self.finished.connect(self._close)
        self._draw(0)

    def _draw(self, number: int) -> None:
        """Draw one picture after the other, as far as the files can be read."""
        if number < len(self._offers) and not self._is_closed:
            self._background.start(
                partial(_pictured, self._offers[number]), partial(self._on_picture, number),
                partial(self._on_none, number), lane=LANE,
            )  # fmt: skip

    def _on_picture(self, number: int, found: tuple[Volume, NDArray[np.uint8]]) -> None:
        if self._is_closed:
            return
        self._read[number] = found[0]
        picture = _squared(found[1], self.devicePixelRatioF())
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)  # else Qt colours it
        self.list.item(number).setIcon(icon)
        self._draw(number + 1)

    def _on_none(self, number: int, _error: Exception) -> None:
        self._draw(number + 1)  # its error is shown if it is chosen

    @Slot()
    def _take(self) -> None:
        number = self.list.currentRow()
        read = self._read.get(number)
        self.chosen.emit(self._offers[number].open if read is None else lambda: read)

    @Slot()
    def _close(self) -> None:
        self._is_closed = True
        self._read = {}


def _pictured(offer: Offer) -> tuple[Volume, NDArray[np.uint8]]:
    volume = offer.open()
    values = volume.cut(Plane.ACQUIRED, volume.count(Plane.ACQUIRED) // 2)
    every = max(1, min(values.shape[:2]) // (4 * SIDE))
    return volume, window_of(volume, values).shades(values[::every, ::every])


def _squared(pixels: NDArray[np.uint8], ratio: float) -> QPixmap:
    """Draw a picture in the middle of a square, so that all names stand below each other."""
    picture = to_pixmap(pixels, SIDE, ratio)
    square = QPixmap(round(SIDE * ratio), round(SIDE * ratio))
    square.setDevicePixelRatio(ratio)
    square.fill(QColor(PICTURE))
    painter = QPainter(square)
    size = picture.deviceIndependentSize()
    painter.drawPixmap(round((SIDE - size.width()) / 2), round((SIDE - size.height()) / 2), picture)
    painter.end()
    return square
