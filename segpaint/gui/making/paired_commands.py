"""Opens the dialog for paired sets, and shows the progress of one in the window."""

from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton

from segpaint.core.words import counted
from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.making.paired_dialog import PairedDialog
from segpaint.studio.making.set_production import SetState
from segpaint.studio.studio import Studio


def show_dialog(studio: Studio, shell: Shell) -> PairedDialog:
    """Open the dialog, or bring it to the front."""
    return shell.front(PairedDialog, partial(PairedDialog, studio))


class PairedButton(QToolButton):
    """Shows the progress of a paired set in the status bar; hidden while there is none."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__(toolTip="Show the paired set that is being made")
        self._production, self._shell = studio.paired, shell
        # The status bar is as high as its highest part, even while that is hidden.
        self.setFixedHeight(self.fontMetrics().height() + 2)
        self.hide()
        self.clicked.connect(partial(show_dialog, studio, shell))
        studio.paired.changed.connect(self._show)
        studio.paired.failed.connect(self._warn)

    @Slot()
    def _show(self) -> None:
        production = self._production
        self.setVisible(production.is_active)
        paused = ", paused" if production.progress is SetState.PAUSED else ""
        is_opening = production.progress is SetState.OPENING
        so_far = "looking through it…" if is_opening else f"{production.done} of {production.count}{paused}"
        self.setText(f"paired set: {so_far}")
        if production.progress is SetState.FINISHED and production.folder is not None:
            images = counted(production.count, "image")
            self._shell.say(f"The paired set is finished: {images} in {production.folder}", 12000)

    @Slot(object)
    def _warn(self, error: Exception) -> None:
        """Show a failure in the window, unless the dialog shows it already."""
        dialog = self.window().findChild(PairedDialog)
        if dialog is None or not dialog.isVisible():
            self._shell.warn(error)


ROWS = (
    Command(
        key="paired_set", text="Paired set…", run=show_dialog, menu="Explore", place=200,
        keys=("Ctrl+Shift+M",), icon=MDI7.image_multiple_outline,
        hint="Make many images with their masks, in the background",
    ),
)  # fmt: skip
