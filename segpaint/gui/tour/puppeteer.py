"""The stage: lets stories control a window as a user would."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.masks.paint import Footprint
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.view.comparison import Mode


class Puppeteer:
    """Controls the window of the tour."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._studio = window.studio
        self.runs, self.comparison = window.studio.runs, window.studio.view.comparison

    # ---- state

    @property
    def document(self) -> Document:
        """The open one."""
        return self._studio.document

    @property
    def result(self) -> NDArray[np.uint8]:
        """The finished image."""
        result = self.runs.trajectory.result
        if result is None:
            raise SegPaintError("There is no finished image to go on from; begin the story again.")
        return result.noisy

    def label(self, name: str) -> int:
        """Find a label's index by its name.

        Raises
        ------
        SegPaintError
            If the model has no such label.
        """
        (index,) = self.document.table.parse([name])
        return index

    def mark(self) -> object:
        """Return a value that differs as soon as the user has changed the story's document."""
        document, branch = self.document, self.runs.branches.current
        # Objects can be compared by identity, since all of them live as long as the document.
        return (
            id(document), document.strokes.stack.index(), document.settings, document.used,
            id(document.reference), branch.run if branch is not None else None,
        )  # fmt: skip

    # ---- actions

    def open(self, checkpoint: Checkpoint, holding: Collection[str], rather: str = "") -> None:
        """Open a model with its first example that holds these labels, or preferably with the one named."""
        self.comparison.set_mode(Mode.OFF)
        wanted = checkpoint.table.parse(list(holding))
        size = checkpoint.description.size
        for path in sorted(example_masks(checkpoint.folder), key=lambda path: path.stem != rather):
            values = read_mask(path, checkpoint.table, size)
            if np.isin(wanted, values).all():
                self._studio.open_document(Document(checkpoint, values))
                return
        names = " and ".join(holding)
        raise SegPaintError(f"{checkpoint.folder.name} has no example mask with {names}.")

    def set(self, **changes: Any) -> None:
        """Change settings by name, see `segpaint.studio.document.document.Settings`."""
        self.document.change_settings(replace(self.document.settings, **changes))

    def paint(self, label: int, inside: NDArray[np.bool_]) -> None:
        """Paint a region with a label, as one stroke."""
        self.document.paint_value = label
        self.document.strokes.begin()
        self.document.paint(Footprint(0, 0, inside))
        self.document.strokes.end("Paint")

    def erase(self, inside: NDArray[np.bool_]) -> None:
        """Give a region to the labels around its own, as one stroke."""
        self.document.strokes.begin()
        self.document.paint(Footprint(0, 0, inside), erase=True)
        self.document.strokes.end("Erase")

    def swipe_to(self, share: float) -> None:
        """Move the border of a swipe to a share of the width, 0 to 1."""
        self._window.comparison.swipe_to(share * self.document.mask.shape[1])

    def take_as_reference(self, name: str) -> None:
        """Make the finished image the reference, as a target for similarity."""
        mask = self.document.mask.snapshot()
        self._studio.reference.take(Reference(name, self.result, mask, self.document.used))
        self.set(purpose=Purpose.NEAR)
