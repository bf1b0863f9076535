"""Keeps the theme that was chosen: one choice for all windows, which each of them keeps."""

from PySide6.QtCore import QObject, Slot

from segpaint.gui.style.theme import Choice, theme
from segpaint.studio.base.preferences import Preferences

KEPT_AS = "window/theme"


class ThemeKeeper(QObject):
    """Restores the theme as a window is built. One that has kept no choice takes that of the others."""

    def __init__(self, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        kept = preferences.chosen.window.theme or theme().choice.value
        theme().choose(next((choice for choice in Choice if choice.value == kept), Choice.SYSTEM))
        theme().choice_changed.connect(self._keep)

    @Slot(Choice)
    def _keep(self, choice: Choice) -> None:
        self._preferences.set(KEPT_AS, choice.value)
