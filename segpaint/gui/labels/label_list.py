"""The list of labels: choose one to paint with; three switches for each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from superqt import QElidingLabel

from segpaint.core.labels.areas import Area, with_inside
from segpaint.core.labels.labels import BACKGROUND, FREE, Label
from segpaint.core.labels.palette import FREE_REGION
from segpaint.core.requests.faithfulness import Judgement
from segpaint.gui.labels.label_row import ROW_HEIGHT, SWITCHES, LabelRow
from segpaint.gui.parts.find_field import FindField
from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.gui.style.theme_colors import BLACK
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document

ROWS = 4.5
"""So many are asked for at most; the half one shows that there are more."""
FEWEST_ROWS = 3
"""So many are seen even in the lowest window."""
MANY = 12
"""From more rows than these on, there is a field to find one."""


class LabelList(QWidget):
    """The labels of a document, and *free*, to paint with."""

    color_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)
    """A label, and where on the screen."""
    told = Signal(str)
    """A hint about the label that was chosen, for whoever cannot point at its mark."""
    left = Signal()
    """The search is over; the keys may go elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._heard = Connections()
        self._areas: dict[int, tuple[Area, Area]] = {}
        """Of each row's own pixels, and with what lies inside."""
        self.rows: dict[int, LabelRow] = {}
        self._keys: tuple[str, ...] = ()
        self.note = QLabel("This model ignores the mask", objectName="badge")
        self.note.setToolTip("It was trained without masks: its images depend on the seed alone")
        self.summary = QElidingLabel("", objectName="heading")
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.find = FindField("Find a label")
        self.nothing = QLabel("No label has this in its name", objectName="heading")
        self._content = QWidget()
        self._lines = QVBoxLayout(self._content)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(1)
        self._scroll = FittingScrollArea(self._content, FEWEST_ROWS * ROW_HEIGHT, round(ROWS * ROW_HEIGHT))
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        heading = QHBoxLayout()
        heading.setSpacing(SPACE)
        heading.addWidget(QLabel("Labels", objectName="heading"))
        heading.addWidget(self.summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(heading)
        layout.addWidget(self.note)
        layout.addWidget(self.find)
        layout.addWidget(self.nothing)
        layout.addWidget(self._scroll, 1)
        self.nothing.hide()
        # Where a row is, is known only once the rows are laid out, and changes with the room there is.
        self._scroll.verticalScrollBar().rangeChanged.connect(self._show_chosen)
        self.find.textChanged.connect(self._filter)
        self.find.taken.connect(self._take_first)
        self.find.entered.connect(self._enter)
        self.find.given_up.connect(self._give_up)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Show this document's labels from now on."""
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._document = document
        self._areas = {}
        self.rows = {}
        self.note.setVisible(document.checkpoint.description.ignores_mask)
        for label in document.table.nested():
            self._add(self._row(label))
        tooltip = "Paint a free region: the model decides what is there"
        self._add(LabelRow(FREE, "free", QColor(FREE_REGION), tooltip))
        self._add(LabelRow(BACKGROUND, "background", QColor(BLACK), "Paint background: outside all labels"))
        self._lines.addStretch(1)
        self.set_keys(self._keys)
        self.find.clear()
        self.find.setVisible(len(self.rows) > MANY)
        self._heard.renew(
            (document.labels_changed, self._show_labels), (document.paint_value_changed, self._show_current)
        )
        self._show_labels()
        self._show_current(document.paint_value)
        QTimer.singleShot(0, self, self._show_chosen)

    def set_keys(self, keys: Sequence[str]) -> None:
        """Name the keys that choose the first, second … row; empty ones are none."""
        self._keys = tuple(keys)
        for row, key in zip_longest(self.rows.values(), self._keys[: len(self.rows)], fillvalue=""):
            row.set_key(key)

    def _row(self, label: Label) -> LabelRow:
        document = self._document
        description = document.checkpoint.description
        depth = len(document.table.ancestors(label.index))
        row = LabelRow(label.index, label.name, QColor(label.color), f"Paint {label.name}", depth)
        for switch in SWITCHES:
            button = row.add_switch(switch)
            button.setProperty("label", label.index)
            button.setProperty("switch", switch)
            button.toggled.connect(self._on_switch)
        if label.parent is not None:
            around = document.table[label.parent].name
            row.switches["used"].setToolTip(
                f"Used: the model follows this label. Off: it is left out (ablated) and counts as "
                f"{around}, in which it lies; leave that out too, and the model decides what is there"
            )
        if description.ignores_mask:
            row.switches["used"].setEnabled(False)
            row.switches["used"].setToolTip(self.note.text())
        elif not description.ablation_trained:
            row.switches["used"].setEnabled(False)
            row.switches["used"].setToolTip("This model was trained on whole masks: it needs every label")
        return row

    def _add(self, row: LabelRow) -> None:
        self.rows[row.value] = row
        row.chosen.connect(self._on_chosen)
        row.stepped.connect(self._on_step)
        row.color_wanted.connect(self.color_wanted)
        row.menu_wanted.connect(self.menu_wanted)
        self._lines.addWidget(row)

    # ---- what is told

    @Slot(object)
    def show_counts(self, counts: NDArray[np.int64]) -> None:
        """Show beside each label how much of the image it is.

        Parameters
        ----------
        counts : ndarray of int64, shape (256,)
            See `segpaint.core.labels.areas.count_values`.
        """
        document = self._document
        if document is None:
            return
        image, spacing = int(counts.sum()), document.checkpoint.description.pixel_spacing
        whole = with_inside(counts, document.table)
        for value, row in self.rows.items():
            areas = Area(int(counts[value]), image, spacing), Area(int(whole[value]), image, spacing)
            if areas != self._areas.get(value):
                self._areas[value] = areas
                row.show_area(*areas)
        self._sum_up()

    @Slot(object)
    def show_hints(self, hints: dict[int, tuple[str, ...]]) -> None:
        """Mark the labels that there is something to tell of."""
        for value, row in self.rows.items():
            row.show_hints(hints.get(value, ()))

    @Slot(object)
    def show_judgement(self, judgement: Judgement | None) -> None:
        """Show beside each label how well the image looked at shows it."""
        for value, row in self.rows.items():
            if judgement is None:
                row.show_score(None, None)
            else:
                row.show_score(judgement.dice.get(value), judgement.real.get(value))

    def _sum_up(self) -> None:
        areas = self._areas.get(self._document.paint_value) if self._document is not None else None
        self.summary.setText(" · ".join(areas[0].parts) if areas is not None else "")

    # ---- finding

    @Slot()
    def begin_search(self) -> None:
        """Let the keys go to the field that finds labels."""
        self.find.show()
        self.find.setFocus()
        self.find.selectAll()

    @Slot(str)
    def _filter(self, text: str) -> None:
        for row in self.rows.values():
            row.setVisible(text.strip().casefold() in row.name.text().casefold())
        self.nothing.setVisible(not self._found)

    @property
    def _found(self) -> list[LabelRow]:
        return [row for row in self.rows.values() if not row.isHidden()]

    @Slot()
    def _take_first(self) -> None:
        if self._found:
            self._on_chosen(self._found[0].value)
            self.find.clear()
            self._give_up()

    @Slot()
    def _enter(self) -> None:
        if self._found:
            self._on_chosen(self._found[0].value)
            self._found[0].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _give_up(self) -> None:
        self.find.setVisible(len(self.rows) > MANY)
        self.left.emit()

    # ---- choosing

    def show_row(self, value: int) -> None:
        """Scroll to a label."""
        self._scroll.ensureWidgetVisible(self.rows[value], 0, ROW_HEIGHT // 2)

    @Slot()
    def _show_chosen(self) -> None:
        row = self.rows.get(self._document.paint_value) if self._document is not None else None
        if row is not None and not row.isHidden():
            self.show_row(row.value)

    @Slot(int)
    def _on_chosen(self, value: int) -> None:
        if self._document is not None:
            self._document.paint_value = value

    @Slot(int)
    def _on_step(self, by: int) -> None:
        """Choose the nearest label above or below that is seen."""
        rows = list(self.rows.values())
        at = rows.index(self.sender())
        beyond = rows[at + 1 :] if by > 0 else rows[:at][::-1]
        row = next((row for row in beyond if not row.isHidden()), None)
        if row is not None:
            self._on_chosen(row.value)

    @Slot(bool)
    def _on_switch(self, on: bool) -> None:
        button = self.sender()
        if self._document is not None and button is not None:
            self._document.set_label(button.property("label"), **{button.property("switch"): on})

    @Slot()
    def _show_labels(self) -> None:
        if self._document is None:
            return
        for label in self._document.table:
            state = self._document.label_state(label.index)
            row = self.rows[label.index]
            row.swatch.set_color(QColor(label.color))
            for key, button in row.switches.items():
                button.setChecked(getattr(state, key))
            set_tone(row.name, "" if state.used else "aside")

    @Slot(int)
    def _show_current(self, value: int) -> None:
        """Mark the label painted with, and let it have the keys if another one had them."""
        focus = self.window().focusWidget()
        column = next((row.places.index(focus) for row in self.rows.values() if focus in row.places), None)
        stop = value if value in self.rows else next(iter(self.rows))
        for row in self.rows.values():
            row.set_current(row.value == value)
            row.set_tab_stop(row.value == stop)
        if value in self.rows:
            self.show_row(value)
            if self.rows[value].hints:
                self.told.emit(self.rows[value].hints[0])
            if column is not None:
                places = self.rows[value].places
                places[min(column, len(places) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
        self._sum_up()
