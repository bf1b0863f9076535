"""Takes up the requests of images that are clicked on, and shows these images as long as that is not undone."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.settings import Settings
from segpaint.studio.document.taking_up import take_up
from segpaint.studio.runs.runs import Runs


@dataclass(frozen=True, eq=False)
class _Shown:
    """A finished image that is shown."""

    request: Request
    pixels: NDArray[np.uint8]
    source: str
    found: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class WhatWasOpen:
    """A document as it was: with its edits, its settings, and the run shown.

    Attributes
    ----------
    index : int
        Of its undo stack.
    """

    document: Document
    index: int
    settings: Settings
    branch: Branch | None


class _Turn:
    """Changes the image shown along with what is taken up; an image that was shown since is left alone."""

    def __init__(self, owner: TakenUp, before: _Shown | None) -> None:
        self._owner: TakenUp = weakref.proxy(owner)  # see `UndoStack`
        self._before = before
        self.after: _Shown | None = None  # until the edit is made

    def redo(self) -> None:
        if self.after is not None:
            self._owner.change(self._before, self.after)

    def undo(self) -> None:
        if self.after is not None:
            self._owner.change(self.after, self._before)


class TakenUp(QObject):
    """Knows which image was shown before another one was taken up."""

    def __init__(self, opened: OpenDocument, runs: Runs) -> None:
        super().__init__()
        self._opened, self._runs = opened, runs
        self._due: list[tuple[_Shown | None, _Shown | None]] = []
        opened.edited.connect(self._on_edit)

    def take(
        self,
        request: Request,
        name: str,
        pixels: NDArray[np.uint8] | None,
        source: str,
        *,
        alone: bool = False,
    ) -> Request:
        """Take up a request, and show its image if there is one; both are undone in one step.

        See `segpaint.studio.document.taking_up.take_up`, and `Branch.source`.
        """
        turn = _Turn(self, self._now)
        request = take_up(self._opened.document, request, name, turn, alone=alone)
        if pixels is not None:
            turn.after = _Shown(request, pixels, source)
            self._runs.show_result(request, pixels, source)
        return request

    def take_found(
        self, request: Request, found: NDArray[np.uint8], name: str, pixels: NDArray[np.uint8], source: str
    ) -> None:
        """Take the mask that was found in an image, and show the image; both are undone in one step."""
        turn = _Turn(self, self._now)
        self._opened.document.strokes.replace(found, name, turn)
        turn.after = _Shown(request, pixels, source, found)
        self._runs.show_result(request, pixels, source, found)

    def what_is_open(self) -> WhatWasOpen:
        """Note what is open, before something else is taken up for a while."""
        document = self._opened.document
        index = document.strokes.stack.index()
        return WhatWasOpen(document, index, document.settings, self._runs.branches.current)

    def bring_back(self, before: WhatWasOpen) -> None:
        """Bring back what was open, in a document that is open still."""
        before.document.strokes.stack.setIndex(before.index)
        before.document.change_settings(before.settings)
        self.show(before.branch)

    def show(self, branch: Branch | None) -> None:
        """Show the finished image of a run again, or none, if another run is shown by now."""
        if branch is self._runs.branches.current:
            return
        result = None if branch is None else branch.trajectory.result
        if branch is None or result is None:
            self._runs.leave()
        else:
            self._runs.show_result(branch.request, result.noisy, branch.source, branch.found)

    @property
    def _now(self) -> _Shown | None:
        branch, result = self._runs.branches.current, self._runs.trajectory.result
        if branch is None or result is None:
            return None
        return _Shown(branch.request, result.noisy, branch.source, branch.found)

    def change(self, old: _Shown | None, new: _Shown | None) -> None:
        """Show another image once the edit under way is undone or redone."""
        self._due.append((old, new))

    @Slot()
    def _on_edit(self) -> None:
        due, self._due = self._due, []
        for old, new in due:
            if self._runs.request is not (None if old is None else old.request):
                continue
            if new is None:
                self._runs.leave()
            else:
                self._runs.show_result(new.request, new.pixels, new.source, new.found)
