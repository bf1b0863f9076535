"""The dialog for figures: what they show, how wide they are, and a preview."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from segpaint.core.files import with_ending, write_atomically
from segpaint.core.pictures.figure import Figure
from segpaint.core.pictures.film import Panel
from segpaint.gui.making.figure_painter import UNIT, FigureKind, FigurePainter, draw_image, encode_figure
from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.problem_label import ProblemLabel
from segpaint.gui.parts.save_question import ask_where
from segpaint.gui.parts.screens import resize_within_screen, screen_of
from segpaint.gui.parts.system_clipboard import put_picture
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE
from segpaint.studio.studio import Studio

WIDTHS = {"One column, 85 mm": 85, "One column and a half, 120 mm": 120, "Two columns, 180 mm": 180}
KINDS = "PNG, 300 dots an inch (*.png);;SVG (*.svg);;PDF (*.pdf)"
LANE = "figures"
LEAST_CAPTION, BESIDE = 112, 600
"""Pixels of a caption's field, and of a screen on which the fields lie beside each other."""


def figure_files(path: Path, kind: str) -> list[Path]:
    """Name the file of a figure: the ending of the chosen kind is appended if it has none."""
    endings = [one.value for one in FigureKind]
    chosen = next((ending for ending in endings if f"*{ending})" in kind), endings[0])
    return [with_ending(path, chosen, *endings)]


class Preview(QWidget):
    """Shows a figure as it will be, on white."""

    def __init__(self) -> None:
        super().__init__(accessibleName="Preview of the figure")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._drawn: FigurePainter | None = None

    def sizeHint(self) -> QSize:
        return QSize(720, 320)

    def show_figure(self, drawn: FigurePainter | None) -> None:
        """Show a figure; nothing if it is None."""
        self._drawn = drawn
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._drawn is None:
            return
        size = self._drawn.size * UNIT
        scale = min(self.width() / size.width(), self.height() / size.height())
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(
            (self.width() - scale * size.width()) / 2, (self.height() - scale * size.height()) / 2
        )
        painter.scale(scale, scale)
        self._drawn.draw(painter)


