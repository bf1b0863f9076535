"""The user's label colours, saved for each checkpoint by the names of its labels."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument

PREFERENCE = "labels/colors"
"""Maps the name of a checkpoint's folder to the colours by the names of its labels."""


class LabelColors(QObject):
    """Applies the colours chosen for a checkpoint to its documents, and saves new ones."""

    def __init__(self, opened: OpenDocument, preferences: Preferences) -> None:
        super().__init__()
        self._opened, self._preferences = opened, preferences
        opened.switching.connect(self._dress)
        self._dress(opened.document)

    def take(self, colors: Mapping[int, str]) -> None:
        """Show labels of the open document in these colours from now on.

        Parameters
        ----------
        colors : mapping of int to str
            "#rrggbb" by label index; the other labels keep theirs.
        """
        document = self._opened.document
        document.set_colors({label.index: label.color for label in document.table} | dict(colors))
        self._keep(document)

    def reset(self) -> None:
        """Show them in the checkpoint's own colours again."""
        self._opened.document.set_colors({})
        self._keep(self._opened.document)

    @Slot(object)
    def _dress(self, document: Document) -> None:
        kept = self._preferences.chosen.labels.colors.get(_name(document.checkpoint), {})
        document.set_colors({label.index: kept[label.name] for label in document.table if label.name in kept})

    def _keep(self, document: Document) -> None:
        """Save only those that differ from the checkpoint's, so that later changes of its own show."""
        own = document.checkpoint.table
        chosen = {label.name: label.color for label in document.table if label.color != own[label.index].color}
        kept = {**self._preferences.chosen.labels.colors, _name(document.checkpoint): chosen}
        self._preferences.set(PREFERENCE, {name: colors for name, colors in kept.items() if colors})


def _name(checkpoint: Checkpoint) -> str:
    return checkpoint.folder.resolve().name
