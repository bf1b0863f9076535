"""The command that makes up a patient."""

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio


def why_not(studio: Studio) -> str:
    """Require a loaded model that can make an image of no mask and find the labels in it, and no scan."""
    description = studio.document.checkpoint.description
    if studio.scans.scan is not None:
        return "A scan is open, which shows a patient already"
    if not studio.reference.can_find_labels:
        return "The model has no segmenter to find labels"
    if not description.ablation_trained and not description.ignores_mask:
        return "The model was trained on whole masks alone"
    if not studio.runs.is_ready:
        return "The model is not loaded yet"
    return "It is under way" if studio.made_up.is_busy else ""


def make_up(studio: Studio, shell: Shell) -> None:
    """Make up a patient; undoable."""
    studio.made_up.start()
    shell.say("A patient is being made up…", until=lambda: not studio.made_up.is_busy)


ROWS = (
    Command(
        key="made_up", text="New made-up patient", run=make_up, menu="File", place=101,
        icon=MDI7.account_outline, enabled=why_not,
        hint="The model makes an image of no mask, and its segmenter finds the mask; no patient is in it",
    ),
)  # fmt: skip
