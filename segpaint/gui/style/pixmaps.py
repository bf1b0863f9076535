"""Images as Qt draws them outside of the panes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

ENOUGH = 4
"""Pixels in a row that are mixed for one of a thumbnail."""


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """An image with memory of its own.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    """
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    # A copy, for the image only borrows the array's memory.
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()


def to_pixmap(pixels: NDArray[np.uint8], size: int, ratio: float = 1.0, *, smooth: bool = True) -> QPixmap:
    """An image scaled to fit a square.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    size : int
        Of the square, in device-independent pixels.
    ratio : float
        Pixels of the screen for each of those.
    smooth : bool
        Between the pixels; off for masks that are to be told apart to the pixel.
    """
    side = max(1, round(size * ratio))
    mode = Qt.TransformationMode.SmoothTransformation if smooth else Qt.TransformationMode.FastTransformation
    if smooth:  # of many pixels a part is as good to mix, and faster
        every = max(1, min(pixels.shape[:2]) // (ENOUGH * side))
        pixels = pixels[::every, ::every]
    scaled = to_image(pixels).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
    pixmap = QPixmap.fromImage(scaled)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
