"""The panel of the open scan, left of the mask; hidden while there is none."""

from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QSplitter, QToolButton, QWidget

from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.windows import ValueWindow
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.pane_heading import HEADING
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel, plain
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.scans.overview import Overview
from segpaint.gui.scans.scale_bar import ScaleBar
from segpaint.gui.scans.slice_bar import SliceBar
from segpaint.gui.scans.slice_view import ORIGINAL, SliceView
from segpaint.gui.scans.value_windows import offered
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.studio import Studio

WIDTH, LEAST = 300, 176
OWN = "Own"
"""A window that is not one of those offered."""
SWITCH = "slice_panel"
NARROW = "The whole slice needs a wider window, or fewer panes"
SHARE = 0.34
"""Of the width of all panes, unless the user drags its border."""
PLANES = {
    Plane.ACQUIRED: "Acquired", Plane.AXIAL: "Axial", Plane.CORONAL: "Coronal", Plane.SAGITTAL: "Sagittal",
}  # fmt: skip


def divide_beside_scan(room: int) -> tuple[int, int]:
    """Divide the width of all panes between the scan and the others, in pixels."""
    wide = round(SHARE * room)
    return wide, room - wide


class WorkRow(QWidget):
    """What is done beside the slice shown, with a button to end that; hidden otherwise."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._masks, self._frames, self._runs = studio.slice_masks, studio.frames, studio.slice_runs
        self._aside = studio.aside
        self.words = ElidingLabel()
        self.cancel = QToolButton(icon=icon(MDI7.close), toolTip="End it; what is finished stays")
        self.cancel.setAccessibleName("End the work on slices")
        in_row(self.words, self.cancel, of=self, stretched=self.words, spacing=SPACE)
        self.cancel.clicked.connect(self._masks.cancel)
        self.cancel.clicked.connect(self._frames.give_up)
        self.cancel.clicked.connect(self._runs.cancel)
        self.cancel.clicked.connect(self._aside.cancel)
        for work in (self._masks, self._runs, self._aside):
            work.changed.connect(self.show_progress)
        self._frames.changed.connect(self.show_progress)
        self.hide()

    @Slot()
    def show_progress(self) -> None:
        """Show how far it is."""
        if self._masks.is_busy:
            self.words.setText(f"Finding labels, {self._masks.done} of {self._masks.count}")
        elif self._runs.is_busy:
            self.words.setText(self._runs.words)
        elif self._frames.is_busy:
            self.words.setText("Placing the frame by the labels")
        else:
            self.words.setText(self._aside.words)
        self.setVisible(
            self._masks.is_busy or self._runs.is_busy or self._frames.is_busy or self._aside.is_busy
        )


class ScanPanel(QFrame):
    """Slice, slice bar, overview, and the choice of plane and window."""

    told = Signal(str)
    """A sentence for the status line."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(objectName="bar")
        self._studio, self._desk = studio, studio.scans
        self.title = ElidingLabel(objectName="heading", elideMode=Qt.TextElideMode.ElideMiddle)
        self.leave = QToolButton(icon=icon(MDI7.close), toolTip="Close the scan", iconSize=QSize(18, 18))
        self.leave.setAccessibleName("Close the scan")
        self.original = QToolButton(
            icon=icon(MDI7.image_outline), checkable=True, iconSize=QSize(18, 18),
            toolTip="Show the slice as it was scanned, to compare it with the edited one",
        )  # fmt: skip
        self.original.setAccessibleName("Original slice")
        self.scale = ScaleBar(studio.scale)
        self.view = SliceView(studio, self.scale)
        self.bar = SliceBar(studio)
        self.overview = Overview(studio)
        self.plane = Choice(toolTip="The plane of the slices", accessibleName="Plane")
        for plane, name in PLANES.items():
            self.plane.addItem(name, plane)
        self.window_choice = Choice(
            toolTip="The values from black to white: for looking, not for the model. Also by dragging on the "
            "slice with the right button",
            accessibleName="Window of values",
        )
        for choice in (self.plane, self.window_choice):
            choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.setMinimumContentsLength(6)
        self.progress = WorkRow(studio)
        self.setMinimumWidth(LEAST)
        self._lay_out()
        self.leave.clicked.connect(self._desk.close)
        self.original.toggled.connect(partial(studio.view.switches.set, ORIGINAL))
        studio.edited.changed.connect(self._show_edited)
        self.plane.activated.connect(self._take_plane)
        self.window_choice.activated.connect(self._take_window)
        self._around: QSplitter | None = None
        self._others: QWidget | None = None
        self._is_told = False  # that there is no room
        self._desk.changed.connect(self.show_scan)
        self.scale.told.connect(self.told)
        studio.scale.changed.connect(self._on_scale)
        studio.slice_runs.changed.connect(self._on_runs)
        studio.view.switches.changed.connect(self._on_switch)
        self._desk.moved.connect(self._show_plane)
        self._desk.window_changed.connect(self._show_window)
        studio.opened.switched.connect(self._fill_windows)
        self._show_edited()
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

    def _lay_out(self) -> None:
        heading = QFrame(self, objectName="bar")
        heading.setFixedHeight(HEADING)
        margins = SPACE, SPACE // 2, SPACE // 2, SPACE // 2
        in_row(
            PlainLabel("Scan", objectName="heading"), self.title, self.original, self.leave, of=heading,
            stretched=self.title,
            spacing=SPACE, margins=margins,
        )  # fmt: skip
        choices = in_row(self.plane, self.window_choice, spacing=SPACE // 2)
        choices.setStretch(0, 1)
        choices.setStretch(1, 1)
        where = in_row(self.overview, self.bar, stretched=self.bar, spacing=SPACE)
        below = in_column(choices, where, self.progress, spacing=SPACE, margins=SPACE)
        in_column(heading, self.view, self.scale, below, of=self, stretched=self.view, spacing=0)

    @Slot()
    def show_scan(self) -> None:
        """Show the scan that is open, or hide."""
        scan = self._desk.scan
        if scan is not None:
            self.title.setText(scan.volume.name)
            kind = f"{scan.volume.modality}, " if scan.volume.modality else ""
            slices, rows, columns = scan.volume.geometry.shape
            size = f"{kind}{slices} slices of {columns} × {rows}"
            is_stack = slices > 1 or scan.volume.voxels.times > 1
            self.plane.setVisible(slices > 1)
            self.bar.setVisible(is_stack)
            self.title.setToolTip(plain("\n".join((scan.volume.name, size, *scan.volume.remarks))))
        self.fit()
        self._fill_windows()
        self._show_plane()

    # ---- room

    def stand_in(self, around: QSplitter) -> None:
        """Be shown in a splitter wherever there is room for it and for what is right of it."""
        self._around, self._others = around, around.widget(1)
        around.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.fit()
        return super().eventFilter(watched, event)

    @Slot()
    def fit(self) -> None:
        """Be shown with a scan, unless it is turned off, or three panes need the room."""
        around = self._around
        wanted = self._desk.scan is not None and self._studio.view.switches.is_on(SWITCH)
        if around is None:
            self.setVisible(wanted and self.parentWidget() is not None)
            return
        others = self._others.minimumSizeHint().width() if self._others is not None else 0
        fits = around.width() >= LEAST + around.handleWidth() + others
        if wanted and not fits and not self._is_told:
            self.told.emit(NARROW)
        self._is_told = wanted and not fits
        if (wanted and fits) is not self.isHidden():
            return
        self.setVisible(wanted and fits)

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key == SWITCH:
            self.fit()
        elif key == ORIGINAL:
            self._show_edited()

    @Slot()
    def _show_edited(self) -> None:
        """Offer the original where there is an edited slice to compare it with."""
        self.original.setVisible(self._studio.edited.values is not None)
        with QSignalBlocker(self.original):
            self.original.setChecked(self._studio.view.switches.is_on(ORIGINAL))

    @Slot()
    def _on_scale(self) -> None:
        """Leave the scale where there is no slice to click on."""
        if self._studio.scale.is_on and self._around is not None and self.isHidden():
            self._studio.scale.leave()
            self.told.emit(NARROW)

    @Slot()
    def _on_runs(self) -> None:
        """Report the work on slices in the status line while there is no room for the panel."""
        runs = self._studio.slice_runs
        if self.isHidden() and runs.is_busy:
            self.told.emit(f"{runs.words}.")

    # ---- plane

    @Slot()
    def _show_plane(self) -> None:
        with QSignalBlocker(self.plane):
            self.plane.setCurrentIndex(self.plane.findData(self._desk.place.plane))

    @Slot()
    def _take_plane(self) -> None:
        self._desk.set_plane(self.plane.currentData())

    # ---- window

    @Slot()
    def _fill_windows(self) -> None:
        with QSignalBlocker(self.window_choice):
            self.window_choice.clear()
            for name, window in offered(self._studio):
                self.window_choice.addItem(name, window)
        self._show_window()

    @Slot()
    def _show_window(self) -> None:
        scan, box = self._desk.scan, self.window_choice
        window = scan.window if scan is not None else None
        shown = [number for number in range(box.count()) if box.itemData(number) == window]
        with QSignalBlocker(box):
            own = box.findText(OWN)
            if shown:
                if own >= 0:
                    box.removeItem(own)
                    shown = [number for number in range(box.count()) if box.itemData(number) == window]
                box.setCurrentIndex(shown[0])
            else:
                if own < 0:
                    box.addItem(OWN)
                    own = box.count() - 1
                box.setCurrentIndex(own)

    @Slot()
    def _take_window(self) -> None:
        window = self.window_choice.currentData()
        if isinstance(window, ValueWindow):
            self._desk.set_window(window)
