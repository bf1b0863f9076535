"""Chooses the labels in use in the images of a paired set."""

from enum import Enum

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from segpaint.core.labels.labels import LabelTable
from segpaint.core.runs.series import MOST_ABLATED, every_subset, worth_leaving_out
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.tick_list import TickList
from segpaint.gui.parts.wheel import EnumChoice
from segpaint.gui.style.theme import SPACE

MOST_ROWS = 6


class SubsetKind(Enum):
    """The kind of subsets."""

    ALL = "All labels"
    EACH = "All labels, then each alone left out"
    CHOSEN = f"Every combination of some left out (at most {MOST_ABLATED})"

    def __str__(self) -> str:
        return self.value


class SubsetChoice(QWidget):
    """Chooses subsets of the labels."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._table = LabelTable(())
        self.kind = EnumChoice(SubsetKind)
        self.list = TickList()
        in_column(self.kind, self.list, of=self, spacing=SPACE)
        self.kind.activated.connect(self._on_change)
        self.list.itemChanged.connect(self._on_change)
        self._on_change()

    def set_table(self, table: LabelTable) -> None:
        """Offer these labels."""
        if table == self._table:
            return
        self._table = table
        self.list.blockSignals(True)
        self.list.clear()
        ticked = worth_leaving_out(table, table.indices)
        for label in table:
            self.list.add(label.name, label.index, ticked=label.index in ticked)
        self.list.blockSignals(False)
        self.list.fit(MOST_ROWS)
        self.kind.setEnabled(len(table) > 0)
        self.kind.setCurrentIndex(0)
        self._on_change()

    @property
    def subsets(self) -> tuple[tuple[str, ...] | None, ...]:
        """For `Specification.subsets`; empty if the ticked labels are no valid choice."""
        match self.kind.chosen:
            case SubsetKind.ALL:
                left_out: list[tuple[int, ...]] = [()]
            case SubsetKind.EACH:
                left_out = [(), *((index,) for index in self._table.indices)]
            case _:
                ticked = self.list.ticked
                left_out = every_subset(ticked) if 0 < len(ticked) <= MOST_ABLATED else []
        return tuple(
            tuple(label.name for label in self._table if label.index not in out) if out else None
            for out in left_out
        )

    @Slot()
    def _on_change(self) -> None:
        self.list.setVisible(self.kind.chosen is SubsetKind.CHOSEN)
        self.changed.emit()
