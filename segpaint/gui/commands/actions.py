"""The window's commands as Qt actions."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from segpaint.gui.commands.command import COMMANDS, Command, Toggle
from segpaint.gui.commands.shell import Shell
from segpaint.gui.style.theme import icon
from segpaint.studio.studio import Studio


def share_actions(window: QWidget, other: QWidget, *keys: str) -> None:
    """Let the keys of some commands work in another window, too."""
    other.addActions([action for action in window.actions() if action.objectName() in keys])


class Actions(QObject):
    """Makes an action for each command, and updates it with the studio.

    Attributes
    ----------
    actions : dict of str to QAction
        By the keys of their commands.
    """

    def __init__(self, studio: Studio, shell: Shell, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._shell = studio, shell
        self._toggled = ""  # already run by its toggling, so its trigger must not run it again
        self._groups: dict[str, QActionGroup] = {}
        self.actions = {key: self._action(command, window) for key, command in COMMANDS.items()}
        for command in COMMANDS.values():
            if isinstance(command, Toggle) and command.default:
                command.run(studio, shell, True)
        studio.changed.connect(self.refresh)
        self.refresh()

    def reason(self, key: str) -> str:
        """Return why a command cannot be run now; an empty sentence if it can."""
        return COMMANDS[key].enabled(self._studio)

    def _action(self, command: Command, window: QWidget) -> QAction:
        action = QAction(command.text, window, checkable=isinstance(command, Toggle))
        action.setObjectName(command.key)
        if command.icon:
            action.setIcon(icon(command.icon))
        window.addAction(action)
        if isinstance(command, Toggle):
            if command.choice:
                self._groups.setdefault(command.choice, QActionGroup(self)).addAction(action)
            action.toggled.connect(partial(self._on_toggled, command))
        action.triggered.connect(partial(self._on_triggered, command))
        return action

    def _on_toggled(self, command: Toggle, on: bool) -> None:
        if command.is_on(self._studio) is not on and (on or not command.choice):
            self._toggled = command.key
            command.run(self._studio, self._shell, on)
            self.refresh()
            QTimer.singleShot(0, self, self._forget)  # toggled by the program, so no trigger follows

    def _on_triggered(self, command: Command, *_checked: bool) -> None:
        toggled, self._toggled = self._toggled, ""
        if isinstance(command, Toggle):
            if toggled != command.key:  # perhaps the active choice was chosen again
                command.run(self._studio, self._shell, self.actions[command.key].isChecked())
        else:
            command.run(self._studio, self._shell)
        self.refresh()

    @Slot()
    def _forget(self) -> None:
        self._toggled = ""

    @Slot()
    def refresh(self) -> None:
        """Enable and check every action as the studio's state requires."""
        for key, action in self.actions.items():
            command = COMMANDS[key]
            if isinstance(command, Toggle):
                on = command.is_on(self._studio)
                if action.isChecked() is not on and (on or not command.choice):
                    action.setChecked(on)
            enabled = not command.enabled(self._studio)
            if action.isEnabled() is not enabled:
                action.setEnabled(enabled)
