"""The settings of a sweep: image, label, gesture, and amounts, with a preview of the masks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

from segpaint.core.errors import SegPaintError
from segpaint.core.masks.doses import DOSES, MILLIMETRES, MOST, PERCENT, DosedGesture
from segpaint.core.pictures.compare import mask_over
from segpaint.core.words import counted
from segpaint.gui.making.set_form import NAME_WIDTH, SetForm
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.paired.sweep import Spread, about_same
from segpaint.studio.making.sweeping import Before, befores
from segpaint.studio.studio import Studio

LANE = "sweep preview"
SIDE = 144
USUAL = {PERCENT: 20, MILLIMETRES: 2}
"""Amounts that a sweep begins and ends with, by their unit."""
UNITS = {PERCENT: "by percent", MILLIMETRES: "by millimetres"}
UNKNOWN = "How wide the pixels of this image are is not known, so amounts are in percent"
FLAGS = Qt.ItemDataRole.UserRole - 1
"""The role by which Qt's own model for choices keeps the flags of an item."""
MOST_SHOWN = 101
"""Amounts that the window takes; the command takes more."""
COVER = 110
"""Opacity of a mask in the preview, of 255."""
PROMISE = "PATIENT DATA: the reference goes into the folder with each pair, because you ask for it here."


@dataclass(frozen=True, eq=False)
class Outlook:
    """What a sweep will be: its amounts, and the masks of the first and the last."""

    amounts: Sequence[float]
    same: Sequence[float]
    ends: Sequence[tuple[str, NDArray[np.uint8]]] = field(repr=False)


