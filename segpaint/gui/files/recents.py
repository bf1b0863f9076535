"""The files opened last, with their pictures."""

import base64
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QIcon

from segpaint.core.errors import SegPaintError
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.io.image_files import open_image
from segpaint.paths import example_masks
from segpaint.studio.base.preferences import RecentFile
from segpaint.studio.document.recent import Kind
from segpaint.studio.studio import Studio

SIDE = 48
PICTURE = "recent.png"
"""Names the pictures, which are no files, for the reader of images."""


def note(studio: Studio, path: Path, kind: Kind) -> None:
    """Add an opened file at the top of the recent files, unless it is listed elsewhere."""
    document = studio.document
    is_example = path in example_masks(document.checkpoint.folder)
    if kind in (Kind.REFERENCE, Kind.SCAN):
        if document.reference is not None:
            studio.recent.add(path, kind, _picture(document.reference.image))
    elif kind is Kind.PROJECT or not (is_example or studio.history.folder.holds(path)):
        studio.recent.add(path, kind, _picture(document.table.colors()[document.mask.values]))


def to_icon(path: Path, content: bytes | None = None) -> QIcon:
    """Make an icon from an image file, or from its content; an empty one if it cannot be read."""
    try:
        pixels = np.asarray(open_image(path, content).convert("RGB"))
    except SegPaintError:
        return QIcon()
    return QIcon(to_pixmap(pixels, SIDE))


def icon_of(file: RecentFile) -> QIcon:
    """Make an icon from the picture that was saved for a recent file; an empty one if it is damaged."""
    try:
        return to_icon(Path(PICTURE), base64.b64decode(file.picture))
    except ValueError:
        return QIcon()


def _picture(pixels: NDArray[np.uint8]) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    to_pixmap(pixels, SIDE).save(buffer, "PNG")
    return buffer.data().toBase64().toStdString()
