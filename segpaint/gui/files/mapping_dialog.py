"""The dialog that asks for the meaning of the values of a mask from elsewhere."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Guess, guess_targets, with_names
from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.words import counted
from segpaint.gui.files.mapping_row import Choices, MappingRow, fit_width
from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.io.foreign_masks import ForeignMask, read_names

PREVIEW = 176
WIDE, SHARE = 760, 0.9
"""Width of the dialog, and its largest share of the screen."""
MANY = 12
"""Values beyond which there is a field to find some."""
ARROW = "→"
TABLES = "Label tables (*.label *.txt *.ctbl *.tsv *.json);;All files (*)"
OPENING = "What do the values of {} mean in this model's labels?"


class MappingDialog(QDialog):
    """Asks for the meaning of every value of a file, and previews the resulting mask.

    Parameters
    ----------
    guesses : sequence of Guess
        Initial answers.
    table : LabelTable
        Of the checkpoint.

    Attributes
    ----------
    remember : QCheckBox
        Whether to use the answers for the next file with the same values.
    """

    def __init__(
        self, foreign: ForeignMask, guesses: Sequence[Guess], table: LabelTable, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, windowTitle="Map labels")
        self._foreign, self._table = foreign, table
        self._parts: list[tuple[QWidget, ...]] = []  # the widgets of each row
        choices = Choices(table, self.devicePixelRatioF(), self)
        self.rows = [
            MappingRow(source, QColor(*map(int, color)), choices, self)
            for source, color in zip(foreign.sources, foreign.colors, strict=True)
        ]
        self.filter = QLineEdit(placeholderText="Show only values with…", clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter of the values")
        self.filter.textChanged.connect(self._show_only)
        self.before, self.after = PlainLabel(), PlainLabel()
        self.names = QPushButton(
            "Load &names…", toolTip="A table that names the values: ITK-SNAP, 3D Slicer, BIDS"
        )
        self.problem = PlainLabel(wordWrap=True)
        set_tone(self.problem, "warning")
        self.said = PlainLabel(wordWrap=True)
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
        self._draw(self.before, self._foreign.picture)
        self._show()
        doubtful = (row for row in self.rows if row.is_unsure or row.target.target in (None, FREE))
        next(doubtful, self.rows[0]).target.setFocus()

    @property
    def targets(self) -> tuple[int | None, ...]:
        """The meaning of each value, None if none is chosen."""
        return tuple(row.target.target for row in self.rows)

    def load_names(self, path: Path) -> None:
        """Name the values by a table, and guess again those that the user has not chosen."""
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
        """Show the error in a table of names."""
        self.problem.setText(str(error))
        self.problem.show()

    # ---- layout

    def _lay_out(self) -> None:
        rule = QFrame(objectName="rule", minimumHeight=1, maximumHeight=1)
        in_column(
            PlainLabel(OPENING.format(self._foreign.path.name), wordWrap=True),
            self._previews(),
            self.filter,
            FittingScrollArea(self._list()),
            self.problem,
            self.said,
            None,
            rule,
            in_row(self.names, self.remember, None, 2 * SPACE, self.cancel, self.open_button, spacing=SPACE),
            of=self,
            spacing=2 * SPACE,
            margins=2 * SPACE,
        )
        self.problem.hide()
        self.filter.setVisible(len(self.rows) > MANY)
        self.setMinimumWidth(560)
        room, hint = screen_of(self).availableGeometry().size(), self.sizeHint()
        self.resize(min(WIDE, round(SHARE * room.width())), min(hint.height(), round(SHARE * room.height())))

    def _previews(self) -> QHBoxLayout:
        columns = []
        for picture, caption in ((self.before, "The file"), (self.after, "The mask made from it")):
            picture.setFixedSize(PREVIEW, PREVIEW)
            column = in_column(picture, spacing=SPACE // 2)
            column.addWidget(PlainLabel(caption, objectName="heading"), 0, Qt.AlignmentFlag.AlignHCenter)
            columns.append(column)
        before, after = columns
        return in_row(None, before, PlainLabel(ARROW, objectName="heading"), after, None, spacing=2 * SPACE)

    def _list(self) -> QWidget:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, SPACE, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(5, 96)  # so that nothing moves when a reason changes
        for line, row in enumerate(self.rows):
            arrow = PlainLabel(ARROW, objectName="heading")
            parts: tuple[QWidget, ...] = (row.swatch, row.name, row.pixels, arrow, row.target, row.reason)
            self._parts.append(parts)
            for column, widget in enumerate(parts):
                grid.addWidget(widget, line, column)
        fit_width([row.target for row in self.rows])
        return content

    # ---- display

    @Slot(str)
    def _show_only(self, text: str) -> None:
        """Hide the values whose numbers, names, and meanings lack a text."""
        for row, parts in zip(self.rows, self._parts, strict=True):
            words = f"{row.name.text()} {row.target.currentText()}"
            for part in parts:
                part.setVisible(text.casefold().strip() in words.casefold())

    @Slot()
    def _show(self) -> None:
        mask = self._foreign.mask(self.targets)
        self._draw(self.after, self._table.colors()[mask])
        ignored = [row.source.pixels for row in self.rows if row.target.target is None]
        guessed = sum(row.is_unsure for row in self.rows)
        self.said.setText(" ".join(_said(ignored, guessed)))
        set_tone(self.said, "warning" if ignored or guessed else "faint")
        # An answer without any meaning is not worth keeping, and an accidental Return must not give it.
        says_something = any(row.target.target for row in self.rows)
        self.remember.setEnabled(says_something)
        self.open_button.setEnabled(says_something)
        self.open_button.setToolTip("" if says_something else "Say first which value is a label")

    def _draw(self, picture: QLabel, pixels: NDArray[np.uint8]) -> None:
        picture.setPixmap(to_pixmap(pixels, PREVIEW, self.devicePixelRatioF(), smooth=False))

    @Slot()
    def _ask_names(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Load names", str(self._foreign.path.parent), TABLES)
        if path:
            self.load_names(Path(path))


def _said(ignored: Sequence[int], guessed: int) -> Iterator[str]:
    """Report what needs attention: pixels of each ignored value, and the number of guesses."""
    if guessed:
        yield f"{counted(guessed, 'value is', 'values are')} only guessed: look whether the mask is right."
    if ignored:
        pixels = counted(sum(ignored), "pixel")
        yield f"{counted(len(ignored), 'value is', 'values are')} ignored: {pixels} will be background."
    if not guessed and not ignored:
        yield "Every value has a meaning."
