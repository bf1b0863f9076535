"""The dialog for sweeps."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.match_dialog import REMEMBERED
from segpaint.gui.making.production_dialog import ProductionDialog
from segpaint.gui.making.sweep_form import SweepForm
from segpaint.paired.matched_set import MATCHED
from segpaint.paired.sweep import Sweep
from segpaint.paired.swept_set import SweptSet, count_missing
from segpaint.studio.studio import Studio

LANE = "sweeps"


class SweepFolder(FolderField):
    """The folder of a sweep, which is looked through on another thread."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(MATCHED)
        self._background = studio.background
        self._missing = 0
        self.line.textChanged.connect(self.look)

    @property
    def holds_set(self) -> bool:
        """Whether something is missing of the sweeps in the folder."""
        return self._missing > 0

    @Slot()
    def look(self) -> None:
        """Look for sweeps that are not finished."""
        path, self._missing = self.path, 0
        if path is not None:
            work = partial(_count, path)
            self._background.start(work, self._on_counted, self._on_unreadable, lane=LANE)

    def _on_counted(self, counted: tuple[Path, int]) -> None:
        path, missing = counted
        if path == self.path:
            self._missing = missing
            self.changed.emit()

    def _on_unreadable(self, _error: Exception) -> None:
        """Leave it to the sweep that is begun to report what is wrong."""


class SweepDialog(ProductionDialog):
    """Starts, pauses and cancels a sweep, which continues after the dialog is closed."""

    form: SweepForm
    folder: SweepFolder
    held = "This folder holds a sweep that was stopped. Go on makes what is missing of it, and nothing twice."
    takes_more = True
    unit = "matched pair", "matched pairs"

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, studio.sweeps, SweepForm(studio), SweepFolder(studio), "Sweep", parent)
        self.folder.line.setText(studio.preferences.chosen.files.matched)
        studio.sweeps.changed.connect(self._on_sweep)

    def begin(self, folder: Path) -> None:
        """Begin a sweep as the form asks for it."""
        form, precision = self.form, self._studio.runs.precision
        before, dosed, spread = form.chosen, form.dosed, form.spread
        if before is None or dosed is None or precision is None:
            return
        self._studio.preferences.set(REMEMBERED, str(folder))

        def opening() -> SweptSet:
            sweep: Sweep = before.sweep(precision, dosed, spread)
            return SweptSet(folder, sweep, (before.checkpoint.folder,))

        self._production.begin(folder, opening)

    def go_on(self, folder: Path) -> None:
        """Go on with all sweeps in a folder."""
        self._production.begin(folder, partial(SweptSet, folder, None, tuple(self._studio.folders)))

    @Slot()
    def _on_sweep(self) -> None:
        if not self._production.is_active:
            self.folder.look()


def _count(folder: Path) -> tuple[Path, int]:
    return folder, count_missing(folder)
