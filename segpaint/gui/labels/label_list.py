"""The list of labels: choose one to paint with; three switches for each."""

from collections.abc import Mapping, Sequence
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from segpaint.core.labels.areas import Area, with_inside
from segpaint.core.labels.counting import values_in
from segpaint.core.labels.labels import BACKGROUND, FREE, Label
from segpaint.core.labels.palette import FREE_REGION
from segpaint.core.requests.faithfulness import Judgement
from segpaint.gui.commands.menus import build_menu
from segpaint.gui.commands.shell import Shell
from segpaint.gui.labels.label_commands import COLORS, SHOWN
from segpaint.gui.labels.label_row import ROW_HEIGHT, SWITCHES, LabelRow
from segpaint.gui.parts.find_field import FindField
from segpaint.gui.parts.fitting_scroll_area import FittingScrollArea
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel, plain
from segpaint.gui.style.theme import SPACE, set_tone
from segpaint.gui.style.theme_colors import BLACK
from segpaint.studio.document.document import Document
from segpaint.studio.studio import Studio

BETWEEN = 1
PITCH = ROW_HEIGHT + BETWEEN
"""From one row to the next, in pixels."""
ROWS = 6
"""Rows that it asks for at most; the scroll bar shows that there are more."""
FEWEST_ROWS = 3
"""Rows visible even in the lowest window."""
MANY = 12
"""Number of rows above which there is a search field."""


