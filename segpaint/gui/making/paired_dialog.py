"""The dialog for paired sets."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.paired_form import PairedForm, about_set
from segpaint.gui.making.production_dialog import ProductionDialog
from segpaint.gui.making.recent_sets import note_set, specification_of, unfinished_sets
from segpaint.paired.specification import SPECIFICATION, read_specification
from segpaint.studio.making.set_production import SetState
from segpaint.studio.studio import Studio


class PairedDialog(ProductionDialog):
    """Starts, pauses and cancels a paired set, which continues after the dialog is closed."""

    form: PairedForm

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        folder = FolderField(offered=partial(unfinished_sets, studio.preferences, are_chosen=False))
        super().__init__(studio, studio.paired, PairedForm(studio), folder, "Paired set", parent)
        studio.paired.changed.connect(self._on_production)

    @Slot()
    def _on_production(self) -> None:
        """Offer the folder later, until its set is complete."""
        production = self._production
        if production.folder is not None and production.progress in (SetState.RUNNING, SetState.FINISHED):
            is_complete = production.progress is SetState.FINISHED
            note_set(self._studio.preferences, production.folder, is_complete=is_complete)

    def own_settings(self) -> str:
        """Describe the settings of the set in the folder."""
        own = specification_of(self.folder.path)
        return "" if own is None else about_set(own)

    def begin(self, folder: Path) -> None:
        """Begin a set as the form asks for it."""
        self._production.start(folder, self.form.specification(), self.form.masks.painted_file())

    def go_on(self, folder: Path) -> None:
        """Go on with the set in a folder."""
        self._production.start(folder, read_specification(folder / SPECIFICATION))
