"""How images are compared, with what, and through which window they are looked at."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from segpaint.gui.looking.comparison import DIFFERENCES, Against, Mode
from segpaint.gui.looking.windowing_badge import WindowingBadge
from segpaint.gui.looking.windowing_drag import WindowingDrag
from segpaint.gui.window.main_window import MainWindow


class ViewCommands(QObject):
    """Connects the commands of comparing and of window and level.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    menu : QMenu
        What to compare with.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._comparison, self._windowing = window.comparison, window.windowing
        actions = window.commands
        self.menu = QMenu("Compare with", window)
        modes, others = QActionGroup(self), QActionGroup(self)
        for mode in Mode:
            modes.addAction(actions[mode.value])
            actions[mode.value].triggered.connect(partial(self._compare, mode))
        for against in Against:
            others.addAction(actions[against.value])
            self.menu.addAction(actions[against.value])
            actions[against.value].triggered.connect(partial(self._comparison.compare_with, against))
        actions[Mode.OFF.value].setChecked(True)
        actions[Against.AUTOMATIC.value].setChecked(True)
        actions["pin"].triggered.connect(self._pin)
        actions["window_reset"].triggered.connect(self._windowing.reset)
        self._windowing.changed.connect(self._on_window)
        window.session.document_changed.connect(self._windowing.set_document)
        self._on_window()
        for pane in (window.image, window.side.pane):
            WindowingDrag(pane, self._windowing)
        self.badge = WindowingBadge(self._windowing, window.image)
        actions["histogram"].toggled.connect(window.display.show_intensities)
        window.display.show_intensities(actions["histogram"].isChecked())

    def _compare(self, mode: Mode) -> None:
        """Compare in this way, or, asked for the same way again, no longer."""
        chosen = Mode.OFF if self._comparison.mode is mode else mode
        self._comparison.set_mode(chosen)
        self._window.commands[chosen.value].setChecked(True)
        self.badge.set_shows_intensities(chosen not in DIFFERENCES)

    @Slot(bool)
    def _pin(self, pin: bool) -> None:
        if not pin:
            self._comparison.unpin()
        elif not self._comparison.pin():
            self._window.commands["pin"].setChecked(False)
            self._window.statusBar().showMessage("There is no image to pin yet", 4000)

    @Slot()
    def _on_window(self) -> None:
        self._window.commands["window_reset"].setEnabled(not self._windowing.window.is_whole)
