"""Edits of many slices at once, prepared on another thread."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QObject

from segpaint.studio.base.background import Background
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.past_edit import PageEdit, pack_pages
from segpaint.studio.scans.scan import Image

FEW = 12
"""Pages whose masks are packed in a few milliseconds."""
LANE = "pages"
Masks = Mapping[Hashable, Image]


class PageEdits(QObject):
    """Replaces the masks of any number of pages in one edit of the open document."""

    def __init__(self, opened: OpenDocument, background: Background) -> None:
        super().__init__()
        self._opened, self._background = opened, background

    def replace(
        self,
        pages: Sequence[Hashable],
        change: Callable[[Masks], Masks],
        name: str,
        context: tuple[object, object] | None = None,
        again: Callable[[], None] | None = None,
    ) -> None:
        """Replace masks: at once, or soon after if there are many; what was painted meanwhile is changed, too.

        Parameters
        ----------
        pages : sequence of Hashable
        change : callable
            Makes the new masks from the old ones, on any thread.
        name, context
            See `segpaint.studio.document.strokes.Strokes.replace_pages`.
        again : callable, optional
            Begins anew where something else was edited meanwhile; by default with the same pages.
        """
        document = self._opened.document
        strokes = document.strokes
        strokes.end()
        old = {page: strokes.on_page(page) for page in pages}
        if len(old) <= FEW:
            strokes.replace_pages(change(old), name, context)
            return
        again = again or partial(self.replace, pages, change, name, context)
        done = partial(self._on_packed, document, strokes.stack.index(), old, again, name, context)
        self._background.start(partial(_packed, old, change), done, lane=LANE)

    def _on_packed(
        self,
        document: Document,
        index: int,
        old: Masks,
        again: Callable[[], None],
        name: str,
        context: tuple[object, object] | None,
        edits: Sequence[PageEdit],
    ) -> None:
        if document is not self._opened.document:
            return  # the user has gone to another model
        strokes = document.strokes
        is_same = strokes.stack.index() == index and not strokes.is_under_way
        if not is_same or any(not np.array_equal(strokes.on_page(page), mask) for page, mask in old.items()):
            again()
        else:
            strokes.push_pages(edits, name, context)


def _packed(old: Masks, change: Callable[[Masks], Masks]) -> list[PageEdit]:
    return pack_pages(old, change(old))
