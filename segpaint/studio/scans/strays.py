"""Reports labels that a segmenter has found in several pieces, far from each other."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.strays import stray_labels
from segpaint.core.words import enumerated
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks
from segpaint.studio.base.background import Background
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.scans.page_edits import LANE

Masks = Sequence[NDArray[np.uint8]]
ADVICE = "Choose the label: Anatomy > Remove islands… takes them away."


class Strays(QObject):
    """Looks at masks that a segmenter has found, beside the window."""

    remarked = Signal(str)
    """A sentence on what was found in the open document."""

    def __init__(self, opened: OpenDocument, background: Background) -> None:
        super().__init__()
        self._opened, self._background = opened, background

    @Slot(object)
    def look(self, masks: Masks) -> None:
        """Look at the masks of one slice or more that were taken for the open document."""
        document = self._opened.document
        work, report = (
            partial(_count_strays, masks, document.checkpoint),
            partial(self._report, document, len(masks)),
        )
        # Masks of many slices are taken in this lane, too, and before.
        self._background.start(work, report, lane=LANE)

    def _report(self, document: Document, count: int, found: dict[int, int]) -> None:
        if not found or document is not self._opened.document:
            return
        names = [document.name_of(label) for label in document.paintable if label in found]
        where = f" on {max(found.values())} of {count} slices" if count > 1 else ""
        pieces = "pieces, of which small ones lie far from the largest"
        self.remarked.emit(f"The segmenter finds {enumerated(names)} in several {pieces}{where}. {ADVICE}")


def _count_strays(masks: Masks, checkpoint: Checkpoint) -> dict[int, int]:
    """Count the masks in which each label strays; without labels that do so in an example, as bones do."""
    table, description = checkpoint.table, checkpoint.description
    counts = Counter(label for mask in masks for label in stray_labels(mask, table))
    if counts:
        for path in example_masks(checkpoint.folder):
            with suppress(SegPaintError):  # of another model of the same name
                for label in stray_labels(read_mask(path, table, description.size), table):
                    counts.pop(label, None)
    return dict(counts)
