"""Shows the progress of a set in the status bar."""

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton

from segpaint.core.words import counted
from segpaint.gui.commands.shell import Shell
from segpaint.gui.making.production_dialog import ProductionDialog
from segpaint.studio.making.set_production import Production, SetState
from segpaint.studio.studio import Studio


def show_production(kind: type[ProductionDialog], studio: Studio, shell: Shell) -> ProductionDialog:
    """Open the dialog of a kind of set, or bring it to the front."""
    return shell.front(kind, partial(kind, studio))


class ProductionButton(QToolButton):
    """Shows the progress of a set, and leads to its dialog; hidden while there is none.

    Parameters
    ----------
    production : Production
        Makes the set.
    dialog : type
        Of the dialog.
    """

    def __init__(
        self, studio: Studio, shell: Shell, production: Production, dialog: type[ProductionDialog]
    ) -> None:
        super().__init__(toolTip=f"Show the {production.kind} that is being made")
        self._production, self._shell, self._dialog = production, shell, dialog
        # The status bar is as high as its highest part, even while that is hidden.
        self.setFixedHeight(self.fontMetrics().height() + 2)
        self.hide()
        self.clicked.connect(partial(show_production, dialog, studio, shell))
        production.changed.connect(self._show)
        production.failed.connect(self._warn)

    @Slot()
    def _show(self) -> None:
        production = self._production
        self.setVisible(production.is_active)
        paused = ", paused" if production.progress is SetState.PAUSED else ""
        is_opening = production.progress is SetState.OPENING
        so_far = "looking through it…" if is_opening else f"{production.done} of {production.count}{paused}"
        self.setText(f"{production.kind}: {so_far}")
        if production.progress is SetState.FINISHED and production.folder is not None:
            images = counted(production.count, "image")
            self._shell.say(f"The {production.kind} is finished: {images} in {production.folder}", 12000)

    @Slot(object)
    def _warn(self, error: Exception) -> None:
        """Show a failure in the window, unless the dialog shows it already."""
        dialog = self.window().findChild(self._dialog)
        if dialog is None or not dialog.isVisible():
            self._shell.warn(error)
