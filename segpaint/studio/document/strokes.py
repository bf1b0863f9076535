"""Masks changed by strokes, each of which is undone in one step."""

import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from segpaint.core.labels.counting import values_in
from segpaint.core.masks.mask import Box, Edit, Mask, difference
from segpaint.core.masks.paint import Footprint
from segpaint.core.masks.shelf import Parcel, Shelf
from segpaint.studio.base.undo_stack import UndoStack
from segpaint.studio.document.edit_commands import EditCommand, PagesCommand
from segpaint.studio.document.past_edit import Beside, PageEdit, PastEdit, pack_pages

DEPTH = 1000
"""Edits that can be undone."""
UNNAMED = "Stroke"
"""Name of an edit that was ended by something else."""
Reached = Callable[[], Mapping[Hashable, Footprint]]
"""Finds the pixels of other pages that a stroke has reached by now."""


class Strokes(QObject):
    """A mask with its undo stack; there may be more masks, of which one is shown: the pages.

    An edit belongs to the page that it was made on. To undo or redo it turns to that page.

    A stroke is everything done between a press and a release, or while a dialog is open. The mask
    changes at once; the undo stack receives the stroke when it has ended.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    """

    mask_changed = Signal(object)
    """The `Box` of changed pixels, or None for all of them."""
    stroke_ended = Signal()
    page_turned = Signal()
    """Another page is shown; `mask_changed` follows."""
    pages_changed = Signal()
    """The mask of a page that is not shown was changed."""
    context_restored = Signal(object)
    """An edit of pages was made, undone, or redone; what goes with their masks now, see `replace_pages`."""

    def __init__(self, values: NDArray[np.uint8]) -> None:
        super().__init__()
        self.mask = Mask(values)
        self.stack = UndoStack(self)
        self.stack.setUndoLimit(DEPTH)
        self.page: Hashable = None
        """The page that is shown; None is the first. As a text it names the page in the list of edits."""
        self.kept: frozenset[int] = frozenset()
        """What the mask holds under the stroke that ended last, if it changed nothing; else empty."""
        self._reached: set[int] = set()
        self._put_away: dict[Hashable, NDArray[np.uint8]] = {}  # masks of other pages, unless they are blank
        self._shelf = Shelf()
        self._lineages = itertools.count(1)
        self._before: NDArray[np.uint8] | None = None
        self._touched = _NOTHING
        self._name = UNNAMED
        self._is_preview = False
        self._settle: Callable[[], bool] | None = None
        self._beyond: tuple[Reached, NDArray[np.uint8]] | None = None

    # ---- strokes

    @property
    def is_under_way(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._before is not None

    @property
    def before(self) -> NDArray[np.uint8] | None:
        """The mask as it was when the stroke under way began; None if there is none."""
        return self._before

    @property
    def painted(self) -> NDArray[np.uint8]:
        """A copy of the mask without a preview, which nobody has applied yet."""
        return self._before.copy() if self._is_preview and self._before is not None else self.mask.snapshot()

    def begin(
        self, name: str = UNNAMED, *, is_preview: bool = False, settle: Callable[[], bool] | None = None
    ) -> None:
        """Start a stroke; one that has not ended ends.

        Parameters
        ----------
        name : str
            The edit's name if something else ends it.
        is_preview : bool
            Whether the mask only shows what a user may apply, or give up.
        settle : callable, optional
            Asked when the stroke ends, whatever ends it: whether the mask shows what is set by now. If it does
            not, the stroke is cancelled.
        """
        self.end()
        self._before, self._touched, self._name = self.mask.snapshot(), _NOTHING, name
        self._is_preview, self._settle, self._reached = is_preview, settle, set()

    def rename(self, name: str) -> None:
        """Rename the current stroke, once its extent is known."""
        self._name = name

    def send_through(self, footprint: Footprint, rule: NDArray[np.uint8]) -> None:
        """Change pixels by a rule, see `Mask.paint`, each once in a stroke; only within one.

        Otherwise an eraser that touches a pixel twice would take the label around from it, too.
        """
        if self._before is not None:
            box = self.mask.paint(footprint, rule, self._before)
            self._touched = self._touched.union(box)
            self._reached |= values_in(self._before[box.slices][footprint.inside][None])
            self.mask_changed.emit(box)

    def reach_beyond(self, reached: Reached, rule: NDArray[np.uint8]) -> None:
        """Let the current stroke change pages that are not shown, when it ends and in the same edit.

        Parameters
        ----------
        reached : callable
            Asked when the stroke ends, whatever ends it.
        rule : ndarray of uint8, shape (256,)
            See `Mask.paint`.
        """
        if self._before is not None:
            self._beyond = reached, rule

    def reshape(self, values: NDArray[np.uint8]) -> None:
        """Show these mask values for now; only within a stroke.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
        """
        edit = self.mask.edit_to(values) if self._before is not None else None
        if edit is not None:
            self.mask.apply(edit)
            self._touched = self._touched.union(edit.box)
            self.mask_changed.emit(edit.box)

    def end(self, name: str = "") -> bool:
        """Put the stroke on the undo stack, if it changed anything; by default under its first name.

        Returns
        -------
        bool
            False if it was cancelled instead, see `begin`.
        """
        settle, self._settle = self._settle, None
        if settle is not None and not settle():
            self.cancel()
            return False
        before, self._before = self._before, None
        beyond, self._beyond = self._beyond, None
        if before is None:
            return True
        edit = None if self._touched.is_empty else difference(before, self.mask.values, self._touched)
        others = self._changed_beyond(*beyond) if beyond is not None else []
        self.kept = frozenset() if edit is not None or others else frozenset(self._reached)
        if others:
            own = [_part(self.page, edit)] if edit is not None else []
            self._keep_parcels([*own, *others])
            name = f"{self._with_page(name or self._name)} and {len(others)} more"
            self.stack.push(PagesCommand(self, [*own, *others], name, None))
        elif edit is not None:
            self._push(edit, name or self._name)
        self.stroke_ended.emit()
        return True

    def cancel(self) -> None:
        """Restore the mask as it was before the current stroke."""
        if self._before is not None:
            self.reshape(self._before)
            self._before = self._beyond = self._settle = None
            self.stroke_ended.emit()

    # ---- edits

    def undo(self) -> None:
        """Undo the last stroke, finished or not."""
        if self.end():
            self.stack.undo()

    def redo(self) -> None:
        """Redo the stroke undone last."""
        self.end()
        self.stack.redo()

    def replace(self, values: NDArray[np.uint8], name: str, beside: Beside | None = None) -> None:
        """Replace the mask by another one, undoably, with what else changes along with it."""
        self.end()
        edit = self.mask.edit_to(values)
        if edit is not None or beside is not None:
            self._push(edit or _NO_EDIT, name, beside, begins=next(self._lineages))

    @property
    def lineage(self) -> int:
        """The number of the mask that what is shown was painted from: another after each `replace`."""
        done = (self.stack.command(place) for place in reversed(range(self.stack.index())))
        return next((each.begins for each in done if isinstance(each, EditCommand) and each.begins), 0)

    def _push(self, edit: Edit, name: str, beside: Beside | None = None, begins: int = 0) -> None:
        part = _part(self.page, edit)
        self._keep_parcels([part])
        self.stack.push(EditCommand(self, part, self._with_page(name), beside, begins))

    def _with_page(self, name: str) -> str:
        where = str(self.page) if self.page is not None else ""
        return f"{name}, {where}" if where else name

    def _keep_parcels(self, parts: Iterable[PageEdit]) -> None:
        self._shelf.keep_all(parcel for part in parts for parcel in (part.old, part.new))

    def _changed_beyond(self, reached: Reached, rule: NDArray[np.uint8]) -> list[PageEdit]:
        """Find the edits of pages that are not shown."""
        found = []
        for page, footprint in reached().items():
            before = self.on_page(page)
            mask = Mask(before)
            edit = difference(before, mask.values, mask.paint(footprint, rule))
            if edit is not None and page != self.page:
                found.append(_part(page, edit))
        return found

    # ---- pages

    def on_page(self, page: Hashable) -> NDArray[np.uint8]:
        """Return a copy of the mask of a page; blank if it has none."""
        if page == self.page:
            return self.painted
        kept = self._put_away.get(page)
        return np.zeros(self.mask.shape, np.uint8) if kept is None else kept

    @property
    def painted_pages(self) -> tuple[Hashable, ...]:
        """The pages whose masks are not blank."""
        shown = (self.page,) if self.mask.values.any() else ()
        return (*shown, *self._put_away)

    def turn(self, page: Hashable) -> None:
        """Show another page, which is no edit; a stroke ends."""
        self.end()
        if page == self.page:
            return
        shown, values = self.on_page(self.page), self.on_page(page)
        self._put_away.pop(page, None)
        self._keep(self.page, shown)
        self.page = page
        self.mask.put(Box.whole(values.shape), values)
        self.page_turned.emit()
        self.mask_changed.emit(None)

    def keep_page(self, page: Hashable, values: NDArray[np.uint8]) -> None:
        """Put the mask of a page that was not shown yet, which is no edit."""
        if page != self.page and page not in self._put_away:
            self._keep(page, values)
            self.pages_changed.emit()

    def replace_pages(
        self,
        masks: Mapping[Hashable, NDArray[np.uint8]],
        name: str,
        context: tuple[object, object] | None = None,
    ) -> None:
        """Replace the masks of pages in one edit.

        Parameters
        ----------
        masks : mapping of page to ndarray of uint8, shape (height, width)
        context : tuple of object, optional
            What goes with the masks before and after, for `context_restored`.
        """
        self.push_pages(pack_pages({page: self.on_page(page) for page in masks}, masks), name, context)

    def push_pages(
        self, edits: Sequence[PageEdit], name: str, context: tuple[object, object] | None = None
    ) -> None:
        """Make the edit that `replace_pages` makes, of masks that were packed before."""
        self.end()
        self._keep_parcels(edits)
        if edits or context is not None:
            self.stack.push(PagesCommand(self, edits, name, context))

    # ---- all edits

    @property
    def edits(self) -> list[PastEdit]:
        """All edits on the undo stack, the oldest first, undone ones included."""
        commands = [self.stack.command(place) for place in range(self.stack.count())]
        return [command.edit for command in commands if isinstance(command, EditCommand | PagesCommand)]

    def push_edits(self, edits: Sequence[PastEdit], done: int) -> None:
        """Put edits of an earlier session on the undo stack; each must begin where the one before ends.

        Parameters
        ----------
        done : int
            How many of them are done; the others can be redone.
        """
        self.end()
        begin, page = self.stack.index(), self.page
        for source in (self, self.stack):
            source.blockSignals(True)
        try:
            for edit in edits:
                self._keep_parcels(edit.pages)
                self.stack.push(PagesCommand(self, edit.pages, edit.name, None))
            self.stack.setIndex(begin + done)
            self.turn(page)
        finally:
            for source in (self, self.stack):
                source.blockSignals(False)
        self.mask_changed.emit(None)
        self.pages_changed.emit()
        self.stack.canUndoChanged.emit(self.stack.canUndo())
        self.stack.canRedoChanged.emit(self.stack.canRedo())
        self.stack.undoTextChanged.emit(self.stack.undoText())
        self.stack.redoTextChanged.emit(self.stack.redoText())
        self.stack.indexChanged.emit(self.stack.index())

    def put_pages(self, parts: Mapping[Hashable, tuple[Box, NDArray[np.uint8]]]) -> None:
        """Show these parts of the masks of pages; only within an edit."""
        self.cancel()
        for page, (box, values) in parts.items():
            if page == self.page:
                self.mask.put(box, values)
                self.mask_changed.emit(box)
            else:
                whole = self.on_page(page).copy()
                whole[box.slices] = values
                self._keep(page, whole)
        self.pages_changed.emit()

    def _keep(self, page: Hashable, values: NDArray[np.uint8]) -> None:
        self._put_away.pop(page, None)
        if values.any():
            self._put_away[page] = values


_NOTHING = Box(0, 0, 0, 0)
_NO_PIXELS = np.zeros((0, 0), np.uint8)
_NO_EDIT = Edit(_NOTHING, _NO_PIXELS, _NO_PIXELS)


def _part(page: Hashable, edit: Edit) -> PageEdit:
    return PageEdit(page, edit.box, Parcel(edit.old), Parcel(edit.new))
