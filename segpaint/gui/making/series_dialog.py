"""A series of images side by side, shown as they are finished."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QPushButton,
    QScrollArea,
    QWidget,
)

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.film import series
from segpaint.core.requests.kinds import about
from segpaint.core.requests.request import Request
from segpaint.core.runs.series import Entry, mean_and_spread
from segpaint.core.words import counted
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel, plain
from segpaint.gui.parts.save_question import may_overwrite
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE
from segpaint.io.results import result_files, write_result
from segpaint.studio.studio import Studio

SIDE = 168
TAKES_UP = "Click to take up in the window all that this image is made from"


class Cell(QFrame):
    """One image with its caption."""

    chosen = Signal(object, object)
    """The `Request` of the clicked image, and its pixels; None while it is not finished."""

    def __init__(self, caption: str, request: Request | None) -> None:
        super().__init__(objectName="row")
        self.request = request
        self.pixels: NDArray[np.uint8] | None = None
        self.picture = PlainLabel("waiting", alignment=Qt.AlignmentFlag.AlignCenter, objectName="picture")
        self.picture.setFixedSize(SIDE, SIDE)
        self.caption = PlainLabel(caption, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        in_column(self.picture, self.caption, of=self, spacing=SPACE // 2, margins=SPACE // 2)
        if request is not None:
            self.setToolTip(TAKES_UP)

    def show_pixels(self, pixels: NDArray[np.uint8]) -> None:
        """Show the finished image."""
        self.pixels = pixels
        if self.request is not None:
            what = about(self.request, pixels).sentence
            self.setToolTip(f"Synthetic? {what}\n{TAKES_UP}")
        self.picture.setPixmap(to_pixmap(pixels, SIDE, self.devicePixelRatio()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.request is not None:
            self.chosen.emit(self.request, self.pixels)


class SeriesDialog(QDialog):
    """Makes the images of a series, and shows them.

    Parameters
    ----------
    sums_up : bool
        Whether to show the mean and the spread of the images, too.
    """

    chosen = Signal(object, object)
    """A `Request` to restore, and its image; None while it is not finished."""
    animation_wanted = Signal(object)
    """The scenes of an animation of all images."""

    def __init__(
        self,
        studio: Studio,
        title: str,
        entries: Sequence[Entry],
        *,
        columns: int,
        sums_up: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, windowTitle=title)
        self._studio = studio
        self.cells = [Cell(entry.caption, entry.request) for entry in entries]
        self.sums = [Cell("mean", None), Cell("spread over seeds", None)] if sums_up else []
        self.progress = PlainLabel()
        self.save = QPushButton("Save all…", enabled=False)
        self.save.clicked.connect(self._ask_folder)
        self.animate = QPushButton("Export animation…", enabled=False)
        self.animate.clicked.connect(self._want_animation)
        self._lay_out(columns)
        studio.jobs.done.connect(self._on_done)
        studio.jobs.failed.connect(self._on_failed)
        studio.runs.model_changed.connect(self.close)
        self.finished.connect(self._give_up)
        tickets = studio.jobs.add([entry.request for entry in entries])
        self._waiting = dict(zip(tickets, self.cells, strict=True))
        self._show_progress()

    def _lay_out(self, columns: int) -> None:
        grid = QGridLayout()
        grid.setSpacing(SPACE // 2)
        for place, cell in enumerate([*self.cells, *self.sums]):
            cell.chosen.connect(self.chosen)
            grid.addWidget(cell, place // columns, place % columns, Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        content.setLayout(grid)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(content)
        foot = in_row(self.progress, self.animate, self.save, stretched=self.progress)
        in_column(scroll, foot, of=self, stretched=scroll, margins=SPACE)
        rows = -(-(len(self.cells) + len(self.sums)) // columns)
        width, height = SIDE + 2 * SPACE, SIDE + 7 * SPACE
        resize_within_screen(self, min(columns, 6) * width + 4 * SPACE, min(rows, 3) * height + 8 * SPACE)

    @Slot(int, object)
    def _on_done(self, ticket: int, pixels: NDArray[np.uint8]) -> None:
        cell = self._waiting.pop(ticket, None)
        if cell is not None:
            cell.show_pixels(pixels)
            self._show_progress()

    @Slot(int, object)
    def _on_failed(self, ticket: int, error: Exception) -> None:
        cell = self._waiting.pop(ticket, None)
        if cell is not None:
            cell.picture.setText("failed")
            cell.setToolTip(plain(str(error)))
            self._show_progress()

    def _show_progress(self) -> None:
        count = len(self.cells)
        done = count - len(self._waiting)
        self.progress.setText(
            f"{done} of {counted(count, 'image')}" if self._waiting else counted(count, "image")
        )
        made = [cell.pixels for cell in self.cells if cell.pixels is not None]
        if self.sums and len(made) > 1:
            for cell, pixels in zip(self.sums, mean_and_spread(made), strict=True):
                cell.show_pixels(pixels)
        for button in (self.save, self.animate):
            button.setEnabled(not self._waiting and bool(made))

    @Slot()
    def _want_animation(self) -> None:
        made = [
            (cell.caption.text(), cell.pixels, cell.request)
            for cell in self.cells
            if cell.pixels is not None and cell.request is not None
        ]
        self.animation_wanted.emit(series(made))

    @Slot()
    def _ask_folder(self) -> None:
        finished = self._finished(Path())
        shows_patient = any(about(request, pixels).shows_patient for _, pixels, request in finished)
        kind = "PATIENT DATA: images made from a patient's" if shows_patient else "all images"
        folder = QFileDialog.getExistingDirectory(self, f"Save {kind}, into a folder")
        if folder:
            files = [file for path, *_ in self._finished(Path(folder)) for file in result_files(path)]
            if may_overwrite(self, files):
                self.save_to(Path(folder))

    def _finished(self, folder: Path) -> Iterator[tuple[Path, NDArray[np.uint8], Request]]:
        for number, cell in enumerate(self.cells, start=1):
            if cell.pixels is not None and cell.request is not None:
                yield folder / f"{number:02d}.png", cell.pixels, cell.request

    def save_to(self, folder: Path) -> None:
        """Write each image with its mask and request, as ``01.png`` and so on."""
        table = self._studio.document.table
        try:
            for path, pixels, request in self._finished(folder):
                write_result(path, pixels, request, table)
        except SegPaintError as error:
            self.progress.setText(str(error))
        else:
            self.progress.setText(f"Saved in {folder}")

    @Slot()
    def _give_up(self) -> None:
        self._studio.jobs.drop(self._waiting)
        self._waiting = {}