class SweepForm(SetForm):
    """Asks for image, label, gesture, and amounts. The masks are made on another thread."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._befores: list[Before] = []
        self._outlook: Outlook | None = None
        self._problem = ""
        self._asked = 0  # the preview that is waited for
        self.before, self.label, self.gesture, self.way = Choice(), Choice(), Choice(), Choice()
        for key, dose in DOSES.items():
            self.gesture.addItem(dose.name, key)
        self.first, self.last = (
            NumberField(-MOST[PERCENT], MOST[PERCENT], value=value, decimals=1, suffix=f" {PERCENT}", name=name)
            for value, name in ((-USUAL[PERCENT], "First amount"), (USUAL[PERCENT], "Last amount"))
        )
        self.unit = Choice(accessibleName="Unit of the amounts")
        for unit, words in UNITS.items():
            self.unit.addItem(words, unit)
        self.amounts = NumberField(1, MOST_SHOWN, value=9, suffix=" amounts", name="Number of amounts")
        self.promise = PlainLabel(PROMISE, wordWrap=True)
        set_tone(self.promise, "warning")
        self.pictures = [PlainLabel(objectName="picture") for _ in range(3)]
        self.captions = [PlainLabel() for _ in self.pictures]
        self._lay_out()
        self._take_gesture()
        self.before.activated.connect(self._take_before)
        self.gesture.activated.connect(self._take_gesture)
        self.unit.activated.connect(self._take_unit)
        for choice in (self.label, self.way):
            choice.activated.connect(self._look)
        for box in (self.first, self.last, self.amounts):
            box.valueChanged.connect(self._look)

    def _lay_out(self) -> None:
        rows: list[tuple[str, QWidget | QLayout]] = [
            ("Image before", self.before),
            ("Label", self.label),
            ("Gesture", in_row(self.gesture, self.way, stretched=self.gesture, spacing=SPACE)),
            ("Amounts", in_row(self.amounts, self.unit, None, spacing=SPACE)),
            ("From", in_row(self.first, PlainLabel("to"), self.last, None, spacing=SPACE)),
        ]
        grid = QGridLayout(horizontalSpacing=2 * SPACE, verticalSpacing=SPACE)
        grid.setColumnMinimumWidth(0, NAME_WIDTH)
        grid.setColumnStretch(1, 1)
        for row, (name, part) in enumerate(rows):
            grid.addWidget(PlainLabel(name, objectName="heading"), row, 0)
            if isinstance(part, QWidget):
                grid.addWidget(part, row, 1)
            else:
                grid.addLayout(part, row, 1)
        columns = []
        for picture, caption in zip(self.pictures, self.captions, strict=True):
            picture.setFixedSize(SIDE, SIDE)
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            columns.append(in_column(picture, caption, spacing=SPACE // 2))
        shown = in_row(NAME_WIDTH + 2 * SPACE, *columns, None, spacing=SPACE)
        in_column(grid, shown, self.promise, None, of=self, spacing=2 * SPACE)

    # ---- what is chosen

    @property
    def chosen(self) -> Before | None:
        """The image to begin with."""
        place = self.before.currentIndex()
        return self._befores[place] if 0 <= place < len(self._befores) else None

    @property
    def dosed(self) -> DosedGesture | None:
        """The gesture, with its label and way."""
        label, key, before = self.label.currentData(), self.gesture.currentData(), self.chosen
        if label is None or before is None:
            return None
        return DosedGesture(key, label, self.way.currentText()).by(self.unit.currentData(), before.spacing)

    @property
    def spread(self) -> Spread:
        """The amounts."""
        return Spread(
            float(self.first.value()),
            float(self.last.value()),
            int(self.amounts.value()),
            self.unit.currentData(),
        )

    @property
    def count(self) -> int:
        """The number of pairs; 0 while it is not known."""
        return 0 if self._outlook is None else len(self._outlook.amounts)

    @property
    def sentence(self) -> str:
        """What will be made, or why nothing can be."""
        outlook = self._outlook
        if not self._befores:
            return "Open a reference, or make an image first."
        if outlook is None:
            return self._problem or "Looking at the masks…"
        name = self.label.currentText()
        dose, unit = DOSES[self.gesture.currentData()], self.unit.currentData()
        measure = f"percent {dose.measure}" if unit == PERCENT else f"millimetres {dose.length}"
        pairs = counted(len(outlook.amounts), "matched pair")
        words = f"{pairs} of {name}, by {measure}; 0 {unit} is the image before."
        return f"{words} {about_same(outlook.same, name, unit)}".strip()

    def refresh(self) -> None:
        """Follow the current state of the open document."""
        chosen, label = type(self.chosen), self.label.currentData()
        self._befores = befores(self._studio.document, self._studio.runs)
        self.before.clear()
        for one in self._befores:
            self.before.addItem(one.words)
        kinds = [type(one) for one in self._befores]
        self.before.setCurrentIndex(kinds.index(chosen) if chosen in kinds else 0)
        self._take_before(label)

    def set_editable(self, editable: bool) -> None:
        """Allow or forbid changes."""
        for part in (
            self.before, self.label, self.gesture, self.way, self.first, self.last, self.unit, self.amounts,
        ):  # fmt: skip
            part.setEnabled(editable)

    @Slot()
    def _take_before(self, wanted: object = None) -> None:
        """List the labels of the mask; the one painted with is chosen, unless another was."""
        before, document = self.chosen, self._studio.document
        table = document.table
        label = wanted if isinstance(wanted, int) and wanted in table else None
        label = label if label is not None else self.label.currentData()
        self.label.clear()
        self._allow_unit()
        self.promise.setVisible(before is not None and before.is_patient)
        if before is not None:
            there = [one.index for one in table if table.shape_of(before.mask, one.index).any()]
            for index in there:
                self.label.addItem(table[index].name, index)
            label = label if label in there else document.paint_value
            self.label.setCurrentIndex(there.index(label) if label in there else 0)
        self._look()

    def _allow_unit(self) -> None:
        """Offer millimetres where they are known."""
        before, model = self.chosen, self.unit.model()
        is_known = before is None or before.spacing is not None
        item = model.index(self.unit.findData(MILLIMETRES), 0)
        model.setData(item, None if is_known else Qt.ItemFlag.NoItemFlags, FLAGS)
        self.unit.setToolTip("" if is_known else UNKNOWN)
        if not is_known and self.unit.currentData() == MILLIMETRES:
            self.unit.setCurrentIndex(self.unit.findData(PERCENT))
            self._take_unit()

    @Slot()
    def _take_unit(self) -> None:
        """Begin with usual amounts of the unit."""
        unit = self.unit.currentData()
        for box, amount in ((self.first, -USUAL[unit]), (self.last, USUAL[unit])):
            with QSignalBlocker(box):
                box.setSuffix(f" {unit}")
                box.setRange(-MOST[unit], MOST[unit])
                box.setValue(amount)
        self._look()

    @Slot()
    def _take_gesture(self) -> None:
        """List the ways of the gesture."""
        ways = DOSES[self.gesture.currentData()].ways
        self.way.clear()
        self.way.addItems(list(ways))
        self.way.setVisible(bool(ways))
        self._look()

    # ---- preview

    @Slot()
    def _look(self) -> None:
        """Make the masks."""
        self._asked += 1
        self._outlook, self._problem = None, ""
        before, dosed = self.chosen, self.dosed
        if before is None or dosed is None:
            self._problem = "The mask of this image shows no label."
            self._draw()
        else:
            work = partial(self._make, self._asked, before, dosed, self.spread)
            self._studio.background.start(work, self._on_made, self._on_failed, lane=LANE)
        self.changed.emit()

    def _make(self, asked: int, before: Before, dosed: DosedGesture, spread: Spread) -> tuple[int, object]:
        """Make the masks, on another thread, unless others are waited for by now."""
        if asked != self._asked:
            return asked, None
        table = before.checkpoint.table
        try:
            useful, same = spread.useful(dosed, before.mask, table)
        except SegPaintError as error:
            return asked, error
        ends = [
            (f"{amount:+g} {spread.unit}", dosed.run(before.mask, table, amount))
            for amount in (useful[0], useful[-1])
        ]
        return asked, Outlook(useful, same, ends)

    def _on_made(self, made: tuple[int, object]) -> None:
        asked, outlook = made
        if asked != self._asked:
            return
        if isinstance(outlook, Outlook):
            self._outlook = outlook
        else:
            self._problem = str(outlook)
        self._draw()
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(error)

    def _draw(self) -> None:
        before, outlook = self.chosen, self._outlook
        if before is None or outlook is None:
            for part in (*self.pictures, *self.captions):
                part.clear()
            return
        colors = np.zeros((256, 4), np.uint8)
        colors[:, :3] = self._studio.document.table.colors()[:, :3]
        colors[1:, 3] = COVER
        shown = [outlook.ends[0], ("before", before.mask), outlook.ends[1]]
        for (words, mask), picture, caption in zip(shown, self.pictures, self.captions, strict=True):
            picture.setPixmap(to_pixmap(mask_over(mask, colors, before.image), SIDE, self.devicePixelRatio()))
            caption.setText(words)
