"""The dialog for paired sets."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.paired_form import PairedForm
from segpaint.gui.making.production_dialog import ProductionDialog
from segpaint.paired.specification import SPECIFICATION, read_specification
from segpaint.studio.studio import Studio


class PairedDialog(ProductionDialog):
    """Starts, pauses and cancels a paired set, which continues after the dialog is closed."""

    form: PairedForm

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, studio.paired, PairedForm(studio), FolderField(), "Paired set", parent)

    def begin(self, folder: Path) -> None:
        """Begin a set as the form asks for it."""
        self._production.start(folder, self.form.specification(), self.form.masks.painted_file())

    def go_on(self, folder: Path) -> None:
        """Go on with the set in a folder."""
        self._production.start(folder, read_specification(folder / SPECIFICATION))
