"""The shortcut sheet, made from the table of commands."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QWidget

from segpaint.gui.commands.key_sheet import sheet
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.style.theme import SPACE

COLUMNS = 2
KEYS_WIDTH = 21 * SPACE


class KeysDialog(QDialog):
    """Lists every key and gesture."""

    def __init__(self, keymap: Keymap, parent: QWidget) -> None:
        super().__init__(parent, windowTitle="Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stacks = [in_column(spacing=2 * SPACE) for _ in range(COLUMNS)]
        lengths = [0] * COLUMNS
        for group, lines in sheet(keymap):
            shortest = lengths.index(min(lengths))
            lengths[shortest] += len(lines) + 2
            stacks[shortest].addLayout(self._group(group, lines))
        for stack in stacks:
            stack.addStretch(1)
        content = QWidget()
        in_row(*stacks, of=content, spacing=5 * SPACE, margins=(3 * SPACE, 2 * SPACE, 3 * SPACE, SPACE))
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(content)
        in_column(scroll, of=self)
        room = screen_of(self).availableSize() - QSize(8 * SPACE, 8 * SPACE)
        self.resize((content.sizeHint() + QSize(2 * SPACE, SPACE)).boundedTo(room))

    def _group(self, title: str, lines: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(PlainLabel(title, objectName="heading"), 0, 0, 1, 2)
        for row, (keys, text) in enumerate(lines, start=1):
            grid.addWidget(PlainLabel(keys), row, 0)
            grid.addWidget(PlainLabel(text), row, 1)
        grid.setColumnMinimumWidth(0, KEYS_WIDTH)
        return grid
