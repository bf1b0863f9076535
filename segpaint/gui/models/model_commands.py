"""The command of the open model."""

from functools import partial

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio


def show_card(studio: Studio, shell: Shell) -> None:
    """Open the model card."""
    from segpaint.gui.models.card_dialog import CardDialog

    shell.open(partial(CardDialog, studio.document.checkpoint))


ROWS = (
    Command(
        key="card", text="About this model", run=show_card, menu="Help", place=102,
        icon=MDI7.card_text_outline, hint="Show the model card",
    ),
)  # fmt: skip
