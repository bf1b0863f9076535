"""Exporting animations: of a run, of a branch beside its parent, of a series."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from segpaint.core.labels.labels import LabelTable
from segpaint.core.pictures.film import Scene, branch_comparison, timeline
from segpaint.core.runs.branches import Branch
from segpaint.gui.making.animation_dialog import AnimationDialog
from segpaint.gui.making.series_dialog import SeriesDialog
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.making.film_writer import FilmWriter

SERIES_SPEED = 2.0
"""Pictures a second: there are few, and each differs from the last."""


class AnimationCommands(QObject):
    """What the window does with animations.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self.writer = FilmWriter(self)
        window.commands["animate"].triggered.connect(self.export_run)
        window.closing.connect(self.writer.close)

    @Slot()
    def export_run(self) -> AnimationDialog | None:
        """Ask about an animation of the branch looked at."""
        branch, document = self._session.branches.current, self._session.document
        if branch is None or document is None or not branch.trajectory.frames:
            self._window.messages.tell("There are no steps to animate yet; generate an image first.")
            return None
        sources = {f"The steps of branch {branch.name}": partial(_steps, branch, document.table)}
        if branch.parent is not None:
            name = f"Branches {branch.parent.name} and {branch.name}, step by step"
            sources[name] = partial(_branches, branch, document.table)
        model, preferences = branch.request.checkpoint, self._window.preferences
        dialog = AnimationDialog(self.writer, sources, model, preferences, parent=self._window)
        dialog.open()
        return dialog

    @Slot(object)
    def export_series(self, scenes: list[Scene]) -> AnimationDialog | None:
        """Ask about an animation of the images of a series, whose dialog asks for it."""
        dialog, document = self.sender(), self._session.document
        if document is None or not isinstance(dialog, SeriesDialog):
            return None
        sources = {"The images in order, forth and back": partial(_as_they_are, scenes)}
        model = document.checkpoint.folder.resolve().name
        asking = AnimationDialog(
            self.writer, sources, model, self._window.preferences,
            pictures_per_second=SERIES_SPEED, beside=False, parent=dialog,
        )  # fmt: skip
        asking.open()
        return asking


def _steps(branch: Branch, table: LabelTable, mask: bool, noisy: bool) -> list[Scene]:
    return timeline(branch, table, mask=mask, noisy=noisy)


def _branches(branch: Branch, table: LabelTable, mask: bool, _noisy: bool) -> list[Scene]:
    return branch_comparison(branch, table, mask=mask)


def _as_they_are(scenes: list[Scene], _mask: bool, _noisy: bool) -> list[Scene]:
    return scenes
