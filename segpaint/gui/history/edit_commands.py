"""Undo, tools and the choice of a label."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot

from segpaint.core.labels.labels import FREE
from segpaint.gui.commands.commands import LABEL_KEYS
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document, Reference

TOLD = 6000
"""Milliseconds for which the status bar says what was taken back."""


def undone(edits: Sequence[str], reference: Reference | None) -> str:
    """What was taken back, in a sentence.

    Parameters
    ----------
    edits : sequence of str
        What the list of edits calls those taken back.
    reference : Reference or None
        The one that is open.
    """
    what = edits[0] if len(edits) == 1 else f"{len(edits)} edits"
    left = reference is not None and reference.edit in edits
    return f"Undone: {what}" + (". The mask is no longer that of the reference." if left else "")


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
        self._index = 0  # so many edits are made
        self._said = ""
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
        self._session.closing.connect(self._let_go)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._value = self._last_value = document.paint_value
        stack, actions = document.undo_stack, self._window.commands
        self._index = stack.index()
        for key, can in (("undo", stack.canUndo()), ("redo", stack.canRedo())):
            actions[key].setEnabled(can)
        self._heard.renew(
            (document.paint_value_changed, self._on_value),
            (stack.indexChanged, self._on_index),
            (stack.canUndoChanged, actions["undo"].setEnabled),
            (stack.canRedoChanged, actions["redo"].setEnabled),
        )

    @Slot()
    def _let_go(self) -> None:
        self._heard.end()  # a stack that goes says that all is undone

    @Slot()
    def undo(self) -> None:
        """Take back the last point that a tool has set, or else the last edit."""
        tool = self._window.canvas.tool
        if self._session.document is not None and not (tool is not None and tool.take_back()):
            self._session.document.undo()

    @Slot()
    def redo(self) -> None:
        """Make it once more."""
        document = self._session.document
        if document is not None:
            document.end_stroke()
            name = document.undo_stack.redoText()
            document.redo()
            if name:
                self._tell(f"Redone: {name}")

    @Slot(int)
    def _on_index(self, index: int) -> None:
        """Say what was taken back, be it by a key or by the list of edits; and no longer once more was done."""
        before, self._index = self._index, index
        document, status = self._session.document, self._window.statusBar()
        if document is not None and index < before:
            names = [document.undo_stack.text(place) for place in range(index, before)]
            self._tell(undone(names, document.reference))
        elif status.currentMessage() == self._said:
            status.clearMessage()

    def _tell(self, sentence: str) -> None:
        self._said = sentence
        self._window.statusBar().showMessage(sentence, TOLD)

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
