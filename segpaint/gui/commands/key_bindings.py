"""The active keymap: gives a window's actions their keys, and saves the user's choice."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.digit_row import DigitRow
from segpaint.gui.commands.key_text import native
from segpaint.gui.commands.keymap import Keymap
from segpaint.studio.base.preferences import Preferences

PRESET, OWN = "keys/preset", "keys/own"
SPACE = "Space"
"""Never a shortcut of Qt: held, Space pans, so the command of a tap waits for the release, see `SpaceKey`."""


class KeyBindings(QObject):
    """Binds keys to a window's actions.

    Parameters
    ----------
    actions : mapping of str to QAction
        By command, all of `COMMANDS`.
    """

    changed = Signal()
    """Another keymap is active; tooltips and menus of the actions show it already."""

    def __init__(self, actions: Mapping[str, QAction], preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._digits = DigitRow(window)
        self._digits.changed.connect(self._bind)
        self._actions, self._preferences = actions, preferences
        chosen = preferences.chosen.keys
        self.keymap = Keymap.restored(chosen.preset, chosen.own)
        self._bind()

    @Slot(object)
    def set_keymap(self, keymap: Keymap) -> None:
        """Replace the active keymap, and save what is new in it: another window may have saved more."""
        chosen = self._preferences.fresh.keys
        saved = Keymap.restored(chosen.preset, chosen.own).after(self.keymap, keymap)
        self.keymap = keymap
        self._preferences.set(PRESET, saved.preset)
        self._preferences.set(OWN, {command: list(keys) for command, keys in saved.own.items()})
        self._bind()
        self.changed.emit()

    def shown(self, command: str) -> str:
        """Format the first key of a command for display; empty if there is none."""
        return native(next(iter(self.keymap.keys(command)), ""))

    @Slot()
    def on_space(self) -> None:
        """Run the command of a tap on Space."""
        for command, action in self._actions.items():
            if SPACE in self.keymap.keys(command):
                action.trigger()

    @Slot()
    def _bind(self) -> None:
        taken = {QKeySequence(key) for command in self._actions for key in self.keymap.keys(command)}
        for command, action in self._actions.items():
            keys, shown = self.keymap.keys(command), self.shown(command)
            sequences = [QKeySequence(key) for key in keys if key != SPACE]
            placed = map(self._digits.placed, sequences)
            action.setShortcuts([*sequences, *(key for key in placed if key is not None and key not in taken)])
            text = action.text().partition("\t")[0]
            action.setText(f"{text}\t{shown}" if SPACE in keys[:1] else text)
            hint = COMMANDS[command].hint or COMMANDS[command].title
            action.setToolTip(f"{hint} ({shown})" if shown else hint)
