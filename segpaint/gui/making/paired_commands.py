"""Opens the dialog for paired sets, and shows the progress of one in the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.making.production_button import ProductionButton
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.making.paired_dialog import PairedDialog


def show_dialog(studio: Studio, shell: Shell) -> PairedDialog:
    """Open the dialog, or bring it to the front."""
    from segpaint.gui.making.paired_dialog import PairedDialog

    return shell.front(PairedDialog, partial(PairedDialog, studio))


class PairedButton(ProductionButton):
    """Shows the progress of a paired set in the status bar."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__(studio, shell, studio.paired, show_dialog)


ROWS = (
    Command(
        key="paired_set", text="Paired set…", run=show_dialog, menu="Explore", place=200,
        keys=("Ctrl+Shift+M",), icon=MDI7.image_multiple_outline,
        hint="Make many images with their masks, in the background",
    ),
)  # fmt: skip
