"""Regions of pixels as paths, for cursors, contours and hatches that stay sharp at any zoom.

Paths are in pixels, x to the right and y down, and run between the pixels.
"""

import numpy as np
from numpy.typing import NDArray
from pyqtgraph import functions
from PySide6.QtCore import QSize
from PySide6.QtGui import QBitmap, QImage, QPainterPath, QRegion


def outline(inside: NDArray[np.bool_], top: int = 0, left: int = 0) -> QPainterPath:
    """Outline a region, as lines to be stroked.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)
    top, left : int
        Position of its first pixel.
    """
    return inner_outline(np.pad(inside, 1), top, left)


def inner_outline(padded: NDArray[np.bool_], top: int = 0, left: int = 0, inset: float = 0.0) -> QPainterPath:
    """Outline a part of a region, without lines where the region continues beyond the part.

    Parameters
    ----------
    padded : ndarray of bool, shape (rows + 2, columns + 2)
        The part, and the pixels around it.
    top, left : int
        Position of the part's first pixel.
    inset : float
        Distance of the line from the border, in pixels, so that the lines of two neighbours are both seen.
    """
    rows, columns = padded[1:-1], padded[:, 1:-1]
    # The four sides are traced separately.
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
    """Join adjacent edges into lines; two points each, by row across and place along."""
    turns = np.diff(np.pad(edges, ((0, 0), (1, 1))).view(np.int8), axis=1) != 0
    across, along = np.nonzero(turns)
    return across, along


def area(inside: NDArray[np.bool_], top: int = 0, left: int = 0) -> QPainterPath:
    """Make the area of a region, to be filled.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)
    top, left : int
        Position of its first pixel.
    """
    path = QPainterPath()
    if not inside.any():
        return path
    rows, columns = inside.shape
    packed = np.packbits(inside, axis=1, bitorder="little")
    bits = QBitmap.fromData(QSize(packed.shape[1] * 8, rows), packed.tobytes(), QImage.Format.Format_MonoLSB)
    path.addRegion(QRegion(bits).intersected(QRegion(0, 0, columns, rows)))
    return path.translated(left, top)
