"""The list of edits as a project keeps it: the part around the last one done that can be restored."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.mask import Box
from segpaint.core.masks.shelf import Parcel, unpack
from segpaint.studio.document.past_edit import PageEdit, PastEdit
from segpaint.studio.document.strokes import Strokes
from segpaint.studio.projects.project import KeptChange, KeptEdit, KeptEdits
from segpaint.studio.scans.scan import Page, Place, Scan

MOST = 200
"""Edits that a project keeps before the last one done, and after it."""
BUDGET = 2**23
"""Bytes of them, packed, in each direction."""


@dataclass(frozen=True)
class _Packed:
    """A `PageEdit` whose bytes no later edit moves to the disk."""

    page: Page | None
    box: Box
    old: bytes
    new: bytes


@dataclass(frozen=True)
class PackedEdits:
    """Edits taken from the undo stack, to be encoded on any thread."""

    done: int
    edits: Sequence[tuple[str, Sequence[_Packed]]]

    def kept(self) -> KeptEdits:
        """Encode them; takes a while."""
        return KeptEdits(
            done=self.done,
            edits=tuple(KeptEdit(name=name, changes=tuple(map(_change, parts))) for name, parts in self.edits),
        )


def pack_edits(strokes: Strokes, scan: Scan | None) -> PackedEdits:
    """Take the edits around the last one done that concern a scan or, without one, the mask of no scan.

    One that changes more than masks, such as the frame, cannot be restored, nor what lies beyond it.
    """
    edits, index = strokes.edits, strokes.stack.index()
    before, after = _restorable(reversed(edits[:index]), scan), _restorable(edits[index:], scan)
    return PackedEdits(len(before), [*reversed(before), *after])


def _restorable(edits: Iterable[PastEdit], scan: Scan | None) -> list[tuple[str, list[_Packed]]]:
    taken: list[tuple[str, list[_Packed]]] = []
    room = BUDGET
    for edit in takewhile(lambda edit: _concerns(edit, scan), edits):
        parts = [
            _Packed(_page(part.page), part.box, part.old.packed, part.new.packed)
            for part in edit.pages
            if not part.box.is_empty
        ]
        room -= sum(len(part.old) + len(part.new) for part in parts)
        if len(taken) == MOST or room < 0:
            break
        taken.append((edit.name, parts))
    return taken


def _concerns(edit: PastEdit, scan: Scan | None) -> bool:
    return not edit.moves and all(
        part.page is None if scan is None else isinstance(part.page, Page) and part.page.scan is scan
        for part in edit.pages
    )


def _page(page: Hashable) -> Page | None:
    return page if isinstance(page, Page) else None


def _change(part: _Packed) -> KeptChange:
    box, place = part.box, None if part.page is None else part.page.place
    shape = box.bottom - box.top, box.right - box.left
    return KeptChange(
        slice=None if place is None else (place.plane, place.index, place.time),
        top=box.top, left=box.left, old=unpack(part.old, shape), new=unpack(part.new, shape),
    )  # fmt: skip


def past_edits(kept: KeptEdits, scan: Scan | None) -> list[PastEdit]:
    """Make edits for `Strokes.push_edits` again; those of a scan concern the one given."""
    return [
        PastEdit(edit.name, tuple(_page_edit(change, scan) for change in edit.changes)) for edit in kept.edits
    ]


def _page_edit(change: KeptChange, scan: Scan | None) -> PageEdit:
    return PageEdit(_page_of(change, scan), _box(change), Parcel(change.old), Parcel(change.new))


def _page_of(change: KeptChange, scan: Scan | None) -> Page | None:
    return None if scan is None or change.slice is None else Page(scan, Place(*change.slice))


def _box(change: KeptChange) -> Box:
    height, width = change.old.shape
    return Box(change.top, change.top + height, change.left, change.left + width)


def masks_before(
    kept: KeptEdits, masks: Mapping[Hashable, NDArray[np.uint8]], scan: Scan | None, size: int
) -> dict[Hashable, NDArray[np.uint8]]:
    """Take back all edits that are done.

    Parameters
    ----------
    masks : mapping of page to ndarray of uint8, shape (size, size)
        As they are after the edits done.
    """
    taken_back = {page: mask.copy() for page, mask in masks.items()}
    for edit in reversed(kept.edits[: kept.done]):
        for change in edit.changes:
            page = _page_of(change, scan)
            mask = taken_back.setdefault(page, np.zeros((size, size), np.uint8))
            mask[_box(change).slices] = change.old
    return taken_back
