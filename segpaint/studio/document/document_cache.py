"""The documents of the models that were open before, so that going back to one finds its edits."""

from __future__ import annotations

from pathlib import Path

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.studio.document.document import Document

MOST = 6
"""Documents kept. What was painted in others is on the disk, see `segpaint.studio.document.autosave`."""


class DocumentCache:
    """One document for each of the checkpoint folders opened last."""

    def __init__(self) -> None:
        self._documents: dict[Path, Document] = {}  # the one opened last at the end

    def find(self, checkpoint: Checkpoint) -> Document | None:
        """What was open for a checkpoint; None if nothing was, or it no longer fits its description."""
        document = self._documents.get(checkpoint.folder.resolve())
        if document is None or document.checkpoint.description != checkpoint.description:
            return None
        document.checkpoint = checkpoint  # its weights may be others by now
        return document

    def put(self, document: Document) -> None:
        """Keep this one in place of what was kept for its checkpoint, and of the oldest if need be."""
        folder = document.checkpoint.folder.resolve()
        self._documents.pop(folder, None)
        self._documents[folder] = document
        while len(self._documents) > MOST:
            del self._documents[next(iter(self._documents))]
