"""Draws a figure on white, the same on a screen, in a picture, in SVG, and in PDF."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
    QPen,
)
from PySide6.QtSvg import QSvgGenerator

from segpaint import __version__
from segpaint.core.pictures.compare import color_scale
from segpaint.core.pictures.figure import Figure, bar_length, mark_of, panels_in_words
from segpaint.core.pictures.film import Panel
from segpaint.core.requests.kinds import sentence_of
from segpaint.gui.style.pixmaps import to_image
from segpaint.gui.style.theme_colors import INK, NOTE, NOTE_TEXT, WHITE

UNIT = 20
"""Units of the drawing per millimetre; fonts have whole numbers of them."""
INCH = 25.4
DPI = 300
GAP, LINE, TEXT, SMALL = 2 * UNIT, 5 * UNIT, 2.8 * UNIT, 2.1 * UNIT
"""Space between panels; height of a line; heights of text, of which the first is 8 pt."""
PAD = UNIT / 2
SHADES = 255
"""Colours in the scale of a difference."""


class FigureKind(Enum):
    """The formats of a figure; the values are their endings."""

    PNG = ".png"
    SVG = ".svg"
    PDF = ".pdf"


@dataclass(frozen=True)
class _Entry:
    """A label in the key: where it stands."""

    name: str
    color: str
    x: float
    row: int


class FigurePainter:
    """Lays a figure out for a width, and draws it.

    Parameters
    ----------
    width : float
        In millimetres.
    """

    def __init__(self, figure: Figure, width: float) -> None:
        self._figure, self._width = figure, width * UNIT
        self._font, self._small = _font(TEXT), _font(SMALL)
        columns = max(min(figure.columns, len(figure.panels)), 1)
        self._side = (self._width - (columns - 1) * GAP) / columns
        self._columns = columns
        shape = figure.panels[0].pixels.shape if figure.panels else (1, 1)
        self._height = self._side * shape[0] / shape[1]
        self._rows = -(-len(figure.panels) // columns)
        self._entries = self._lay_out_key()

    @property
    def size(self) -> QSizeF:
        """Width and height in millimetres."""
        lines = self._entries[-1].row + 1 if self._entries else 0
        height = self._rows * (self._height + LINE + PAD) + lines * LINE
        return QSizeF(self._width / UNIT, height / UNIT)

    def draw(self, painter: QPainter) -> None:
        """Draw on white, in units of a twentieth of a millimetre."""
        size = self.size
        painter.fillRect(QRectF(0, 0, size.width() * UNIT, size.height() * UNIT), QColor(WHITE))
        images = [number for number, panel in enumerate(self._figure.panels) if not panel.is_mask]
        for number, panel in enumerate(self._figure.panels):
            row, column = divmod(number, self._columns)
            left, top = column * (self._side + GAP), row * (self._height + LINE + PAD)
            place = QRectF(left, top, self._side, self._height)
            painter.drawImage(place, self._scaled(panel))
            if self._figure.marks:
                self._draw_mark(painter, place, mark_of(panel.about))
            if panel.full:
                self._draw_levels(painter, place, panel.full)
            if number in images[-1:] and self._figure.spacing is not None:
                self._draw_bar(painter, place, self._figure.spacing * panel.pixels.shape[1])
            self._write(painter, QRectF(left, top + self._height + PAD, self._side, LINE), panel.name)
        self._draw_key(painter, self._rows * (self._height + LINE + PAD))

    def _scaled(self, panel: Panel) -> QImage:
        """Enlarge a panel to the dots of a printer; masks keep their pixels."""
        image = to_image(panel.pixels)
        dots = round(self._side / UNIT / INCH * DPI)
        if dots <= image.width():
            return image
        smooth = (
            Qt.TransformationMode.FastTransformation
            if panel.is_mask
            else Qt.TransformationMode.SmoothTransformation
        )
        return image.scaled(dots, round(dots * image.height() / image.width()), mode=smooth)

    # ---- what is written

    def _write(self, painter: QPainter, place: QRectF, text: str) -> None:
        painter.setFont(self._font)
        painter.setPen(QColor(INK))
        text = QFontMetricsF(self._font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)

    def _draw_mark(self, painter: QPainter, panel: QRectF, mark: str) -> None:
        """Write in the lower right corner, on a dark ground."""
        if not mark:
            return
        metrics = QFontMetricsF(self._small)
        width, height = metrics.horizontalAdvance(mark) + 2 * PAD, metrics.height() + PAD
        ground = QRectF(panel.right() - width - PAD, panel.bottom() - height - PAD, width, height)
        painter.fillRect(ground, QColor(NOTE))
        painter.setFont(self._small)
        painter.setPen(QColor(NOTE_TEXT))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, mark)

    def _draw_bar(self, painter: QPainter, panel: QRectF, millimetres: float) -> None:
        """Draw a length in the upper left corner, which no mark takes."""
        length = bar_length(millimetres)
        text, width = f"{length:g} mm", length / millimetres * panel.width()
        metrics = QFontMetricsF(self._small)
        size = max(width, metrics.horizontalAdvance(text)) + 2 * PAD, metrics.height() + 3 * PAD
        ground = QRectF(panel.left() + PAD, panel.top() + PAD, *size)
        painter.fillRect(ground, QColor(NOTE))
        painter.setFont(self._small)
        painter.setPen(QColor(NOTE_TEXT))
        corner = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(ground.adjusted(PAD, PAD / 2, 0, 0), corner, text)
        bar = QRectF(ground.left() + PAD, ground.bottom() - 1.5 * PAD, width, PAD / 2)
        painter.fillRect(bar, QColor(WHITE))

    def _draw_levels(self, painter: QPainter, panel: QRectF, full: int) -> None:
        """Draw the colours of a difference in the lower left corner, with the grey levels at their ends."""
        metrics = QFontMetricsF(self._small)
        texts = [f"−{full}", "grey levels", f"+{full}"]
        width = sum(map(metrics.horizontalAdvance, texts)) + 4 * PAD
        if width + 4 * PAD > panel.width():
            texts[1] = ""
            width = sum(map(metrics.horizontalAdvance, texts)) + 4 * PAD
        height = metrics.height() + 2.5 * PAD
        ground = QRectF(panel.left() + PAD, panel.bottom() - height - PAD, width + 2 * PAD, height)
        if ground.right() > panel.right():  # too small to be read
            return
        painter.fillRect(ground, QColor(NOTE))
        bar = QRectF(ground.left() + PAD, ground.top() + PAD, width, PAD)
        painter.drawImage(bar, to_image(color_scale(np.linspace(-1, 1, SHADES))[None]))
        painter.setFont(self._small)
        painter.setPen(QColor(NOTE_TEXT))
        below, flags = QRectF(bar.left(), bar.bottom(), width, ground.bottom() - bar.bottom()), Qt.AlignmentFlag
        for text, side in zip(texts, (flags.AlignLeft, flags.AlignHCenter, flags.AlignRight), strict=True):
            painter.drawText(below, side | flags.AlignVCenter, text)

    def _lay_out_key(self) -> list[_Entry]:
        """Place the labels in lines, from left to right."""
        metrics, entries, x, row = QFontMetricsF(self._font), [], 0.0, 0
        for name, color in self._figure.key:
            width = TEXT + 2 * PAD + metrics.horizontalAdvance(name) + 2 * GAP
            if x and x + width - 2 * GAP > self._width:
                x, row = 0.0, row + 1
            entries.append(_Entry(name, color, x, row))
            x += width
        return entries

    def _draw_key(self, painter: QPainter, top: float) -> None:
        painter.setFont(self._font)
        for entry in self._entries:
            y = top + entry.row * LINE
            square = QRectF(entry.x, y + (LINE - TEXT) / 2, TEXT, TEXT)
            painter.fillRect(square, QColor(entry.color))
            painter.setPen(QPen(QColor(INK), 1))
            painter.drawRect(square)
            painter.setPen(QColor(INK))
            left = square.right() + 2 * PAD
            painter.drawText(
                QRectF(left, y, self._width - left, LINE), Qt.AlignmentFlag.AlignVCenter, entry.name
            )


def draw_image(figure: Figure, width: float) -> QImage:
    """Draw a figure with 300 dots per inch.

    Parameters
    ----------
    width : float
        In millimetres.
    """
    drawn = FigurePainter(figure, width)
    dots = drawn.size * (DPI / INCH)
    image = QImage(dots.toSize(), QImage.Format.Format_RGB32)
    image.fill(QColor(WHITE))  # the last row of dots may be white in part alone
    image.setDotsPerMeterX(round(DPI / INCH * 1000))
    image.setDotsPerMeterY(round(DPI / INCH * 1000))
    with _painting(image) as painter:
        painter.scale(DPI / INCH / UNIT, DPI / INCH / UNIT)
        drawn.draw(painter)
    return image


def encode_figure(figure: Figure, width: float, kind: FigureKind) -> bytes:
    """Encode a figure as a file, whose metadata state what its images are.

    Parameters
    ----------
    width : float
        In millimetres.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    abouts = [panel.about for panel in figure.panels if panel.about is not None]
    what = sentence_of(abouts) if abouts else "NO: a mask"
    panels = panels_in_words(figure)
    described = f"{what}. {panels}" if panels else what
    software = f"SegPaint {__version__}"
    if kind is FigureKind.PNG:
        image = draw_image(figure, width)
        image.setText("Synthetic", what)
        if panels:
            image.setText("Panels", panels)
        image.setText("Software", software)
        image.save(buffer, "PNG")
        return _content(buffer)
    drawn = FigurePainter(figure, width)
    size = drawn.size
    device: QSvgGenerator | QPdfWriter
    if kind is FigureKind.SVG:
        device = QSvgGenerator()
        device.setOutputDevice(buffer)
        device.setResolution(round(UNIT * INCH))
        device.setSize((size * UNIT).toSize())
        device.setViewBox(QRectF(0, 0, size.width() * UNIT, size.height() * UNIT))
        device.setTitle(software)
        device.setDescription(described)
    else:
        device = QPdfWriter(buffer)
        device.setResolution(round(UNIT * INCH))
        device.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch))
        device.setPageMargins(QMarginsF(0, 0, 0, 0))
        device.setCreator(software)
        device.setTitle(described)
    with _painting(device) as painter:
        drawn.draw(painter)
    return _content(buffer)


@contextmanager
def _painting(device: QPaintDevice) -> Iterator[QPainter]:
    """Paint, and end it before the device is gone, even after an error."""
    painter = QPainter(device)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    try:
        yield painter
    finally:
        painter.end()


def _content(buffer: QBuffer) -> bytes:
    return bytes(buffer.data().data())


def _font(height: float) -> QFont:
    font = QFont()
    font.setPixelSize(round(height))
    return font