class FigureDialog(QDialog):
    """Saves a figure, or copies it.

    Parameters
    ----------
    panels : sequence of Panel
        What it can show; their names are the captions at first.
    key : tuple of tuple
        Names and colours of all labels.
    spacing : float or None
        Millimetres per pixel; None if they are unknown, and there is no scale bar.
    """

    def __init__(
        self, studio: Studio, panels: Sequence[Panel], key: tuple[tuple[str, str], ...], spacing: float | None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent, windowTitle="Export a figure")
        self._studio, self._panels, self._key, self._spacing = studio, panels, key, spacing
        self.boxes = [QCheckBox(panel.name, checked=True) for panel in panels]
        self.captions = [QLineEdit(panel.name, accessibleName=f"Caption of {panel.name}") for panel in panels]
        self.width_box = Choice()
        for words, width in WIDTHS.items():
            self.width_box.addItem(words, width)
        self.width_box.setCurrentIndex(len(WIDTHS) - 1)
        self.columns = NumberField(1, max(len(panels), 1), value=max(len(panels), 1), suffix=" in a row")
        self.key_box = QCheckBox("Names and colours of the labels", checked=True)
        self.scale_box = QCheckBox("A scale bar", checked=spacing is not None, enabled=spacing is not None)
        if spacing is None:
            self.scale_box.setToolTip("How wide the pixels are is not known")
        self.marks = QCheckBox("What each image is", checked=True)
        self.marks.setToolTip("SYNTHETIC, or that a patient is in it; the metadata of the file hold it anyway")
        self.preview = Preview()
        self.said = PlainLabel(objectName="heading")
        self.problem = ProblemLabel()
        self.copy = QPushButton("Copy")
        self.save = QPushButton("Save…", objectName="primary")
        self.close_button = QPushButton("Close")
        self._lay_out()
        for box in (*self.boxes, self.key_box, self.scale_box, self.marks):
            box.toggled.connect(self._show)
        for caption in self.captions:
            caption.textChanged.connect(self._show)
        self.width_box.activated.connect(self._show)
        self.columns.valueChanged.connect(self._show)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._ask_path)
        self.close_button.clicked.connect(self.close)
        self._show()

    def _lay_out(self) -> None:
        grid = QGridLayout(horizontalSpacing=SPACE, verticalSpacing=SPACE // 2)
        for row, (box, caption) in enumerate(zip(self.boxes, self.captions, strict=True)):
            grid.addWidget(box, row, 0)
            grid.addWidget(caption, row, 1)
        form = QFormLayout(horizontalSpacing=2 * SPACE, verticalSpacing=SPACE)
        form.addRow("Width", self.width_box)
        form.addRow("Panels", self.columns)
        for part in (self.key_box, self.scale_box, self.marks):
            form.addRow("", part)
        grid.setColumnStretch(1, 1)
        for caption in self.captions:
            caption.setMinimumWidth(LEAST_CAPTION)
        top: QLayout | QWidget
        if screen_of(self).availableSize().width() < BESIDE:  # no room for one beside the other
            self.width_box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            fields = QWidget()
            in_column(grid, form, of=fields, spacing=SPACE)
            top = FittingScrollArea(fields)
        else:
            top = in_row(grid, form, stretched=grid, spacing=4 * SPACE)
        for button in (self.copy, self.save, self.close_button):
            button.setAutoDefault(False)
        foot = in_row(self.said, self.close_button, self.copy, self.save, stretched=self.said, spacing=SPACE)
        parts = top, self.preview, self.problem, foot
        in_column(*parts, of=self, stretched=self.preview, spacing=2 * SPACE, margins=2 * SPACE)
        resize_within_screen(self, 880, 640)

    @property
    def figure(self) -> Figure:
        """What is chosen."""
        chosen = tuple(
            replace(panel, name=caption.text())
            for box, caption, panel in zip(self.boxes, self.captions, self._panels, strict=True)
            if box.isChecked()
        )
        return Figure(
            chosen,
            columns=int(self.columns.value()),
            key=self._key if self.key_box.isChecked() else (),
            spacing=self._spacing if self.scale_box.isChecked() else None,
            marks=self.marks.isChecked(),
        )

    @property
    def _millimetres(self) -> float:
        return float(self.width_box.currentData())

    @property
    def _shows_patient(self) -> bool:
        return any(panel.about is not None and panel.about.shows_patient for panel in self.figure.panels)

    @Slot()
    def _show(self) -> None:
        figure = self.figure
        drawn = FigurePainter(figure, self._millimetres) if figure.panels else None
        self.preview.show_figure(drawn)
        for button in (self.copy, self.save):
            button.setEnabled(drawn is not None)
        if drawn is None:
            self.said.setText("Tick something to show.")
            return
        patient = " It shows PATIENT DATA." if self._shows_patient else ""
        self.said.setText(f"{drawn.size.width():.0f} × {drawn.size.height():.0f} mm.{patient}")

    @Slot()
    def _copy(self) -> None:
        figure = self.figure
        png = encode_figure(figure, self._millimetres, FigureKind.PNG)
        put_picture(draw_image(figure, self._millimetres), png)
        self.said.setText("Copied PATIENT DATA." if self._shows_patient else "Copied.")

    @Slot()
    def _ask_path(self) -> None:
        title = "Save PATIENT DATA: a figure" if self._shows_patient else "Save the figure"
        answer = ask_where(
            self, self._studio.preferences, title, "figure.png", KINDS, figure_files, are_figures=True
        )
        if answer is not None:
            self.save_to(answer[0])

    def save_to(self, path: Path) -> None:
        """Write the figure; the ending of the file names the format."""
        self.problem.clear()
        kind, width, figure = FigureKind(path.suffix.lower()), self._millimetres, self.figure

        def write() -> Path:
            write_atomically(path, encode_figure(figure, width, kind), private=self._shows_patient)
            return path

        self._studio.background.start(write, self._on_written, self.problem.show_error, lane=LANE)

    def _on_written(self, path: Path) -> None:
        self.said.setText(f"Saved {path.name} in {path.parent}")
