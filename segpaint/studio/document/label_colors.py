"""The user's label colours, saved for each checkpoint by the names of its labels."""

from collections.abc import Collection, Mapping

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
        self._keep(document, colors)

    def reset(self) -> None:
        """Show them in the checkpoint's own colours again."""
        self._opened.document.set_colors({})
        self._keep(self._opened.document, self._opened.document.table.indices)

    @Slot(object)
    def _dress(self, document: Document) -> None:
        kept = self._preferences.chosen.labels.colors.get(_name(document.checkpoint), {})
        document.set_colors({label.index: kept[label.name] for label in document.table if label.name in kept})

    def _keep(self, document: Document, changed: Collection[int]) -> None:
        """Save only those that differ from the checkpoint's, so that later changes of its own show.

        Those that were not changed stay as another window may have saved them.
        """
        own, name = document.checkpoint.table, _name(document.checkpoint)
        saved = self._preferences.fresh.labels.colors
        new = {label.name: label.color for label in document.table if label.index in changed}
        same = {label.name for label in own if new.get(label.name) == label.color}
        chosen = {label: color for label, color in {**saved.get(name, {}), **new}.items() if label not in same}
        kept = {**saved, name: chosen}
        self._preferences.set(PREFERENCE, {name: colors for name, colors in kept.items() if colors})


def _name(checkpoint: Checkpoint) -> str:
    return checkpoint.folder.resolve().name
