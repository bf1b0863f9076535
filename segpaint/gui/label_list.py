"""The list of labels: choose one to paint with; three switches for each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from segpaint.core.faithfulness import POOR, Judgement
from segpaint.core.labels import FREE
from segpaint.gui.theme import SPACE, colors, icon, set_tone
from segpaint.gui.theme_colors import BLACK, FREE_REGION, HATCH, WHITE
from segpaint.session.document import Document

ROW_HEIGHT = 4 * SPACE + 2
ROWS = 4.5
"""So many are seen at least; the half one shows that there are more."""
SWITCHES = {
    "shown": (MDI7.eye_off_outline, MDI7.eye_outline, "text", "Shown on the canvas"),
    "used": (
        MDI7.help_circle_outline,
        MDI7.check_circle_outline,
        "accent",
        "Used: the model follows this label. Off: it is left out (ablated), so the model decides "
        "whether and where it is",
    ),
    "locked": (MDI7.lock_open_variant_outline, MDI7.lock, "warning", "Locked: not painted over"),
}
"""Icon when off, icon when on, its colour then, tooltip."""


class Swatch(QWidget):
    """A square in a label's colour with the key that chooses it; hatched for free."""

    def __init__(self, color: QColor, *, hatched: bool = False) -> None:
        super().__init__()
        self._color, self._key, self._hatched = color, "", hatched
        self.setFixedSize(16, 16)

    def set_key(self, key: str) -> None:
        """Show this key, where there is room for it."""
        self._key = key if len(key) == 1 and not self._hatched else ""
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colors().line))
        painter.setBrush(self._color)
        rect = self.rect().adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(rect, 3, 3)
        if self._key:
            font = self.font()
            font.setPixelSize(11)
            painter.setFont(font)
            painter.setPen(QColor(BLACK if self._color.lightnessF() > 0.45 else WHITE))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._key)
        if self._hatched:
            painter.setPen(QColor(HATCH))
            for offset in range(4, 24, 5):
                painter.drawLine(max(2, offset - 12), min(offset, 13), min(offset, 13), max(2, offset - 12))


class LabelRow(QFrame):
    """One line: swatch, name and, for a label, its switches."""

    chosen = Signal(int)

    def __init__(self, value: int, name: str, color: QColor, tooltip: str, depth: int = 0) -> None:
        super().__init__(objectName="row")
        self.value = value
        self._tooltip = tooltip
        self._swatch = Swatch(color, hatched=value == FREE)
        self.switches: dict[str, QToolButton] = {}
        self.name = QElidingLabel(name)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(SPACE + 12 * depth, 2, SPACE // 2, 2)
        self._layout.setSpacing(SPACE // 4)
        self._layout.addWidget(self._swatch)
        self._layout.addSpacing(SPACE // 2)
        self._layout.addWidget(self.name, 1)
        self.score = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._layout.addWidget(self.score)
        self.setMinimumHeight(ROW_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.set_key("")

    def set_key(self, key: str) -> None:
        """Name the key that chooses this row; empty if none does."""
        self._swatch.set_key(key)
        self.setToolTip(f"{self._tooltip} (key {key})" if key else self._tooltip)

    def add_switch(self, key: str) -> QToolButton:
        """Add a toggle."""
        off, on, color, tooltip = SWITCHES[key]
        button = QToolButton(checkable=True, toolTip=tooltip, iconSize=QSize(18, 18), objectName="switch")
        button.setAccessibleName(f"{key}: {self.name.text()}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIcon(icon(off, "faint", checked_key=on, checked=color))
        self.switches[key] = button
        self._layout.addWidget(button)
        return button

    def show_score(self, dice: float | None, real: float | None) -> None:
        """Show how well an image shows the label; None for nothing.

        Parameters
        ----------
        dice : float or None
        real : float or None
            The segmenter's Dice on real slices.
        """
        self.score.setText("" if dice is None else f"{dice:.2f}")
        weak = real is not None and real < POOR
        set_tone(self.score, "aside" if weak else "faint")
        on_real = f" On real slices it reaches {real:.2f}" if real is not None else ""
        doubt = ", too little to judge by" if weak else ""
        self.score.setToolTip(
            f"Dice between mask and what the segmenter finds in the image: a model's opinion.{on_real}{doubt}"
        )

    def set_current(self, current: bool) -> None:
        """Mark the row that is painted with."""
        self.setProperty("current", current)
        self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.value)


class LabelList(QWidget):
    """The labels of a document, and *free*, to paint with."""

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self.rows: dict[int, LabelRow] = {}
        self._keys: tuple[str, ...] = ()
        self.note = QLabel("This model ignores the mask", objectName="badge")
        self.note.setToolTip("It was trained without masks: its images depend on the seed alone")
        self._content = QWidget()
        self._lines = QVBoxLayout(self._content)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(1)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Labels", objectName="heading"))
        layout.addWidget(self.note)
        layout.addWidget(self._scroll, 1)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Show this document's labels from now on."""
        if self._document is not None:
            self._document.labels_changed.disconnect(self._show_switches)
            self._document.paint_value_changed.disconnect(self._show_current)
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._document = document
        self.rows = {}
        description = document.checkpoint.description
        self.note.setVisible(description.ignores_mask)
        for label in document.table.nested():
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
            self._add(row)
        tooltip = "Paint a free region: the model decides what is there"
        self._add(LabelRow(FREE, "free", QColor(FREE_REGION), tooltip))
        self._lines.addStretch(1)
        self.set_keys(self._keys)
        self.setMinimumHeight(round((min(len(self.rows), ROWS) + 1) * ROW_HEIGHT))
        document.labels_changed.connect(self._show_switches)
        document.paint_value_changed.connect(self._show_current)
        self._show_switches()
        self._show_current(document.paint_value)

    def set_keys(self, keys: Sequence[str]) -> None:
        """Name the keys that choose the first, second … row; empty ones are none."""
        self._keys = tuple(keys)
        for row, key in zip_longest(self.rows.values(), self._keys[: len(self.rows)], fillvalue=""):
            row.set_key(key)

    def _add(self, row: LabelRow) -> None:
        self.rows[row.value] = row
        row.chosen.connect(self._on_chosen)
        self._lines.addWidget(row)

    @Slot(object)
    def show_judgement(self, judgement: Judgement | None) -> None:
        """Show beside each label how well the image looked at shows it."""
        for value, row in self.rows.items():
            if judgement is None:
                row.show_score(None, None)
            else:
                row.show_score(judgement.dice.get(value), judgement.real.get(value))

    def show_row(self, value: int) -> None:
        """Scroll to a label."""
        self._scroll.ensureWidgetVisible(self.rows[value])

    @Slot(int)
    def _on_chosen(self, value: int) -> None:
        if self._document is not None:
            self._document.paint_value = value

    @Slot(bool)
    def _on_switch(self, on: bool) -> None:
        button = self.sender()
        if self._document is not None and button is not None:
            self._document.set_label(button.property("label"), **{button.property("switch"): on})

    @Slot()
    def _show_switches(self) -> None:
        if self._document is None:
            return
        for label in self._document.table:
            state = self._document.label_state(label.index)
            row = self.rows[label.index]
            for key, button in row.switches.items():
                button.setChecked(getattr(state, key))
            set_tone(row.name, "" if state.used else "aside")

    @Slot(int)
    def _show_current(self, value: int) -> None:
        for row in self.rows.values():
            row.set_current(row.value == value)
