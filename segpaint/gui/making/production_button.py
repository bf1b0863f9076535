"""Shows the progress of a set in the status bar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton

from segpaint.core.words import counted
from segpaint.gui.commands.shell import Shell
from segpaint.studio.making.set_production import Production, SetState
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.making.production_dialog import ProductionDialog


class ProductionButton(QToolButton):
    """Shows the progress of a set, and leads to its dialog; hidden while there is none.

    Parameters
    ----------
    production : Production
        Makes the set.
    show : callable
        Opens its dialog, or brings it to the front.
    """

    def __init__(
        self,
        studio: Studio,
        shell: Shell,
        production: Production,
        show: Callable[[Studio, Shell], ProductionDialog],
    ) -> None:
        super().__init__(toolTip=f"Show the {production.kind} that is being made")
        self._production, self._shell = production, shell
        # The status bar is as high as its highest part, even while that is hidden.
        self.setFixedHeight(self.fontMetrics().height() + 2)
        self.hide()
        self.clicked.connect(partial(show, studio, shell))
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
        from segpaint.gui.making.production_dialog import ProductionDialog

        dialogs = self.window().findChildren(ProductionDialog)
        if not any(dialog.shows(self._production) for dialog in dialogs):
            self._shell.warn(error)
