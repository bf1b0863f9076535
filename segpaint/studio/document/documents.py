"""Opening checkpoints: each gets the document that was painted for it last."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks
from segpaint.studio.document.autosave import Autosave
from segpaint.studio.document.document import Document
from segpaint.studio.document.unsaved_work import recall

MOST = 6
"""Documents kept in memory; the others are saved, see `Autosave`."""


class Documents:
    """One document, with its edits, for each of the checkpoint folders opened last.

    Parameters
    ----------
    autosave : Autosave
        Recalls what was painted before the program was started.
    """

    def __init__(self, autosave: Autosave) -> None:
        self._autosave = autosave
        self._documents: dict[Path, Document] = {}  # the one opened last at the end

    def find(self, checkpoint: Checkpoint) -> Document:
        """Return what was painted for a checkpoint, or else a document with its first example."""
        document = self._cached(checkpoint) or self._recall(checkpoint)
        self.put(document)
        return document

    def put(self, document: Document) -> None:
        """Keep a document in place of its checkpoint's earlier one; drop the oldest of too many."""
        folder = document.checkpoint.folder.resolve()
        self._documents.pop(folder, None)
        self._documents[folder] = document
        while len(self._documents) > MOST:
            del self._documents[next(iter(self._documents))]

    def _cached(self, checkpoint: Checkpoint) -> Document | None:
        document = self._documents.get(checkpoint.folder.resolve())
        if document is None or document.checkpoint.description != checkpoint.description:
            return None
        document.checkpoint = checkpoint  # its weights may have changed
        return document

    def _recall(self, checkpoint: Checkpoint) -> Document:
        before = self._autosave.recall(checkpoint)
        if before is None:
            return Document(checkpoint, _first_example(checkpoint))
        beneath, mask = before.beneath, before.request.mask
        document = Document(checkpoint, mask if beneath is None or beneath.shape != mask.shape else beneath)
        document.strokes.replace(mask, "Paint on a slice")  # so that undo leads to the mask before the scan
        recall(document, before)
        return document


def _first_example(checkpoint: Checkpoint) -> NDArray[np.uint8] | None:
    for path in example_masks(checkpoint.folder):
        try:
            return read_mask(path, checkpoint.table, checkpoint.description.size)
        except SegPaintError:  # another model of the same name, with other labels or another size
            return None
    return None
