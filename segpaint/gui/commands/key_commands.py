"""The sheet of keys, changing them, and the places beside menus that name them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QKeySequence

from segpaint.gui.commands.commands import COMMANDS, LABEL_KEYS
from segpaint.gui.commands.key_editor import KeyEditor
from segpaint.gui.commands.key_text import chords
from segpaint.gui.commands.keys_dialog import KeysDialog
from segpaint.gui.window.main_window import MainWindow


class KeyCommands(QObject):
    """What is done about keys. Whatever names or has keys beside the commands is told of the keymap here.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.commands["keys"].triggered.connect(self.show_sheet)
        window.commands["edit_keys"].triggered.connect(self.edit)
        self._titles = {action: action.text() for action in window.menuBar().actions()}
        window.keys.changed.connect(self._name_keys)
        self._name_keys()

    @Slot()
    def show_sheet(self) -> None:
        """Open the shortcut sheet."""
        KeysDialog(self._window.keys.keymap, self._window).open()

    @Slot()
    def edit(self) -> KeyEditor:
        """Let keys be changed."""
        editor = KeyEditor(self._window.keys.keymap, self._window)
        editor.chosen.connect(self._window.keys.set_keymap)
        editor.open()
        return editor

    @Slot()
    def _name_keys(self) -> None:
        window = self._window
        shown = window.keys.shown
        window.options_bar.set_keys(shown("smaller"), shown("larger"))
        window.labels.set_keys([shown(f"label_{number}") for number in range(1, LABEL_KEYS + 1)])
        for button, command in (
            (window.transport.generate, "generate"),
            (window.reference.open, "open_reference"),
            (window.request.dice, "dice"),
        ):
            button.setToolTip(window.commands[command].toolTip())
        given = {chords(key) for command in COMMANDS for key in window.keys.keymap.keys(command)}
        for menu, title in self._titles.items():
            # Alt and a letter may be given to a command: the menu then goes without, or Qt would do neither.
            taken = chords(QKeySequence.mnemonic(title).toString()) in given
            menu.setText(title.replace("&", "") if taken else title)
