"""Edits of masks as commands of the undo stack."""

import weakref
from collections.abc import Hashable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QUndoCommand

from segpaint.core.masks.mask import Box, Mask
from segpaint.core.masks.shelf import Parcel
from segpaint.core.printable import printable
from segpaint.studio.document.past_edit import Beside, PageEdit, PastEdit


class Edited(Protocol):
    """What commands change: see `segpaint.studio.document.strokes.Strokes`."""

    mask: Mask
    page: Hashable

    @property
    def mask_changed(self) -> SignalInstance:
        """Emits the box of changed pixels."""

    @property
    def context_restored(self) -> SignalInstance:
        """Emits what goes with the masks now."""

    def cancel(self) -> None:
        """Restore the mask as it was before the current stroke."""

    def turn(self, page: Hashable) -> None:
        """Show another page."""

    def put_pages(self, parts: Mapping[Hashable, tuple[Box, NDArray[np.uint8]]]) -> None:
        """Show these parts of the masks of pages."""


class EditCommand(QUndoCommand):
    """Changes part of one mask, and what goes with it."""

    def __init__(self, strokes: Edited, part: PageEdit, name: str, beside: Beside | None, begins: int) -> None:
        super().__init__(printable(name))
        self._beside = beside
        self.begins = begins
        """The lineage that begins here; 0 if the edit changes the mask before it."""
        self._strokes: Edited = weakref.proxy(strokes)  # see `UndoStack`
        self._part = part

    @property
    def edit(self) -> PastEdit:
        """What was edited."""
        return PastEdit(self.text(), (self._part,), moves=self._beside is not None)

    def redo(self) -> None:
        """Make the edit."""
        self._put(self._part.new)
        if self._beside is not None:
            self._beside.redo()

    def undo(self) -> None:
        """Take the edit back."""
        self._put(self._part.old)
        if self._beside is not None:
            self._beside.undo()

    def _put(self, parcel: Parcel) -> None:
        self._strokes.cancel()  # a list of edits can jump to any of them, even during a stroke
        self._strokes.turn(self._part.page)
        if not self._part.box.is_empty:
            self._strokes.mask.put(self._part.box, parcel.values)
            self._strokes.mask_changed.emit(self._part.box)


class PagesCommand(QUndoCommand):
    """Changes parts of the masks of several pages together."""

    def __init__(
        self, strokes: Edited, edits: Sequence[PageEdit], name: str, context: tuple[object, object] | None
    ) -> None:
        super().__init__(printable(name))
        self._strokes: Edited = weakref.proxy(strokes)  # see `UndoStack`
        self._edits, self._context = edits, context
        self._is_new = True

    @property
    def edit(self) -> PastEdit:
        """What was edited."""
        return PastEdit(self.text(), tuple(self._edits), moves=self._context is not None)

    def redo(self) -> None:
        """Make the edit."""
        self._put({edit.page: (edit.box, edit.new) for edit in self._edits}, 1)
        self._is_new = False

    def undo(self) -> None:
        """Take the edit back."""
        self._put({edit.page: (edit.box, edit.old) for edit in self._edits}, 0)

    def _put(self, parts: Mapping[Hashable, tuple[Box, Parcel]], place: int) -> None:
        self._strokes.cancel()
        if parts and not self._is_new and self._strokes.page not in parts:
            self._strokes.turn(next(iter(parts)))  # so that what changes is seen
        if self._context is not None:
            self._strokes.context_restored.emit(self._context[place])
        self._strokes.put_pages({page: (box, parcel.values) for page, (box, parcel) in parts.items()})
