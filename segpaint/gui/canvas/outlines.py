"""Regions of pixels as paths, for cursors, contours and hatches that stay sharp at any zoom.

Paths are in pixels, x to the right and y down, and run between the pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyqtgraph import functions
from PySide6.QtCore import QSize
from PySide6.QtGui import QBitmap, QImage, QPainterPath, QRegion


def outline(inside: NDArray[np.bool_], top: int = 0, left: int = 0) -> QPainterPath:
    """The border of a region, as lines to be stroked.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)
    top, left : int
        Where its first pixel lies.
    """
    return inner_outline(np.pad(inside, 1), top, left)


def inner_outline(padded: NDArray[np.bool_], top: int = 0, left: int = 0, inset: float = 0.0) -> QPainterPath:
    """The border of a part of a region: no line where the region goes on beyond the part.

    Parameters
    ----------
    padded : ndarray of bool, shape (rows + 2, columns + 2)
        The part, and the pixels around it.
    top, left : int
        Where the first pixel of the part lies.
    inset : float
        How far inside the region the line runs, in pixels, so that two that meet are both seen.
    """
    rows, columns = padded[1:-1], padded[:, 1:-1]
    # Each side by itself: left and right borders, upper and lower ones.
    sides = [
        (rows[:, 1:] & ~rows[:, :-1], inset, True),
        (rows[:, :-1] & ~rows[:, 1:], -inset, True),
        (columns[1:] & ~columns[:-1], inset, False),
        (columns[:-1] & ~columns[1:], -inset, False),
    ]
    x, y = [], []
    for edges, shift, upright in sides:
        across, along = _lines(edges.T if upright else edges)
        x.append(across + shift if upright else along)
        y.append(along if upright else across + shift)
    xs, ys = np.concatenate(x) + float(left), np.concatenate(y) + float(top)
    return functions.arrayToQPath(xs, ys, connect="pairs") if len(xs) else QPainterPath()


def _lines(edges: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Edges in a row as one line: two points of each, by the number across and the place along."""
    turns = np.diff(np.pad(edges, ((0, 0), (1, 1))).view(np.int8), axis=1) != 0
    across, along = np.nonzero(turns)
    return across, along


def area(inside: NDArray[np.bool_], top: int = 0, left: int = 0) -> QPainterPath:
    """A region, as an area to be filled.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)
    top, left : int
        Where its first pixel lies.
    """
    path = QPainterPath()
    if not inside.any():
        return path
    rows, columns = inside.shape
    packed = np.packbits(inside, axis=1, bitorder="little")
    bits = QBitmap.fromData(QSize(packed.shape[1] * 8, rows), packed.tobytes(), QImage.Format.Format_MonoLSB)
    path.addRegion(QRegion(bits).intersected(QRegion(0, 0, columns, rows)))
    return path.translated(left, top)
