"""Undo, tools and the choice of a label."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from segpaint.core.labels import FREE
from segpaint.gui.keys import LABEL_KEYS
from segpaint.gui.main_window import MainWindow
from segpaint.session.connections import Connections
from segpaint.session.document import Document


class EditCommands(QObject):
    """What the Edit menu and the keys of painting do.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._heard = Connections()
        self._last_value = FREE
        self._value = FREE
        actions = window.commands
        for key, slot in {
            "undo": self.undo,
            "redo": self.redo,
            "previous_label": partial(self.choose_neighbour, -1),
            "next_label": partial(self.choose_neighbour, 1),
            "swap_label": self.swap_label,
        }.items():
            actions[key].triggered.connect(slot)
        for place in range(LABEL_KEYS):
            actions[f"label_{place + 1}"].triggered.connect(partial(self.choose_label, place))
        self._session.document_changed.connect(self._on_document)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._value = self._last_value = document.paint_value
        stack, actions = document.undo_stack, self._window.commands
        for key, can in (("undo", stack.canUndo()), ("redo", stack.canRedo())):
            actions[key].setEnabled(can)
        self._heard.renew(
            (document.paint_value_changed, self._on_value),
            (stack.canUndoChanged, actions["undo"].setEnabled),
            (stack.canRedoChanged, actions["redo"].setEnabled),
        )

    @Slot()
    def undo(self) -> None:
        """Take back the last point that a tool has set, or else the last edit."""
        tool = self._window.canvas.tool
        if self._session.document is not None and not (tool is not None and tool.take_back()):
            self._session.document.undo()

    @Slot()
    def redo(self) -> None:
        """Make it once more."""
        if self._session.document is not None:
            self._session.document.redo()

    def choose_label(self, place: int) -> None:
        """Paint with the label in this place of the list."""
        values = list(self._window.labels.rows)
        if place < len(values):
            self._choose(values[place])

    def choose_neighbour(self, by: int) -> None:
        """Paint with the label before or after in the list; background, which may be picked, is at its ends."""
        values = list(self._window.labels.rows)
        if values:
            place = values.index(self._value) + by if self._value in values else min(by, 0)
            self.choose_label(place % len(values))

    @Slot()
    def swap_label(self) -> None:
        """Paint with the label used before."""
        self._choose(self._last_value)

    def _choose(self, value: int) -> None:
        if self._session.document is not None:
            self._session.document.paint_value = value
            if self._window.commands["eraser"].isChecked():
                self._window.commands["brush"].setChecked(True)

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self._last_value, self._value = self._value, value
