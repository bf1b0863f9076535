"""Opens the dialog for sweeps, and shows the progress of one in the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.making.production_button import ProductionButton
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.making.sweep_dialog import SweepDialog


def show_sweep(studio: Studio, shell: Shell) -> SweepDialog:
    """Open the dialog, or bring it to the front."""
    from segpaint.gui.making.sweep_dialog import SweepDialog

    return shell.front(SweepDialog, partial(SweepDialog, studio))


class SweepButton(ProductionButton):
    """Shows the progress of a sweep in the status bar."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__(studio, shell, studio.sweeps, show_sweep)


ROWS = (
    Command(
        key="sweep", text="Sweep…", run=show_sweep, menu="Explore", place=202, icon=MDI7.chart_bell_curve,
        hint="A label by many amounts, from smaller to larger: matched pairs with the same image before",
    ),
)  # fmt: skip
