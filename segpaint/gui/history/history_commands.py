"""The commands of earlier edits and earlier results."""

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command, switch
from segpaint.gui.commands.shell import Shell
from segpaint.gui.history.undo_report import redone
from segpaint.studio.studio import Studio


def keep(studio: Studio, shell: Shell) -> None:
    """Keep the image looked at; drafts are not kept automatically."""
    runs = studio.runs
    if runs.trajectory.result is None:
        words = "There is no finished image to keep yet"
        shell.say(words, 4000, until=lambda: runs.trajectory.result is not None)
    else:
        shell.say("Kept in the history" if studio.history.add() else "It is in the history already", 4000)


def undo(studio: Studio, _shell: Shell) -> None:
    """Remove the last point set by the tool in use, or else undo the last edit."""
    if not studio.view.tools.take_back():
        studio.document.strokes.undo()


def redo(studio: Studio, shell: Shell) -> None:
    """Redo the edit undone last."""
    strokes = studio.document.strokes
    strokes.end()
    name = strokes.stack.redoText()
    strokes.redo()
    if name:
        shell.say(redone(name))


def _cannot_undo(studio: Studio) -> str:
    return "" if studio.document.strokes.stack.canUndo() else "There is nothing to undo"


def _cannot_redo(studio: Studio) -> str:
    return "" if studio.document.strokes.stack.canRedo() else "There is nothing to redo"


ROWS = (
    Command(
        key="keep", text="Keep in the history", run=keep, menu="File", place=204, keys=("K",),
        hint="Keep the finished image shown; drafts are not kept by themselves",
    ),
    Command(
        key="undo", text="Undo", run=undo, menu="Edit", place=100, keys=("Ctrl+Z",), icon=MDI7.undo,
        enabled=_cannot_undo,
    ),
    Command(
        key="redo", text="Redo", run=redo, menu="Edit", place=101, keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        icon=MDI7.redo, enabled=_cannot_redo,
    ),
    switch(
        "history_list", text="List of edits", menu="Edit", place=102, keys=("Ctrl+Shift+H",),
        icon=MDI7.format_list_bulleted, hint="All edits of the mask, to go back to any",
    ),
    switch(
        "history", text="History", menu="View", place=103, keys=("H",), icon=MDI7.filmstrip,
        hint="Show the earlier results, below the timeline", remembered=True,
    ),
)  # fmt: skip
