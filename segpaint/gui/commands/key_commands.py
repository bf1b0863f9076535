"""The commands about keys, and the display of keys outside of menus."""

from collections.abc import Callable, Mapping
from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget

from segpaint.core.words import enumerated
from segpaint.gui.commands.command import COMMANDS, Command
from segpaint.gui.commands.key_bindings import KeyBindings
from segpaint.gui.commands.key_text import chords
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio

LABEL_KEYS = 9
"""Number of labels, from the top of the list, that have a command each."""


class KeyNames(QObject):
    """Passes the keymap to all parts that show keys, and opens the dialogs about it.

    Parameters
    ----------
    menu_bar : QMenuBar
        With all its menus. Alt and the letter of one may be given to a command.
    actions : mapping of str to QAction
        By the keys of their commands.
    buttons : mapping of str to QWidget
        Those that show the tooltip of a command, by its key.
    name_brush_keys : callable
        Takes the keys for a smaller and for a larger brush; an empty string means none.
    name_label_keys : callable
        Takes the keys that choose the first, second … label; an empty string means none.
    """

    def __init__(
        self,
        bindings: KeyBindings,
        studio: Studio,
        shell: Shell,
        menu_bar: QMenuBar,
        actions: Mapping[str, QAction],
        buttons: Mapping[str, QWidget],
        name_brush_keys: Callable[[str, str], object],
        name_label_keys: Callable[[list[str]], object],
    ) -> None:
        super().__init__(bindings)
        self._bindings, self._shell, self._actions, self._buttons = bindings, shell, actions, buttons
        self._name_brush_keys, self._name_label_keys = name_brush_keys, name_label_keys
        self._titles = {action: action.text() for action in menu_bar.actions()}
        studio.view.wanted.connect(self._on_wanted)
        studio.view.unseen.mask_shown.connect(self._report_mask)
        studio.view.unseen.labels_shown.connect(self._report_labels)
        bindings.changed.connect(self._name_keys)
        self._name_keys()

    @Slot()
    def _report_mask(self) -> None:
        key = self._bindings.shown("overlay")
        where = f"View > Show the mask ({key})" if key else "View > Show the mask"
        self._shell.say(f"The mask is shown again, for it has changed; {where} hides it.")

    @Slot(object)
    def _report_labels(self, names: list[str]) -> None:
        what = f"{enumerated(names)} {'is' if len(names) == 1 else 'are'}"
        it = (
            "it has changed; its eye hides it" if len(names) == 1 else "they have changed; their eyes hide them"
        )
        self._shell.say(f"{what} shown again, for {it}.")

    @Slot(str)
    def _on_wanted(self, key: str) -> None:
        if key == "keys":
            from segpaint.gui.commands.keys_dialog import KeysDialog

            self._shell.open(partial(KeysDialog, self._bindings.keymap))
        elif key == "edit_keys":
            from segpaint.gui.commands.key_editor import KeyEditor

            editor = self._shell.open(partial(KeyEditor, self._bindings.keymap))
            editor.chosen.connect(self._bindings.set_keymap)

    @Slot()
    def _name_keys(self) -> None:
        shown = self._bindings.shown
        self._name_brush_keys(shown("smaller"), shown("larger"))
        self._name_label_keys([shown(f"label_{number}") for number in range(1, LABEL_KEYS + 1)])
        for command, button in self._buttons.items():
            button.setToolTip(self._actions[command].toolTip())
        given = {chords(key) for command in COMMANDS for key in self._bindings.keymap.keys(command)}
        for menu, title in self._titles.items():
            # A command with Alt and a letter takes the mnemonic from its menu; else Qt would run neither.
            taken = chords(QKeySequence.mnemonic(title).toString()) in given
            menu.setText(title.replace("&", "") if taken else title)


ROWS = (
    Command(
        key="edit_keys", text="Keys…", run=lambda studio, _shell: studio.view.wanted.emit("edit_keys"),
        menu="Edit", place=500, keys=("Ctrl+K",), icon=MDI7.keyboard_settings_outline,
        hint="Give commands other keys, or take over those of another program",
    ),
    Command(
        key="keys", text="Keyboard shortcuts", run=lambda studio, _shell: studio.view.wanted.emit("keys"),
        menu="Help", place=101, keys=("F1", "?"), icon=MDI7.keyboard_outline,
    ),
)  # fmt: skip
