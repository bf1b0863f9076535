"""What a window is like is the same after a restart: place, tool, switches, model."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.gui.commands.command import COMMANDS, Toggle
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.base.preferences import Preferences

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
        self._window, self._studio = window, window.studio
        self._preferences = window.studio.preferences
        remembered = [row for row in COMMANDS.values() if isinstance(row, Toggle) and row.remembered]
        self._switches = [row for row in remembered if not row.choice]
        # Of a choice, only what is remembered can be restored: what was ticked may belong to another model.
        self._choices = {
            row.choice: [one for one in remembered if one.choice == row.choice] for row in remembered
        }
        self._choices.pop("", None)
        self._restore()
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:  # not later, for a hidden window has hidden its docks, too
            self._keep()
        return False

    def _keep(self) -> None:
        window, studio, preferences = self._window, self._studio, self._preferences
        preferences.set(CHECKPOINT, str(studio.document.checkpoint.folder.absolute()))
        preferences.set("window/geometry", _to_text(window.saveGeometry()))
        preferences.set("window/docks", _to_text(window.saveState()))
        preferences.set("window/opacity", studio.view.overlay.opacity)
        preferences.set("layout/splitters", {one.name: one.chosen for one in window.splitters})
        for row in self._switches:
            preferences.set(f"toggles/{row.key}", row.is_on(studio))
        for name, rows in self._choices.items():
            chosen = next((row for row in rows if row.is_on(studio)), rows[0])
            preferences.set(f"choices/{name}", chosen.key)
        for name, value in asdict(studio.view.tools.settings).items():
            preferences.set(f"tools/{name}", value)
        preferences.flush()

    def _restore(self) -> None:
        studio, kept = self._studio, self._preferences.chosen
        self._window.restoreGeometry(_from_text(kept.window.geometry))
        self._window.restoreState(_from_text(kept.window.docks))
        if kept.window.opacity is not None:
            studio.view.overlay.set_opacity(kept.window.opacity)
        for row in self._switches:
            self._set(row, kept.toggles.get(row.key, row.is_on(studio)))
        for name, rows in self._choices.items():
            chosen = kept.choices.get(name, "")
            for row in rows:
                if row.key == chosen:
                    self._set(row, True)
        studio.view.tools.change(**asdict(kept.tools))
        for splitter in self._window.splitters:
            splitter.choose(kept.layout.splitters.get(splitter.name, {}))

    def _set(self, row: Toggle, on: bool) -> None:
        if row.is_on(self._studio) is not on:
            row.run(self._studio, self._window.shell, on)


def last_checkpoint(preferences: Preferences) -> Checkpoint | None:
    """Read the checkpoint that was open last, if it is still there and whole."""
    kept = preferences.chosen.window.checkpoint
    with suppress(SegPaintError):
        return read_checkpoint(Path(kept)) if kept else None
    return None


def _to_text(state: QByteArray) -> str:
    return state.toBase64().toStdString()


def _from_text(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode()))
