"""The commands of the open model."""

from functools import partial

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio


def show_card(studio: Studio, shell: Shell) -> None:
    """Open the model card."""
    from segpaint.gui.models.card_dialog import CardDialog

    shell.open(partial(CardDialog, studio.document.checkpoint))


def cannot_compile(studio: Studio) -> str:
    """Require a loaded model that sees masks and runs on a processor, not compiled yet, and OpenVINO."""
    runs, compiling = studio.runs, studio.compiling
    if compiling.is_busy:
        return "It is under way"
    if not runs.is_ready:
        return "The model is not loaded yet"
    if runs.device != "cpu":
        return f"The model runs on {runs.device.upper()}, and compiling is for processors alone"
    if compiling.is_done:
        return "The model is compiled already"
    if studio.document.checkpoint.description.ignores_mask:
        return "The model ignores the mask, and such a one cannot be compiled"
    return "" if compiling.is_possible else "OpenVINO is not installed: pip install 'segpaint[openvino]'"


def compile_model(studio: Studio, shell: Shell) -> None:
    """Compile the open model in a process of its own."""
    name, compiling = studio.document.checkpoint.description.name, studio.compiling
    compiling.start()
    if compiling.is_busy:
        shell.say(f"{name} is being compiled, which takes some seconds…", 0, lambda: not compiling.is_busy)


ROWS = (
    Command(
        key="card", text="About this model", run=show_card, menu="Help", place=102,
        icon=MDI7.card_text_outline, hint="Show the model card",
    ),
    Command(
        key="compile", text="Compile this model", run=compile_model, menu="Help", place=102,
        icon=MDI7.speedometer, enabled=cannot_compile,
        hint="Images are made about twice as fast on this computer, and differ in the last digit",
    ),
)  # fmt: skip
