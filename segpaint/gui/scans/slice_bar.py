"""Sliders through slices and times, with marks at the slices that are painted."""

from dataclasses import replace

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionSlider, QWidget

from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.wheel import Slider
from segpaint.gui.style.theme import colors, set_tone
from segpaint.studio.studio import Studio

MARK = 3.0
"""Width and height of a mark."""


class PaintedMarks(QWidget):
    """Marks the painted slices of the plane above a slider."""

    def __init__(self, studio: Studio, slider: Slider) -> None:
        super().__init__(toolTip="Marked: slices with a painted mask")
        self._studio, self._slider = studio, slider
        self.setFixedHeight(round(MARK) + 1)
        for change in (
            studio.opened.edited, studio.opened.pages_changed, studio.scans.slice_changed, studio.scans.changed,
        ):  # fmt: skip
            change.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        count = self._slider.maximum() + 1
        if count < 2:
            return
        option = QStyleOptionSlider()
        self._slider.initStyleOption(option)
        handle = self._slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self._slider)
        room = self.width() - handle
        painter = QPainter(self)
        for index in self._studio.slice_masks.painted:
            x = handle / 2 + room * index / (count - 1)
            painter.fillRect(QRectF(x - MARK / 2, 0, MARK, MARK), QColor(colors().accent))


class SliceBar(QWidget):
    """Moves through the slices of the plane looked at and, in a cine, through its times."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._desk = studio.scans
        self.slices = Slider(Qt.Orientation.Horizontal, accessibleName="Slice", pageStep=5)
        self.times = Slider(Qt.Orientation.Horizontal, accessibleName="Time", pageStep=1)
        self.number, self.moment = PlainLabel(), PlainLabel()
        set_tone(self.moment, "faint")
        self.marks = PaintedMarks(studio, self.slices)
        self.time_row = QWidget()
        in_column(self.times, in_row(self.moment, None), of=self.time_row, spacing=0)
        in_column(
            None, self.marks, self.slices, in_row(self.number, None), self.time_row, None, of=self, spacing=0
        )
        self.slices.valueChanged.connect(self._take_slice)
        self.times.valueChanged.connect(self._take_time)
        for change in (self._desk.changed, self._desk.moved):
            change.connect(self.show_place)
        self.show_place()

    def sizeHint(self) -> QSize:
        return QSize(120, super().sizeHint().height())

    @Slot()
    def show_place(self) -> None:
        """Show the slice and the time that are wanted."""
        desk, scan, place = self._desk, self._desk.scan, self._desk.place
        if scan is None:
            return
        times = scan.volume.voxels.times
        with QSignalBlocker(self.slices), QSignalBlocker(self.times):
            self.slices.setRange(0, max(0, desk.count - 1))
            self.slices.setValue(place.index)
            self.times.setRange(0, times - 1)
            self.times.setValue(place.time)
        self.slices.setEnabled(desk.count > 1)
        self.number.setText(f"{place.index + 1} / {desk.count}")
        moments = scan.volume.moments
        when = f"   {moments[place.time]:g} ms" if place.time < len(moments) else ""
        self.moment.setText(f"Time {place.time + 1} / {times}{when}")
        self.time_row.setVisible(times > 1)
        self.marks.update()

    @Slot(int)
    def _take_slice(self, index: int) -> None:
        self._desk.go_to(replace(self._desk.place, index=index))

    @Slot(int)
    def _take_time(self, time: int) -> None:
        self._desk.set_time(time)
