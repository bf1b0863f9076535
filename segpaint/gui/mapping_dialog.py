"""The dialog that asks what the values of a mask from elsewhere mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from segpaint.core.errors import SegPaintError
from segpaint.core.label_mapping import Guess, SourceValue, guess_targets, with_names
from segpaint.core.labels import BACKGROUND, FREE, LabelTable
from segpaint.gui.fitting_scroll_area import FittingScrollArea
from segpaint.gui.pixmaps import to_pixmap
from segpaint.gui.theme import SPACE, colors, set_tone
from segpaint.io.foreign_masks import ForeignMask, read_names

PREVIEW = 176
SWATCH = 16
ARROW = "→"
TABLES = "Label tables (*.label *.txt *.ctbl *.tsv *.json);;All files (*)"
OPENING = "What do the values of {} mean in this model's labels?"


class TargetBox(QComboBox):
    """Offers what a value may mean; the wheel scrolls past it rather than changing it.

    Parameters
    ----------
    table : LabelTable
    ratio : float
        Pixels of the screen for each device-independent one.
    """

    def __init__(self, table: LabelTable, ratio: float) -> None:
        super().__init__()
        shades = table.colors()
        self._targets: list[int | None] = []
        named = [(label.index, label.name) for label in table.nested()]
        for target, name in (*named, (BACKGROUND, "background"), (FREE, "free region")):
            self._targets.append(target)
            self.addItem(QIcon(_swatch(QColor(*map(int, shades[target])), ratio)), name)
        self._targets.append(None)
        self.addItem(QIcon(_swatch(QColor.fromRgba(0), ratio)), "ignore: background")

    @property
    def target(self) -> int | None:
        """A label index, 0 for background or 255 for free; None if nothing is chosen."""
        return self._targets[self.currentIndex()]

    def choose(self, target: int | None) -> None:
        """Take one of them."""
        self.setCurrentIndex(self._targets.index(target))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class MappingRow(QObject):
    """One value of the file: what it looks like, and what it means.

    Parameters
    ----------
    source : SourceValue
    color : QColor
        In which the preview of the file shows it.
    table : LabelTable
    dialog : QDialog
    """

    changed = Signal()

    def __init__(self, source: SourceValue, color: QColor, table: LabelTable, dialog: QDialog) -> None:
        super().__init__(dialog)
        self.source = source
        self.is_chosen = False
        self.swatch = QLabel()
        self.swatch.setPixmap(_swatch(color, dialog.devicePixelRatioF()))
        self.name = QElidingLabel()
        self.pixels = QLabel(f"{source.pixels:,} px", objectName="heading")
        self.pixels.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.target = TargetBox(table, dialog.devicePixelRatioF())
        self.reason = QLabel(objectName="heading")
        self.show_name(source.name)
        self.target.currentIndexChanged.connect(self._on_choice)

    def show_name(self, name: str) -> None:
        """Call the value by its number, or else its colour, and by this name, if there is one."""
        source = self.source
        number = f"#{bytes(source.color or ()).hex()}" if source.index is None else str(source.index)
        self.name.setText(f"{number} {name}".strip())
        self.name.setToolTip(self.name.text())
        self.target.setAccessibleName(f"Meaning of {self.name.text()}")

    def show_guess(self, guess: Guess) -> None:
        """Choose what is guessed, unless somebody has chosen already."""
        if self.is_chosen:
            return
        self.target.blockSignals(True)
        self.target.choose(guess.target)
        self.target.blockSignals(False)
        self.reason.setText("no guess" if guess.reason is None else guess.reason.value)

    @Slot()
    def _on_choice(self) -> None:
        self.is_chosen = True
        self.reason.setText("chosen")
        self.changed.emit()


class MappingDialog(QDialog):
    """Asks for the meaning of every value of a file, beside what comes of the answers.

    Parameters
    ----------
    foreign : ForeignMask
    guesses : sequence of Guess
        To begin with.
    table : LabelTable
        Of the checkpoint.

    Attributes
    ----------
    rows : list of MappingRow
    remember : QCheckBox
        Whether the answers are to be used for the next file of such values.
    """

    def __init__(
        self, foreign: ForeignMask, guesses: Sequence[Guess], table: LabelTable, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, windowTitle="Map labels")
        self._foreign, self._table = foreign, table
        self.rows = [
            MappingRow(source, QColor(*map(int, color)), table, self)
            for source, color in zip(foreign.sources, foreign.colors, strict=True)
        ]
        self.before, self.after = QLabel(), QLabel()
        self.names = QPushButton(
            "Load &names…", toolTip="A table that names the values: ITK-SNAP, 3D Slicer, BIDS"
        )
        self.problem = QLabel(wordWrap=True)
        set_tone(self.problem, "warning")
        self.said = QLabel(wordWrap=True, objectName="heading")
        self.remember = QCheckBox("&Remember for files like this", checked=True)
        self.remember.setToolTip("Files with the same values are then opened without asking")
        self.cancel = QPushButton("Cancel")
        self.open_button = QPushButton("Open", objectName="primary", default=True)
        self._lay_out()
        for row, guess in zip(self.rows, guesses, strict=True):
            row.show_guess(guess)
            row.changed.connect(self._show)
        self.names.clicked.connect(self._ask_names)
        self.cancel.clicked.connect(self.reject)
        self.open_button.clicked.connect(self.accept)
        self._show()
        doubtful = (row for row in self.rows if row.target.target in (None, FREE))
        next(doubtful, self.rows[0]).target.setFocus()

    @property
    def targets(self) -> tuple[int | None, ...]:
        """What each value means, None where nothing is chosen."""
        return tuple(row.target.target for row in self.rows)

    def load_names(self, path: Path) -> None:
        """Name the values by a table, and guess once more what nobody has chosen yet."""
        try:
            named = with_names(self._foreign.sources, read_names(path))
        except SegPaintError as error:
            self.tell(error)
            return
        self.problem.hide()
        for row, source, guess in zip(self.rows, named, guess_targets(named, self._table), strict=True):
            row.show_name(source.name)
            row.show_guess(guess)
        self._show()

    def tell(self, error: SegPaintError) -> None:
        """Say what was wrong with a table of names."""
        self.problem.setText(str(error))
        self.problem.show()

    # ---- layout

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self.names)
        foot.addWidget(self.remember)
        foot.addStretch(1)
        foot.addSpacing(2 * SPACE)
        foot.addWidget(self.cancel)
        foot.addWidget(self.open_button)
        rule = QFrame(objectName="rule")
        rule.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(QLabel(OPENING.format(self._foreign.path.name), wordWrap=True))
        layout.addLayout(self._previews())
        layout.addWidget(FittingScrollArea(self._list()))
        layout.addWidget(self.problem)
        layout.addWidget(self.said)
        layout.addStretch(1)
        layout.addWidget(rule)
        layout.addLayout(foot)
        self.problem.hide()
        self.setMinimumWidth(560)

    def _previews(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addStretch(1)
        for picture, caption in ((self.before, "The file"), (self.after, "The mask made from it")):
            if picture is self.after:
                row.addWidget(QLabel(ARROW, objectName="heading"))
            picture.setFixedSize(PREVIEW, PREVIEW)
            column = QVBoxLayout()
            column.setSpacing(SPACE // 2)
            column.addWidget(picture)
            column.addWidget(QLabel(caption, objectName="heading"), 0, Qt.AlignmentFlag.AlignHCenter)
            row.addLayout(column)
        row.addStretch(1)
        return row

    def _list(self) -> QWidget:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, SPACE, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(5, 88)  # so that nothing moves when a reason changes
        for line, row in enumerate(self.rows):
            arrow = QLabel(ARROW, objectName="heading")
            for column, widget in enumerate((row.swatch, row.name, row.pixels, arrow, row.target, row.reason)):
                grid.addWidget(widget, line, column)
        return content

    # ---- what is shown

    @Slot()
    def _show(self) -> None:
        ratio, places = self.devicePixelRatioF(), self._foreign.places
        mask = self._foreign.mask(self.targets)
        for picture, pixels in (
            (self.before, self._foreign.colors[places]),
            (self.after, self._table.colors()[mask]),
        ):
            picture.setPixmap(to_pixmap(pixels, PREVIEW, ratio, smooth=False))
        ignored = [row.source.pixels for row in self.rows if row.target.target is None]
        values = "1 value" if len(ignored) == 1 else f"{len(ignored)} values"
        self.said.setText(
            f"{values} ignored: {sum(ignored):,} pixels will be background."
            if ignored
            else "Every value has a meaning."
        )
        set_tone(self.said, "warning" if ignored else "")
        # That nothing means anything is no answer worth keeping.
        self.remember.setEnabled(any(row.target.target for row in self.rows))

    @Slot()
    def _ask_names(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Load names", str(self._foreign.path.parent), TABLES)
        if path:
            self.load_names(Path(path))


def _swatch(color: QColor, ratio: float) -> QPixmap:
    side = round(SWATCH * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor.fromRgba(0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(colors().line))
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(1.5, 1.5, SWATCH - 3, SWATCH - 3), 3, 3)
    painter.end()
    return pixmap
