"""The shortcut sheet, made from the table that defines the keys."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from segpaint.gui.keys import COMMANDS, GESTURES
from segpaint.gui.theme import SPACE


def sheet() -> list[tuple[str, list[tuple[str, str]]]]:
    """All groups, each with its keys and what they do."""
    native = QKeySequence.SequenceFormat.NativeText
    rows = [
        (command.group, " or ".join(QKeySequence(key).toString(native) for key in command.keys), command.text)
        for command in COMMANDS.values()
        if command.keys
    ]
    rows += GESTURES
    order = list(dict.fromkeys(group for group, _, _ in rows))
    rows.sort(key=lambda row: order.index(row[0]))
    return [
        (group, [(keys, text) for _, keys, text in lines]) for group, lines in groupby(rows, lambda row: row[0])
    ]


class KeysDialog(QDialog):
    """Lists every key and gesture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, windowTitle="Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 3 * SPACE)
        columns.setSpacing(5 * SPACE)
        columns.setSizeConstraint(QHBoxLayout.SizeConstraint.SetFixedSize)
        stacks = [QVBoxLayout(), QVBoxLayout()]
        lengths = [0, 0]
        for stack in stacks:
            columns.addLayout(stack)
        for group, lines in sheet():
            shorter = lengths.index(min(lengths))
            lengths[shorter] += len(lines) + 2
            grid = QGridLayout()
            grid.setHorizontalSpacing(2 * SPACE)
            grid.setVerticalSpacing(SPACE)
            grid.setColumnMinimumWidth(0, 160)
            grid.setColumnStretch(1, 1)
            grid.addWidget(QLabel(group, objectName="heading"), 0, 0, 1, 2)
            for row, (keys, text) in enumerate(lines, start=1):
                grid.addWidget(QLabel(keys), row, 0, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(QLabel(text), row, 1)
            stacks[shorter].addLayout(grid)
            stacks[shorter].addSpacing(2 * SPACE)
        for stack in stacks:
            stack.addStretch(1)
