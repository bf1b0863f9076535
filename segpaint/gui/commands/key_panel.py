"""The keys of one command, with buttons to remove and add some."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QGridLayout,
    QKeySequenceEdit,
    QPushButton,
    QWidget,
)

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_text import native
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel
from segpaint.gui.style.theme import SPACE


class KeyPanel(QWidget):
    """Edits the keys of a command."""

    changed = Signal(object)
    """The keymap with the change."""

    def __init__(self) -> None:
        super().__init__()
        self._keymap, self._command = Keymap(), next(iter(COMMANDS))
        self.title = ElidingLabel()
        self.removers: list[QPushButton] = []
        self._keys = in_row(spacing=SPACE // 2)
        self.recorder = QKeySequenceEdit(accessibleName="New key")
        self.recorder.setMaximumSequenceLength(1)
        self.use = QPushButton("Use", toolTip="Give the command this key instead of those that it has")
        self.add = QPushButton("Add", toolTip="Give the command this key beside those that it has")
        self.reset = QPushButton("Reset", toolTip="Give the command the keys of the preset again")
        self.warning = PlainLabel(objectName="badge", wordWrap=True)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACE)
        layout.setVerticalSpacing(SPACE)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self.title, 0, 0, 1, 6)
        layout.addLayout(self._keys, 1, 0)
        for column, widget in enumerate((self.recorder, self.use, self.add, self.reset), start=2):
            layout.addWidget(widget, 1, column)
        layout.setRowMinimumHeight(2, self.warning.sizeHint().height())  # so that the layout stays still
        layout.addWidget(self.warning, 2, 0, 1, 6)
        self.recorder.keySequenceChanged.connect(self._on_recorded)
        self.use.clicked.connect(self._use)
        self.add.clicked.connect(self._add)
        self.reset.clicked.connect(self._reset)

    def show_command(self, command: str, keymap: Keymap) -> None:
        """Edit this command's keys from now on."""
        self._command, self._keymap = command, keymap
        hint, text = COMMANDS[command].hint, COMMANDS[command].title
        self.title.setText(f"{text}: {hint}" if hint else text)
        for remover in self.removers:
            remover.hide()
            remover.deleteLater()
        self.removers = []
        before = self.recorder.previousInFocusChain()
        for key in keymap.wanted(command):
            self.removers.append(self._remover(key))
            self.setTabOrder(before, self.removers[-1])
            before = self.removers[-1]
        self.reset.setEnabled(command in keymap.own)
        self.recorder.clear()
        self._on_recorded()

    @property
    def recorded(self) -> str:
        """The pressed key, or empty."""
        recorded: str = self.recorder.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        return recorded

    def _remover(self, key: str) -> QPushButton:
        button: QPushButton = QPushButton(f"{native(key)}  ×", toolTip="Take this key away")
        button.setAccessibleName(f"Take {native(key)} away")
        button.clicked.connect(partial(self._remove, key))
        self._keys.addWidget(button)
        return button

    @Slot()
    def _on_recorded(self) -> None:
        key, command = self.recorded, self._command
        self.use.setEnabled(bool(key))
        self.add.setEnabled(bool(key))
        foreseen = self._keymap.change(command, (key,)) if key else self._keymap
        conflicts = foreseen.conflicts.get(command, ())
        self.warning.setText("  ".join(conflict.sentence for conflict in conflicts))
        self.warning.setVisible(bool(conflicts))

    def _change(self, keys: tuple[str, ...]) -> None:
        self.changed.emit(self._keymap.change(self._command, keys))

    @Slot()
    def _use(self) -> None:
        self._change((self.recorded,))

    @Slot()
    def _add(self) -> None:
        self._change((*self._keymap.wanted(self._command), self.recorded))

    @Slot()
    def _reset(self) -> None:
        self.changed.emit(self._keymap.reset(self._command))

    def _remove(self, key: str) -> None:
        self._change(tuple(other for other in self._keymap.wanted(self._command) if other != key))
