"""Opening the dialog for paired sets, and telling in the window of one that is under way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QToolButton

from segpaint.gui.making.paired_dialog import PairedDialog
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.making.set_production import Production, SetState


class PairedCommands(QObject):
    """What the menu's entry for paired sets does.

    Parameters
    ----------
    window : MainWindow
    folders : sequence of Path
        The checkpoints that are offered.
    """

    def __init__(self, window: MainWindow, folders: Sequence[Path]) -> None:
        super().__init__(window)
        self._window, self._folders = window, folders
        self.production = Production(window.session)
        self._dialog: PairedDialog | None = None
        self.button = QToolButton(toolTip="Show the paired set that is being made")
        # The status bar makes room for the highest of its parts, even while it is hidden.
        self.button.setFixedHeight(self.button.fontMetrics().height() + 2)
        self.button.hide()
        window.statusBar().addPermanentWidget(self.button)
        self.button.clicked.connect(self.show_dialog)
        self.production.changed.connect(self._show)
        self.production.failed.connect(self._tell)
        window.commands["paired_set"].triggered.connect(self.show_dialog)
        window.closing.connect(self._close)

    @Slot()
    def show_dialog(self) -> PairedDialog:
        """Open the dialog, or bring it to the front."""
        if self._dialog is None:
            self._dialog = PairedDialog(self._window.session, self.production, self._folders, self._window)
        self._dialog.show()
        self._dialog.raise_()
        return self._dialog

    @Slot()
    def _close(self) -> None:
        self.production.close()
        if self._dialog is not None:
            self._dialog.form.masks.wait()

    @Slot()
    def _show(self) -> None:
        production = self.production
        self.button.setVisible(production.is_active)
        paused = ", paused" if production.progress is SetState.PAUSED else ""
        is_opening = production.progress is SetState.OPENING
        so_far = "looking through it…" if is_opening else f"{production.done} of {production.count}{paused}"
        self.button.setText(f"paired set: {so_far}")
        if production.progress is SetState.FINISHED and production.folder is not None:
            self._window.statusBar().showMessage(
                f"The paired set is finished: {production.count} images in {production.folder}", 12000
            )

    @Slot(object)
    def _tell(self, error: Exception) -> None:
        """In the window, too, unless the dialog tells already."""
        if self._dialog is None or not self._dialog.isVisible():
            self._window.messages.show_error(error)
