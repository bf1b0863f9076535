"""The files opened last, with their pictures."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QIcon, QPixmap

from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.paths import example_masks
from segpaint.studio.document.recent import Kind
from segpaint.studio.studio import Studio

SIDE = 48


def note(studio: Studio, path: Path, kind: Kind) -> None:
    """Add an opened file at the top of the recent files, unless it is listed elsewhere."""
    document = studio.document
    is_example = path in example_masks(document.checkpoint.folder)
    if kind is Kind.REFERENCE and document.reference is not None:
        studio.recent.add(path, kind, _picture(document.reference.image))
    elif kind is Kind.MASK and not is_example and not studio.history.folder.holds(path):
        studio.recent.add(path, kind, _picture(document.table.colors()[document.mask.values]))


def to_icon(picture: str) -> QIcon:
    """Make an icon from the picture that was saved for a recent file."""
    pixmap = QPixmap()
    pixmap.loadFromData(QByteArray.fromBase64(QByteArray(picture.encode())), "PNG")
    return QIcon(pixmap)


def _picture(pixels: NDArray[np.uint8]) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    to_pixmap(pixels, SIDE).save(buffer, "PNG")
    return buffer.data().toBase64().toStdString()
