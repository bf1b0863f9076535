"""Outlines of pixel regions, for cursors, contours and hatches that stay sharp at any zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QBitmap, QImage, QPainterPath, QRegion


def outline(inside: NDArray[np.bool_], top: int = 0, left: int = 0) -> QPainterPath:
    """The border of a region, running between the pixels.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)
    top, left : int
        Where its first pixel lies.

    Returns
    -------
    QPainterPath
        In pixels, x to the right and y down.
    """
    path = QPainterPath()
    if not inside.any():
        return path
    rows, columns = inside.shape
    packed = np.packbits(inside, axis=1, bitorder="little")
    bits = QBitmap.fromData(QSize(packed.shape[1] * 8, rows), packed.tobytes(), QImage.Format.Format_MonoLSB)
    region = QRegion(bits).intersected(QRegion(0, 0, columns, rows))
    path.addRegion(region)
    return path.simplified().translated(left, top)
