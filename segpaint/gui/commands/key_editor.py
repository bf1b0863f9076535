"""Edits the keymap: a preset, and other keys for any command."""

from dataclasses import replace
from itertools import chain

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_panel import KeyPanel
from segpaint.gui.commands.key_presets import PRESETS
from segpaint.gui.commands.key_sheet import groups
from segpaint.gui.commands.key_text import native
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE, colors, theme

COMMAND = Qt.ItemDataRole.UserRole
NAME, KEYS, MATTER = range(3)
"""Columns."""
ROW_HEIGHT = 3 * SPACE
KEYS_WIDTH = 25 * SPACE


class KeyEditor(QDialog):
    """Edits a keymap, which takes effect when the dialog is closed with OK."""

    chosen = Signal(object)
    """The keymap that the user accepted."""

    def __init__(self, keymap: Keymap, parent: QWidget) -> None:
        super().__init__(parent, windowTitle="Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        resize_within_screen(self, 960, 680)
        self.keymap = keymap
        self.preset = Choice(accessibleName="Preset")
        self.preset.addItems(list(PRESETS))
        self.preset.setCurrentText(keymap.preset)
        self.note = PlainLabel(objectName="heading")
        self.search = QLineEdit(placeholderText="Search for a command or a key", clearButtonEnabled=True)
        self.tree = QTreeWidget(rootIsDecorated=False, uniformRowHeights=True, indentation=2 * SPACE)
        self.groups: dict[str, QTreeWidgetItem] = {}
        self.rows: dict[str, QTreeWidgetItem] = {}
        self.panel = KeyPanel()
        self.twice = PlainLabel(objectName="badge")
        self.reset = QPushButton("Reset all", toolTip="Give all commands the keys of the preset again")
        self.ok = QPushButton("OK", objectName="primary")
        self.cancel = QPushButton("Cancel")
        self.ok.setDefault(True)
        self._fill()
        self._lay_out()
        self.preset.activated.connect(self._take_preset)
        self.search.textChanged.connect(self._filter)
        self.tree.currentItemChanged.connect(self._show_command)
        self.tree.itemDoubleClicked.connect(self.record)
        self.panel.changed.connect(self._take)
        self.reset.clicked.connect(self._reset)
        self.ok.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.accepted.connect(self._choose)
        theme().changed.connect(self._show)
        for widget in (self.search, self.tree):
            shortcut = QShortcut(QKeySequence(Qt.Key.Key_Return), widget)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.record)
        self._show()
        self.tree.setCurrentItem(next(iter(self.rows.values())))
        self.search.setFocus()

    # ---- layout

    def _fill(self) -> None:
        self.tree.setColumnCount(3)
        self.tree.setHeaderHidden(True)
        for title, lines in groups().items():
            self.groups[title] = group = QTreeWidgetItem(self.tree, [title])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            group.setFirstColumnSpanned(True)
            group.setSizeHint(NAME, QSize(0, ROW_HEIGHT))
            group.setExpanded(True)
            for name in chain.from_iterable(lines.values()):
                self.rows[name] = row = QTreeWidgetItem(group, [COMMANDS[name].title])
                row.setData(NAME, COMMAND, name)
                row.setToolTip(NAME, COMMANDS[name].hint)
        self.tree.resizeColumnToContents(NAME)
        self.tree.setColumnWidth(NAME, self.tree.columnWidth(NAME) + 2 * SPACE)
        self.tree.setColumnWidth(KEYS, KEYS_WIDTH)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setItemsExpandable(False)

    def _lay_out(self) -> None:
        caption = PlainLabel("Preset")
        caption.setBuddy(self.preset)
        top = in_row(caption, self.preset, self.note, stretched=self.note, spacing=SPACE)
        bottom = in_row(self.reset, self.twice, None, self.cancel, self.ok, spacing=SPACE)
        gap = SPACE // 2
        parts = top, self.search, self.tree, gap, self.panel, gap, bottom
        in_column(*parts, of=self, stretched=self.tree, spacing=SPACE, margins=2 * SPACE)

    # ---- display

    @Slot()
    def _show(self) -> None:
        self.note.setText(PRESETS[self.keymap.preset].note)
        self.reset.setEnabled(bool(self.keymap.own))
        twice = [self.rows[name].text(NAME) for name in COMMANDS if name in self.keymap.conflicts]
        self.twice.setText(f"Want the same keys: {', '.join(twice[:3])}{' …' if len(twice) > 3 else ''}")
        self.twice.setVisible(bool(twice))
        for name, row in self.rows.items():
            conflicts = self.keymap.conflicts.get(name, ())
            matter = " ".join(conflict.sentence for conflict in conflicts)
            row.setText(KEYS, " or ".join(map(native, self.keymap.wanted(name))))
            row.setText(MATTER, matter)
            row.setToolTip(MATTER, matter)
            font = row.font(KEYS)
            font.setBold(name in self.keymap.own)
            row.setFont(KEYS, font)
            row.setForeground(MATTER, QColor(colors().warning))
        for group in self.groups.values():
            group.setForeground(NAME, QColor(colors().faint))
        self._filter()

    @Slot()
    def _show_command(self) -> None:
        item = self.tree.currentItem()
        command = None if item is None or item.isHidden() else item.data(NAME, COMMAND)
        self.panel.setEnabled(command is not None)  # a group has no keys
        if command is not None:
            self.panel.show_command(command, self.keymap)

    @Slot()
    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        found = []
        for title, group in self.groups.items():
            rows = [row for row in self.rows.values() if row.parent() is group]
            for row in rows:
                there = " ".join([title, row.text(NAME), row.text(KEYS)]).casefold()
                row.setHidden(not all(word in there for word in words))
            shown = [row for row in rows if not row.isHidden()]
            group.setHidden(not shown)
            found += shown
        current: QTreeWidgetItem | None = self.tree.currentItem()
        if found and (current is None or current.isHidden()):
            self.tree.setCurrentItem(found[0])
        self._show_command()

    # ---- changes

    @Slot()
    def record(self) -> None:
        """Wait for a key for the chosen command."""
        self.panel.recorder.setFocus()

    @Slot(object)
    def _take(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self._show()
        self.tree.setFocus()

    @Slot()
    def _take_preset(self) -> None:
        self.keymap = replace(self.keymap, preset=self.preset.currentText())
        self._show()

    @Slot()
    def _reset(self) -> None:
        self.keymap = replace(self.keymap, own={})
        self._show()

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit(self.keymap)
