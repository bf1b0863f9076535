"""A window with the sizes of all labels: in the mask, in the reference, and as the segmenter finds them."""

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from segpaint.core.masks.measure_table import MeasureTable, measure_masks
from segpaint.gui.commands.actions import share_actions
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.theme import SPACE
from segpaint.studio.studio import Studio

PAUSE = 300
"""Milliseconds without a change after which the labels are measured."""
SIZE = 1000, 420
EXPLAINED = (
    "Longest and shortest: diameters of the outline. Wall: the thickness of a label around something, along "
    "its middle, and by sector, named as on the face of a clock. Found: what the model's segmenter finds in "
    "the image, its opinion."
)
EMPTY, UNDER_WAY = "No label is painted yet.", "Measuring…"


class MeasuresWindow(QDialog):
    """Shows sizes, and keeps them up to date while it is open."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent, windowTitle="Sizes of labels")
        resize_within_screen(self, *SIZE)
        share_actions(parent, self, "undo", "redo")  # what they do is measured
        self._studio = studio
        self._is_measuring = self._is_fitted = False
        self.sizes: MeasureTable | None = None
        self.note = PlainLabel(EXPLAINED, wordWrap=True)
        self.note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.empty = PlainLabel(UNDER_WAY, objectName="heading", alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.copy = QPushButton("Copy as a table", toolTip="For a spreadsheet: columns are parted by tabs")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        foot = in_row(None, self.copy)
        in_column(
            self.note, self.empty, self.table, foot, of=self, stretched=self.table, spacing=SPACE, margins=SPACE
        )
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self.measure)
        opened, judging = studio.opened, studio.judging
        for change in (
            opened.switched, opened.mask_changed, opened.edited, opened.reference_changed, judging.changed
        ):  # fmt: skip
            change.connect(self._wait)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:  # Qt's name
        """Measure at once."""
        super().showEvent(event)
        self._studio.view.measuring.shows_sizes = True
        self.measure()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._studio.view.measuring.shows_sizes = False

    @property
    def _masks(self) -> Mapping[str, NDArray[np.uint8]]:
        document, judgement = self._studio.document, self._studio.judging.judgement
        masks = {"mask": document.mask.snapshot()}
        if document.reference is not None:
            masks["reference"] = document.reference.mask
        if judgement is not None:
            masks["found"] = judgement.found
        return masks

    @Slot()
    def _wait(self) -> None:
        self._pause.start()

    @Slot()
    def measure(self) -> None:
        """Measure all labels in the background."""
        if not self.isVisible():
            return
        if self._is_measuring:
            self._pause.start()
            return
        self._is_measuring = True
        document = self._studio.document
        work = partial(measure_masks, self._masks, document.table, document.pixel_spacing)
        self._studio.background.start(work, self._on_measured, self._on_failed, lane="measures")

    def _on_measured(self, sizes: MeasureTable) -> None:
        self._is_measuring = False
        self.sizes = sizes
        self._show()

    def _on_failed(self, error: Exception) -> None:
        self._is_measuring = False
        self._studio.background.failed.emit(error)

    def _show(self) -> None:
        rows = [] if self.sizes is None else self.sizes.rows
        self.empty.setVisible(not rows)
        self.empty.setText(UNDER_WAY if self.sizes is None else EMPTY)
        self.table.setVisible(bool(rows))
        self.copy.setEnabled(bool(rows))
        columns = [] if self.sizes is None else self.sizes.columns
        self.table.setColumnCount(len(columns))
        self.table.setHorizontalHeaderLabels(list(columns))
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(place, column, item)
        if rows and not self._is_fitted:
            self._is_fitted = True
            self._widen()

    def _widen(self) -> None:
        """Give all columns their room, once, if the screen has it; later the size is the user's."""
        header, bar = self.table.horizontalHeader(), self.table.verticalScrollBar()
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        around = 2 * (SPACE + self.table.frameWidth()) + bar.sizeHint().width()
        resize_within_screen(self, max(self.width(), header.length() + around), self.height())

    @Slot()
    def _copy(self) -> None:
        if self.sizes is not None:
            QGuiApplication.clipboard().setText(self.sizes.text)
