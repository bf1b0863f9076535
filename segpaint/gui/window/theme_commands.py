"""Choosing the theme."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from segpaint.gui.style.theme import Choice, theme
from segpaint.gui.window.main_window import MainWindow

KEPT_AS = "window/theme"


class ThemeCommands(QObject):
    """What View > Theme does: one choice for all windows, which each of them keeps.

    Parameters
    ----------
    window : MainWindow
        One that has kept no choice takes that of the others.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.menu = QMenu("Theme", window)
        group = QActionGroup(self)
        for choice in Choice:
            action = window.commands[f"theme_{choice.value}"]
            group.addAction(action)
            self.menu.addAction(action)
            action.triggered.connect(partial(theme().choose, choice))
        kept = window.preferences.chosen.window.theme or theme().choice.value
        theme().choose(next((choice for choice in Choice if choice.value == kept), Choice.SYSTEM))
        self._show(theme().choice)
        theme().choice_changed.connect(self._on_choice)

    @Slot(Choice)
    def _on_choice(self, choice: Choice) -> None:
        self._show(choice)
        self._window.preferences.set(KEPT_AS, choice.value)

    def _show(self, choice: Choice) -> None:
        self._window.commands[f"theme_{choice.value}"].setChecked(True)
