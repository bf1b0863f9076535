"""What an edit changes: parts of the masks of pages, and perhaps something beside them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.mask import Box
from segpaint.core.masks.shelf import Parcel


@dataclass(frozen=True)
class PageEdit:
    """A part of a page's mask before and after an edit."""

    page: Hashable
    box: Box
    old: Parcel
    new: Parcel


@dataclass(frozen=True)
class PastEdit:
    """An edit on the undo stack.

    Attributes
    ----------
    moves : bool
        Whether it changes more than masks, see `Beside` and `Strokes.context_restored`.
    """

    name: str
    pages: tuple[PageEdit, ...]
    moves: bool = False


def pack_pages(
    old: Mapping[Hashable, NDArray[np.uint8]], new: Mapping[Hashable, NDArray[np.uint8]]
) -> list[PageEdit]:
    """Pack the masks that change, which takes a while for many; it can be done on any thread."""
    return [
        PageEdit(page, Box.whole(values.shape), Parcel(old[page]), Parcel(values))
        for page, values in new.items()
        if not np.array_equal(old[page], values)
    ]


class Beside(Protocol):
    """What an edit changes beside the mask; it must not hold the owner of the mask, see `UndoStack`."""

    def redo(self) -> None:
        """Change it, after the mask."""

    def undo(self) -> None:
        """Change it back."""