class LabelList(QWidget):
    """The labels of the open document, *free* and *background*, to paint with."""

    opened = Signal(QWidget)
    """The user has opened this part of it."""
    left = Signal()
    """The search is over; the focus may go elsewhere."""

    def __init__(self, studio: Studio, actions: Mapping[str, QAction], shell: Shell) -> None:
        super().__init__()
        self._studio, self._actions, self._shell = studio, actions, shell
        self._areas: dict[int, tuple[Area, Area]] = {}
        """Areas of each row's own pixels, and with labels inside it."""
        self.rows: dict[int, LabelRow] = {}
        self._keys: tuple[str, ...] = ()
        self.note = PlainLabel("This model ignores the mask", objectName="badge")
        self.note.setToolTip("It was trained without masks: its images depend on the seed alone")
        self.summary = ElidingLabel("", objectName="heading")
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.search = FindField("Find a label")
        self.nothing = PlainLabel("No label has this in its name", objectName="heading")
        self._content = QWidget()
        self._lines = in_column(of=self._content, spacing=BETWEEN)
        self._scroll = FittingScrollArea(self._content, FEWEST_ROWS * PITCH, ROWS * PITCH, PITCH)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        title = PlainLabel("Labels", objectName="heading")
        heading = in_row(title, self.summary, stretched=self.summary, spacing=SPACE)
        parts = heading, self.note, self.search, self.nothing, self._scroll
        in_column(*parts, of=self, stretched=self._scroll)
        self.nothing.hide()
        # The positions of rows are known only after their layout, and depend on the available space.
        self._scroll.verticalScrollBar().rangeChanged.connect(self._show_chosen)
        self.search.textChanged.connect(self._filter)
        self.search.taken.connect(self._take_first)
        self.search.entered.connect(self._enter)
        self.search.given_up.connect(self._give_up)
        self._menu = build_menu(QMenu(self), COLORS, actions, studio, shell)
        opened = studio.opened
        opened.switched.connect(self.show_document)
        opened.labels_changed.connect(self._show_labels)
        opened.paint_value_changed.connect(self._show_current)
        studio.watch.counted.connect(self._show_counts)
        studio.watch.doubted.connect(self._show_hints)
        studio.judging.changed.connect(self._show_judgement)
        studio.view.wanted.connect(self._on_wanted)

    @Slot()
    def show_document(self) -> None:
        """Show the labels of the open document."""
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        document = self._studio.document
        self._areas = {}
        self.rows = {}
        self.note.setVisible(document.checkpoint.description.ignores_mask)
        for label in document.table.nested():
            self._add(self._row(document, label))
        tooltip = "Paint a free region: the model decides what is there"
        self._add(LabelRow(FREE, "free", QColor(FREE_REGION), tooltip))
        self._add(LabelRow(BACKGROUND, "background", QColor(BLACK), "Paint background: outside all labels"))
        self._lines.addStretch(1)
        self.set_keys(self._keys)
        self.search.clear()
        self.search.setVisible(len(self.rows) > MANY)
        self._show_labels()
        self._show_current(document.paint_value)
        self._show_counts(self._studio.watch.counts)  # the rows are newer than the last count
        QTimer.singleShot(0, self, self._show_chosen)

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show the keys that choose the first, second … row; an empty string means none."""
        self._keys = tuple(keys)
        for row, key in zip(self.rows.values(), chain(keys, repeat("")), strict=False):
            row.set_key(key)

    def _row(self, document: Document, label: Label) -> LabelRow:
        description = document.checkpoint.description
        depth = len(document.table.ancestors(label.index))
        row = LabelRow(label.index, label.name, QColor(label.color), f"Paint {label.name}", depth)
        for switch in SWITCHES:
            button = row.add_switch(switch)
            button.setProperty("label", label.index)
            button.setProperty("switch", switch)
            button.toggled.connect(self._on_switch)
        used = row.switches["used"]
        if label.parent is not None:
            around = document.table[label.parent].name
            meaning = (
                f"Used: the model follows this label. Off: it is left out (ablated) and counts as "
                f"{around}, in which it lies; leave that out too, and the model decides what is there"
            )
            used.setToolTip(plain(meaning))
        if description.ignores_mask or not description.ablation_trained:
            needs_all = "This model was trained on whole masks: it needs every label"
            used.setEnabled(False)
            used.setToolTip(self.note.text() if description.ignores_mask else needs_all)
        return row

    def _add(self, row: LabelRow) -> None:
        self.rows[row.value] = row
        row.chosen.connect(self._on_chosen)
        row.stepped.connect(self._on_step)
        row.color_wanted.connect(self._on_color_wanted)
        row.menu_wanted.connect(self._on_menu_wanted)
        self._lines.addWidget(row)

    # ---- information about labels

    @Slot(object)
    def _show_counts(self, counts: NDArray[np.int64]) -> None:
        """Show each label's share of the image, see `segpaint.core.labels.counting.count_values`."""
        document = self._studio.document
        image, spacing = int(counts.sum()), document.pixel_spacing
        whole = with_inside(counts, document.table)
        for value, row in self.rows.items():
            areas = Area(int(counts[value]), image, spacing), Area(int(whole[value]), image, spacing)
            if areas != self._areas.get(value):
                self._areas[value] = areas
                row.show_area(*areas)
        self._sum_up()
        self._show_judgement(self._studio.judging.judgement)  # of an earlier mask from now on, or no longer

    @Slot(object)
    def _show_hints(self, hints: dict[int, tuple[str, ...]]) -> None:
        """Mark the labels that look unlike those in the training data."""
        for value, row in self.rows.items():
            row.show_hints(hints.get(value, ()))

    @Slot(object)
    def _show_judgement(self, judgement: Judgement | None) -> None:
        """Show how well the image looked at matches each label of the mask that it was made from."""
        is_earlier = self._studio.runs.is_outdated
        request, table = self._studio.runs.request, self._studio.document.table
        asked = values_in(request.final.mask) if request is not None else set()
        for value, row in self.rows.items():
            if judgement is None or value not in table or asked.isdisjoint(table.family(value)):
                row.show_score(None, None)  # where the mask lacks a label, none can be found
            else:
                row.show_score(judgement.dice.get(value), judgement.real.get(value), is_earlier=is_earlier)

    def _sum_up(self) -> None:
        areas = self._areas.get(self._studio.document.paint_value)
        self.summary.setText(" · ".join(areas[0].parts) if areas is not None else "")

    # ---- searching

    @Slot(str)
    def _on_wanted(self, key: str) -> None:
        if key == "find_label":
            self.search.show()
            self.opened.emit(self.search)
            self.search.setFocus()
            self.search.selectAll()

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
            self.search.clear()
            self._give_up()

    @Slot()
    def _enter(self) -> None:
        if self._found:
            self._on_chosen(self._found[0].value)
            self._found[0].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _give_up(self) -> None:
        self.search.setVisible(len(self.rows) > MANY)
        self.left.emit()

    # ---- choosing

    @Slot()
    def _show_chosen(self) -> None:
        """Scroll to the label painted with."""
        row = self.rows.get(self._studio.document.paint_value)
        if row is not None and not row.isHidden():
            self._scroll.ensureWidgetVisible(row, 0, 0)

    @Slot(int)
    def _on_chosen(self, value: int) -> None:
        self._studio.document.paint_value = value

    @Slot(int)
    def _on_color_wanted(self, value: int) -> None:
        self._on_chosen(value)
        self._actions["label_color"].trigger()

    @Slot(int, QPoint)
    def _on_menu_wanted(self, value: int, place: QPoint) -> None:
        self._on_chosen(value)
        self._menu.popup(place)

    @Slot(int)
    def _on_step(self, by: int) -> None:
        """Choose the nearest visible label above or below."""
        rows = list(self.rows.values())
        at = next(number for number, row in enumerate(rows) if row is self.sender())
        beyond = rows[at + 1 :] if by > 0 else rows[:at][::-1]
        row = next((row for row in beyond if not row.isHidden()), None)
        if row is not None:
            self._on_chosen(row.value)

    @Slot(bool)
    def _on_switch(self, on: bool) -> None:
        button = self.sender()
        if button is not None:
            self._studio.document.set_label(button.property("label"), **{button.property("switch"): on})

    @Slot()
    def _show_labels(self) -> None:
        document = self._studio.document
        for value, row in self.rows.items():
            if value in document.table:
                state = document.label_state(value)
                row.swatch.set_color(QColor(document.table[value].color))
                for key, button in row.switches.items():
                    button.setChecked(getattr(state, key))
                set_tone(row.name, "" if state.used else "aside")

    @Slot(int)
    def _show_current(self, value: int) -> None:
        """Mark the label painted with, and move the focus to it if another label had it."""
        focus = self.window().focusWidget()
        column = next((row.places.index(focus) for row in self.rows.values() if focus in row.places), None)
        stop = value if value in self.rows else next(iter(self.rows))
        for row in self.rows.values():
            row.set_current(row.value == value)
            row.set_tab_stop(row.value == stop)
        if value in self.rows:
            self._show_chosen()
            if self.rows[value].hints:  # for users who cannot point at its mark
                self._shell.say(self.rows[value].hints[0], SHOWN)
            if column is not None:
                places = self.rows[value].places
                places[min(column, len(places) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
        self._sum_up()
