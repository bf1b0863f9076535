"""The colours that the user gives to labels, kept for each checkpoint by the names of its labels."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session

PREFERENCE = "labels/colors"
"""By the name of a checkpoint's folder, the colours by the names of its labels."""


class LabelColors(QObject):
    """Gives every document that is opened the colours chosen for its checkpoint, and keeps new ones.

    Parameters
    ----------
    session : Session
    preferences : Preferences
    """

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        session.document_changed.connect(self._on_document)

    def take(self, colors: Mapping[int, str]) -> None:
        """Show labels of the open document in these colours from now on.

        Parameters
        ----------
        colors : mapping of int to str
            "#rrggbb" by label index; the other labels keep theirs.
        """
        document = self._session.document
        if document is not None:
            document.set_colors({label.index: label.color for label in document.table} | dict(colors))
            self._keep(document)

    def reset(self) -> None:
        """Show them in the checkpoint's own colours again."""
        document = self._session.document
        if document is not None:
            document.set_colors({})
            self._keep(document)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        kept = self._preferences.chosen.labels.colors.get(_name(document.checkpoint), {})
        document.set_colors({label.index: kept[label.name] for label in document.table if label.name in kept})

    def _keep(self, document: Document) -> None:
        """Only those that differ from the checkpoint's, lest they outlive a change of its own."""
        own = document.checkpoint.table
        chosen = {label.name: label.color for label in document.table if label.color != own[label.index].color}
        kept = {**self._preferences.chosen.labels.colors, _name(document.checkpoint): chosen}
        self._preferences.set(PREFERENCE, {name: colors for name, colors in kept.items() if colors})


def _name(checkpoint: Checkpoint) -> str:
    return checkpoint.folder.resolve().name
