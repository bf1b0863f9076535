"""Draws the pixels of a slice, and the labels that lie on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.windows import ValueWindow
from segpaint.gui.scans.sight import Sight
from segpaint.gui.style.pixmaps import to_image
from segpaint.studio.scans.across import masks_across
from segpaint.studio.scans.scan import Image, Slice
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Values


class SlicePicture:
    """Keeps what was drawn for as long as the same is to be seen."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._picture: tuple[tuple[object, ...], QImage, QRectF] | None = None
        self._labels: QImage | None = None
        self._across: tuple[Slice, Image | None] | None = None

    def forget_labels(self, *, of_others: bool = False) -> None:
        """Draw the labels anew, as they are by then; those of other planes, too, if wanted."""
        self._labels = None
        if of_others:
            self._across = None

    def draw(
        self, painter: QPainter, shown: Slice, values: Values, sight: Sight, size: QSize, ratio: float
    ) -> None:
        """Draw no more pixels of a slice than can be seen, since it may be far larger than the screen.

        Parameters
        ----------
        values : ndarray
            Of the slice, perhaps edited.
        ratio : float
            Screen pixels per device-independent pixel.
        """
        rows, columns = values.shape[:2]
        top, left = (max(0, int(edge)) for edge in sight.place(QPointF(0, 0)))
        low, right = sight.place(QPointF(size.width(), size.height()))
        bottom, end = min(rows, int(low) + 2), min(columns, int(right) + 2)
        finest = 2 * ratio * max(sight.across, sight.down)
        every = max(1, int(1 / finest)) if finest < 1 else 1
        window = shown.page.scan.window or ValueWindow(0, 255)
        known = values, window, top, bottom, left, end, every
        if self._picture is None or not _same(self._picture[0], known):
            part = values[top:bottom:every, left:end:every]
            place = top - 0.5, top - 0.5 + every * part.shape[0], left - 0.5, left - 0.5 + every * part.shape[1]
            self._picture = known, to_image(window.shades(part)), QRectF(*place)
        _, image, edges = self._picture
        painter.drawImage(sight.rect(edges.x(), edges.y(), edges.width(), edges.height()), image)

    def draw_labels(self, painter: QPainter, shown: Slice, sight: Sight, frame: Frame) -> None:
        """Draw the painted labels where they lie on the slice, below them those of other planes."""
        overlay, document = self._studio.view.overlay, self._studio.document
        if overlay.is_hidden:
            return
        colors = overlay.colors(document)
        if self._labels is None:
            self._labels = to_image(colors[document.mask.values])
        if self._across is None or self._across[0] is not shown:
            self._across = shown, masks_across(document.strokes, shown.page)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if (across := self._across[1]) is not None:
            rows, columns = across.shape
            painter.drawImage(sight.rect(-0.5, rows - 0.5, -0.5, columns - 0.5), to_image(colors[across]))
        painter.drawImage(sight.rect_of(frame), self._labels)
        painter.restore()


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Compare what pictures are drawn from; arrays are the same only if they are one."""
    return one[0] is other[0] and one[1:] == other[1:]
