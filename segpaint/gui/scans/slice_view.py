"""The whole slice in true proportions, with the frame that the model sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.windows import ValueWindow
from segpaint.gui.scans.frame_drag import FrameDrag, Grip, grip_at
from segpaint.gui.scans.marks import draw_frame, draw_letters, draw_scale, draw_text
from segpaint.gui.scans.scale_bar import ScaleBar
from segpaint.gui.scans.scale_line import ScaleLine
from segpaint.gui.scans.sight import Edges, Sight, edges_around
from segpaint.gui.scans.slice_picture import SlicePicture
from segpaint.gui.style.theme import SPACE, colors, theme
from segpaint.gui.style.theme_colors import SWIPE, UNUSUAL
from segpaint.studio.scans.scan import Slice
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Values

MARGIN = 3 * SPACE
"""Around the fitted slice, for the letters of the patient's sides."""
CLOSEST = 40.0
"""The largest zoom."""
NOTCH = 120
"""What the wheel turns for one slice."""
SLOWNESS = 200.0
"""Pixels of a drag that double the window's width, or move its level by that."""
ORIGINAL = "slice_original"
"""The switch that shows a slice without its edit."""
ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class SliceView(QWidget):
    """Shows the slice looked at.

    The wheel changes slices, with Ctrl it zooms. The left button moves or scales the frame, the middle one
    pans, the right one drags window and level. A double click fits the slice.
    """

    def __init__(self, studio: Studio, scale_bar: ScaleBar) -> None:
        super().__init__(accessibleName="Slice of the scan")
        self._studio, self._desk, self._scale = studio, studio.scans, studio.scale
        self._scale_bar, self._line = scale_bar, ScaleLine(studio.scale)
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._drag: FrameDrag | None = None
        self._shown: Frame | None = None  # while it is dragged
        self._windowing: tuple[QPointF, ValueWindow] | None = None
        self._pan_from: QPointF | None = None
        self._pointer: QPointF | None = None
        self._turned = 0
        self._picture = SlicePicture(studio)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 160)
        desk, opened = self._desk, studio.opened
        desk.changed.connect(self.fit)
        for change in (desk.slice_changed, desk.frame_changed, desk.window_changed, studio.edited.changed):
            change.connect(self._show)
        for change in (
            opened.mask_changed, opened.labels_changed, opened.switched, studio.view.overlay.changed,
        ):  # fmt: skip
            change.connect(self._show_labels)
        opened.pages_changed.connect(self._show_others)
        studio.view.switches.changed.connect(self._show_labels)
        self._scale.changed.connect(self._on_scale)
        theme().changed.connect(self.update)

    # ---- what is shown

    @property
    def slice(self) -> Slice | None:
        """The slice shown."""
        return self._desk.slice

    @property
    def values(self) -> Values | None:
        """The pixels shown: those of the edited slice, unless there is none, or the original is wanted."""
        shown, edited = self.slice, self._studio.edited.values
        original = shown.values if shown is not None else None
        return original if edited is None or self._studio.view.switches.is_on(ORIGINAL) else edited

    @property
    def frame(self) -> Frame | None:
        """The frame, as it is dragged."""
        return self._shown if self._shown is not None else self._desk.frame

    @property
    def sight(self) -> Sight | None:
        """Where the slice lies in the widget, which has room for its frame, too."""
        shown = self.slice
        if shown is None:
            return None
        return Sight.fitting(
            self._edges(shown), shown.page.scan.spacing(shown.page.place.plane), QSizeF(self.size()), MARGIN,
            self._zoom, self._centre,
        )  # fmt: skip

    def _edges(self, shown: Slice) -> Edges:
        rows, columns = shown.values.shape[:2]
        return edges_around((rows, columns), self._desk.frame)

    @Slot()
    def fit(self) -> None:
        """Show the whole slice with its frame."""
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._show()

    @Slot()
    def _show(self) -> None:
        warning = (
            "The frame's pixels are unlike those that the model was trained on: images may come out worse, and "
            "sizes wrong. Scan > Give the frame the model's size mends that."
        )
        self.setToolTip(warning if self.is_unusual else "")
        self._show_labels()

    @Slot()
    def _show_labels(self) -> None:
        self._picture.forget_labels()
        self.update()

    @Slot()
    def _show_others(self) -> None:
        self._picture.forget_labels(of_others=True)
        self.update()

    @property
    def is_unusual(self) -> bool:
        """Whether the frame's pixels are unlike those that the model was trained on."""
        step, scan, frame = self._learned, self._desk.scan, self.frame
        if step is None or scan is None or frame is None or not scan.is_measured:
            return False
        return not frame.is_usual(scan.spacing(self._desk.place.plane), step)

    @property
    def _learned(self) -> float | None:
        return self._studio.document.checkpoint.description.pixel_spacing

    def frame_text(self) -> str:
        """Write how wide the frame's pixels are, where that is to be heeded, or while the frame is dragged."""
        step, scan, frame = self._learned, self._desk.scan, self.frame
        if scan is None or frame is None or not scan.is_measured:
            return ""
        rows, columns = scan.spacing(self._desk.place.plane)
        size = f"{np.sqrt(frame.step[0] * rows * frame.step[1] * columns):.2g} mm a pixel"
        if self.is_unusual:
            return f"{size}, learned {step:g}"
        return size if self._shown is not None else ""

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colors().surround))
        shown, sight, frame = self.slice, self.sight, self.frame
        if shown is None or sight is None:
            return
        hint = QPainter.RenderHint
        painter.setRenderHint(hint.SmoothPixmapTransform)
        values = self.values if self.values is not None else shown.values
        self._picture.draw(painter, shown, values, sight, self.size(), self.devicePixelRatioF())
        if self._scale.is_on:
            painter.setRenderHint(hint.Antialiasing)
            self._line.draw(painter, sight, self._pointer)
            self._draw_marks(painter, shown, sight)
            return
        if frame is not None and self._shown is None:
            self._picture.draw_labels(painter, shown, sight, frame)
        painter.setRenderHint(hint.Antialiasing)
        if frame is not None:
            color = UNUSUAL if self.is_unusual else SWIPE
            rect = sight.rect_of(frame)
            draw_frame(painter, rect, color)
            self._write_size(painter, rect, color)
        self._draw_marks(painter, shown, sight)

    def _write_size(self, painter: QPainter, rect: QRectF, color: str) -> None:
        text, metrics = self.frame_text(), painter.fontMetrics()
        left = min(rect.left(), self.width() - metrics.horizontalAdvance(text) - SPACE)
        top = max(rect.top() - metrics.height() - SPACE / 2, 3 * SPACE)
        place = QRectF(max(left, SPACE), top, self.width(), metrics.height())
        draw_text(painter, place, text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, color)

    def _draw_marks(self, painter: QPainter, shown: Slice, sight: Sight) -> None:
        scan, plane = shown.page.scan, shown.page.place.plane
        room, geometry = QRectF(self.rect()), scan.geometry(plane)
        if geometry.is_placed:
            draw_letters(painter, room, geometry.letters(1), geometry.letters(2))
        if scan.is_measured:
            draw_scale(painter, room, sight.across / scan.spacing(plane)[1])
        flag = Qt.AlignmentFlag
        above = room.adjusted(SPACE, 0, -SPACE, -SPACE / 2 - painter.fontMetrics().height())  # of the letter
        draw_text(painter, above, self.value_text(), flag.AlignRight | flag.AlignBottom)
        top = room.adjusted(SPACE, SPACE / 2 + painter.fontMetrics().height(), -SPACE, 0)
        draw_text(painter, top, scan.position(shown.page.place), flag.AlignRight | flag.AlignTop)
        if self._studio.edited.values is not None:
            what = "Original" if self.values is shown.values else "Edited"
            draw_text(painter, top.translated(SPACE, 0), what, flag.AlignLeft | flag.AlignTop)

    def value_text(self) -> str:
        """Write the value under the pointer, or else the window of values."""
        shown, sight = self.slice, self.sight
        if shown is None or sight is None:
            return ""
        unit = f" {shown.page.scan.volume.unit}".rstrip()
        if self._pointer is not None:
            row, column = (int(np.floor(place + 0.5)) for place in sight.place(self._pointer))
            pixels = self.values if self.values is not None else shown.values
            if 0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]:
                values = np.atleast_1d(pixels[row, column])
                return f"{', '.join(f'{value:.5g}' for value in values.tolist())}{unit}"
        window = shown.page.scan.window
        return "" if window is None or shown.values.ndim == 3 else f"W {window.width:.4g}  L {window.level:.4g}"

    # ---- the pointer

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_at(event.position(), 1.2 ** (turn / NOTCH))
        else:
            self._turned += turn
            slices = int(self._turned / NOTCH)  # towards zero, since touchpads send parts
            if slices:
                self._turned -= slices * NOTCH
                self._desk.step(-slices)
        event.accept()

    def _zoom_at(self, point: QPointF, factor: float) -> None:
        before = self.sight
        if before is None:
            return
        zoom = min(max(self._zoom * factor, 1.0), CLOSEST)
        row, column = before.place(point)
        self._zoom = zoom
        if zoom == 1.0:
            self._centre = QPointF(0.5, 0.5)
        after = self.sight
        if after is not None and zoom > 1.0:
            self._shift(point - after.point(row, column))
        self.update()

    def _shift(self, way: QPointF) -> None:
        """Move the slice by screen pixels; its middle stays within the widget's reach."""
        sight, shown = self.sight, self.slice
        if sight is None or shown is None:
            return
        top, bottom, left, right = self._edges(shown)
        x = self._centre.x() - way.x() / ((right - left) * sight.across)
        y = self._centre.y() - way.y() / ((bottom - top) * sight.down)
        self._centre = QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        sight, frame, scan = self.sight, self._desk.frame, self._desk.scan
        if sight is None or frame is None or scan is None:
            return
        point = event.position()
        match event.button():
            case Qt.MouseButton.LeftButton if self._scale.is_on:
                self._line.press(point, sight)
            case Qt.MouseButton.LeftButton:
                grip = grip_at(point, sight.rect_of(frame))
                if grip is Grip.NOTHING:
                    self._pan_from = point
                else:
                    self._drag = FrameDrag(grip, point, frame, sight)
            case Qt.MouseButton.MiddleButton:
                self._pan_from = point
            case Qt.MouseButton.RightButton if scan.window is not None:
                self._windowing = point, scan.window

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = point = event.position()
        if not event.buttons():  # released in another window
            self._let_go()
        if self.sight is not None and self._line.drag(point, self.sight):
            pass
        elif self._drag is not None:
            self._shown = self._drag.frame_at(point)
        elif self._windowing is not None:
            start, window = self._windowing
            way = (point - start) / SLOWNESS
            width = window.width * 2.0 ** way.x()
            level = window.level + window.width * way.y()
            self._desk.set_window(ValueWindow(level - width / 2, level + width / 2))
        elif self._pan_from is not None:
            self._shift(point - self._pan_from)
            self._pan_from = point
        elif self.sight is not None and self._desk.frame is not None and not self._scale.is_on:
            self.setCursor(grip_at(point, self.sight.rect_of(self._desk.frame)).value)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        frame = self._shown if event.button() == Qt.MouseButton.LeftButton else None
        self._let_go()
        if frame is not None:
            self._desk.set_frame(frame)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._desk.reset_window()
        elif event.button() == Qt.MouseButton.LeftButton and self._scale.is_on:
            self.mousePressEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    @Slot()
    def _on_scale(self) -> None:
        """Show the line, or the frame again."""
        if self._scale.is_on:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()
        self.update()

    def _let_go(self) -> None:
        self._line.release()
        if (self._drag, self._windowing, self._pan_from) != (None, None, None):
            self._drag = self._shown = self._windowing = self._pan_from = None
            self._show()

    def enterEvent(self, _event: QEnterEvent) -> None:
        if not self._scale_bar.field.hasFocus():  # a distance is being typed
            self.setFocus()

    def leaveEvent(self, _event: QEvent) -> None:
        self._pointer = None
        self.update()

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._scale_bar.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        frame, way = self._desk.frame, ARROWS.get(Qt.Key(event.key()))
        if self._scale_bar.wants(event):
            self._scale_bar.key(event)
            return
        if frame is None or way is None:
            super().keyPressEvent(event)
            return
        pixels = 8 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if self._scale.is_on:
            self._line.nudge(way[0] * pixels, way[1] * pixels)
            return
        self._desk.set_frame(frame.moved(way[0] * pixels * frame.step[0], way[1] * pixels * frame.step[1]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()
