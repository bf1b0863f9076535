"""What a window is like is the same after a restart: place, tool, switches, model."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.gui.tools.tool_commands import TOOLS
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.base.preferences import Preferences

TOGGLES = (
    "outlines",
    "findings",
    "noisy",
    "smooth",
    "labels_outline",
    "judge",
    "judge_drafts",
    "follow",
    "live_warm",
    "history",
    "histogram",
)
"""Keys of the commands that are on after a restart if they were on before."""
CHOICES = {"tool": tuple(TOOLS), "paint_over": ("paint_all", "paint_background")}
"""Keys of commands of which one is in force, by the name of the choice.

What is ticked to be painted over belongs to a model, and is ticked anew.
"""
CHECKPOINT = "window/checkpoint"


class WindowState(QObject):
    """Restores a window at its start, and keeps its state when it closes.

    Parameters
    ----------
    window : MainWindow
        With its commands connected, not yet shown.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._preferences = window, window.preferences
        self._restore()
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:  # not later, for a hidden window has hidden its docks, too
            self._keep()
        return False

    def _keep(self) -> None:
        window, preferences = self._window, self._preferences
        if window.session.document is not None:
            preferences.set(CHECKPOINT, str(window.session.document.checkpoint.folder.absolute()))
        preferences.set("window/geometry", _to_text(window.saveGeometry()))
        preferences.set("window/docks", _to_text(window.saveState()))
        preferences.set("window/opacity", window.overlay.opacity)
        for key in TOGGLES:
            preferences.set(f"toggles/{key}", window.commands[key].isChecked())
        for name, keys in CHOICES.items():
            chosen = next((key for key in keys if window.commands[key].isChecked()), keys[0])
            preferences.set(f"choices/{name}", chosen)
        for name, value in asdict(window.tool_options.settings).items():
            preferences.set(f"tools/{name}", value)
        preferences.flush()

    def _restore(self) -> None:
        window, chosen = self._window, self._preferences.chosen
        window.restoreGeometry(_from_text(chosen.window.geometry))
        window.restoreState(_from_text(chosen.window.docks))
        if chosen.window.opacity is not None:
            window.overlay.set_opacity(chosen.window.opacity)
        for key in TOGGLES:
            action = window.commands[key]
            action.setChecked(chosen.toggles.get(key, action.isChecked()))
        for name, keys in CHOICES.items():
            key = chosen.choices.get(name, keys[0])
            if key in keys:
                window.commands[key].setChecked(True)
        window.tool_options.change(**asdict(chosen.tools))


def last_checkpoint(preferences: Preferences) -> Checkpoint | None:
    """The one that was open last, if it is still there and whole."""
    kept = preferences.chosen.window.checkpoint
    with suppress(SegPaintError):
        return read_checkpoint(Path(kept)) if kept else None
    return None


def _to_text(state: QByteArray) -> str:
    return state.toBase64().toStdString()


def _from_text(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode()))
