"""A mask that is changed by strokes, each of which is undone as one."""

from __future__ import annotations

import weakref

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from segpaint.core.masks.mask import Box, Edit, Mask, difference
from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shelf import Parcel, Shelf
from segpaint.studio.base.undo_stack import UndoStack

DEPTH = 1000
"""Edits that can be taken back."""
UNNAMED = "Stroke"
"""What an edit is called that something else brought to its end."""


class EditedMask(QObject):
    """A mask with its undo stack.

    A stroke is whatever the hand does between a press and a release, or a dialog between its opening
    and its end: the mask changes at once, and the undo stack hears of it when it is over.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    """

    mask_changed = Signal(object)
    """The `Box` of changed pixels, or None for all of them."""
    stroke_ended = Signal()

    def __init__(self, values: NDArray[np.uint8]) -> None:
        super().__init__()
        self.mask = Mask(values)
        self.undo_stack = UndoStack(self)
        self.undo_stack.setUndoLimit(DEPTH)
        self._shelf = Shelf()
        self._before: NDArray[np.uint8] | None = None
        self._touched = _NOTHING
        self._name = UNNAMED

    # ---- strokes

    @property
    def is_stroking(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._before is not None

    @property
    def before_stroke(self) -> NDArray[np.uint8] | None:
        """The mask as it was when the stroke under way began; None if there is none."""
        return self._before

    def begin_stroke(self, name: str = UNNAMED) -> None:
        """Start what will be undone as one; a stroke that has not ended ends.

        Parameters
        ----------
        name : str
            What the edit is called if something else brings it to its end.
        """
        self.end_stroke()
        self._before, self._touched, self._name = self.mask.snapshot(), _NOTHING, name

    def name_stroke(self, name: str) -> None:
        """Call the stroke under way otherwise, for it is known by now how much it does."""
        self._name = name

    def send_through(self, footprint: Footprint, rule: NDArray[np.uint8]) -> None:
        """Change pixels by a rule, see `Mask.paint`; only within a stroke, so that it can be undone."""
        if self._before is not None:
            box = self.mask.paint(footprint, rule)
            self._touched = self._touched.union(box)
            self.mask_changed.emit(box)

    def reshape(self, values: NDArray[np.uint8]) -> None:
        """Let the mask have these values for now; only within a stroke.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
        """
        edit = self.mask.edit_to(values) if self._before is not None else None
        if edit is not None:
            self.mask.apply(edit)
            self._touched = self._touched.union(edit.box)
            self.mask_changed.emit(edit.box)

    def end_stroke(self, name: str = "") -> None:
        """Put the stroke on the undo stack, if it changed anything; by its first name if no other is given."""
        before, self._before = self._before, None
        if before is None:
            return
        edit = None if self._touched.is_empty else difference(before, self.mask.values, self._touched)
        if edit is not None:
            self._push(edit, name or self._name)
        self.stroke_ended.emit()

    def cancel_stroke(self) -> None:
        """Let the mask be as it was before the stroke under way."""
        if self._before is not None:
            self.reshape(self._before)
            self._before = None
            self.stroke_ended.emit()

    # ---- edits

    def undo(self) -> None:
        """Take back the last stroke, be it finished or not."""
        self.end_stroke()
        self.undo_stack.undo()

    def redo(self) -> None:
        """Make the stroke taken back last once more."""
        self.end_stroke()
        self.undo_stack.redo()

    def replace_mask(self, values: NDArray[np.uint8], name: str) -> None:
        """Put another mask in place of this one, undoably."""
        self.end_stroke()
        edit = self.mask.edit_to(values)
        if edit is not None:
            self._push(edit, name)

    def _push(self, edit: Edit, name: str) -> None:
        self.undo_stack.push(_EditCommand(self, self._shelf, edit, name))


_NOTHING = Box(0, 0, 0, 0)


class _EditCommand(QUndoCommand):
    def __init__(self, edited: EditedMask, shelf: Shelf, edit: Edit, name: str) -> None:
        super().__init__(name)
        self._edited: EditedMask = weakref.proxy(edited)  # see `UndoStack`
        self._box = edit.box
        self._old, self._new = shelf.put(edit.old), shelf.put(edit.new)

    def redo(self) -> None:
        self._put(self._new)

    def undo(self) -> None:
        self._put(self._old)

    def _put(self, parcel: Parcel) -> None:
        self._edited.cancel_stroke()  # a list of edits goes to any of them, whatever is under way
        self._edited.mask.put(self._box, parcel.values)
        self._edited.mask_changed.emit(self._box)
