"""Images for drawing outside of the panes."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

FORMATS = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
"""By the number of channels."""
ENOUGH = 4
"""Pixels in a row that are averaged into one of a thumbnail."""


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """Convert an array to an image with memory of its own.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3) or, with opacity, (height, width, 4)
    """
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    kind = FORMATS[pixels.size // (height * width)]
    # A copy, since the image only borrows the array's memory.
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()


def to_pixmap(pixels: NDArray[np.uint8], size: int, ratio: float = 1.0, *, smooth: bool = True) -> QPixmap:
    """Scale an image to fit a square.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    size : int
        Of the square, in device-independent pixels.
    ratio : float
        Screen pixels per device-independent pixel.
    smooth : bool
        Whether to interpolate; off for masks, whose pixels must stay distinct.
    """
    side = max(1, round(size * ratio))
    mode = Qt.TransformationMode.SmoothTransformation if smooth else Qt.TransformationMode.FastTransformation
    if smooth:  # averaging part of many pixels looks as good, and is faster
        every = max(1, min(pixels.shape[:2]) // (ENOUGH * side))
        pixels = pixels[::every, ::every]
    scaled = to_image(pixels).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
    pixmap = QPixmap.fromImage(scaled)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
