"""Reports in the status line which edits were undone."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from segpaint.core.words import counted
from segpaint.gui.commands.shell import Shell
from segpaint.studio.document.document import Reference
from segpaint.studio.studio import Studio


def undone(edits: Sequence[str], reference: Reference | None) -> str:
    """Return in a sentence what was undone.

    Parameters
    ----------
    edits : sequence of str
        Names of the undone edits.
    reference : Reference or None
        The one that is open.
    """
    what = edits[0] if len(edits) == 1 else counted(len(edits), "edit")
    left = reference is not None and reference.edit in edits
    return f"Undone: {what}" + (". The mask is no longer that of the reference." if left else "")


def redone(edit: str) -> str:
    """Return in a sentence what was redone."""
    return f"Redone: {edit}"


class UndoReport(QObject):
    """Follows the undo stack, moved by a key or by the list of edits."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__()
        self._studio, self._shell = studio, shell
        self._shown = ""
        studio.opened.switched.connect(self._begin)
        studio.opened.edited.connect(self._on_index)
        self._begin()

    @Slot()
    def _begin(self) -> None:
        self._index = self._studio.document.strokes.stack.index()  # number of edits

    @Slot(int)
    def _on_index(self, index: int) -> None:
        """Report undone edits; the report is cleared when more is done."""
        before, self._index = self._index, index
        stack = self._studio.document.strokes.stack
        if index < before:
            names = [stack.text(place) for place in range(index, before)]
            self._shown = undone(names, self._studio.document.reference)
            self._shell.say(self._shown)
        else:
            self._shell.unsay(self._shown)
            self._shell.unsay(redone(stack.text(before - 1)))
