"""The stage: what stories do to a window, as a user's hand would."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.masks.paint import Footprint
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.looking.comparison import Mode
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks
from segpaint.studio.document.document import Document, Purpose, Reference


class Puppeteer:
    """Steers the window of the tour.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session = window.session

    # ---- what is there

    @property
    def document(self) -> Document:
        """The open one; there is one from the beginning of a story on."""
        document = self._session.document
        if document is None:
            raise SegPaintError("No model is open; begin the story again.")
        return document

    @property
    def result(self) -> NDArray[np.uint8]:
        """The finished image."""
        result = self._session.trajectory.result
        if result is None:
            raise SegPaintError("There is no finished image to go on from; begin the story again.")
        return result.noisy

    def label(self, name: str) -> int:
        """The index of a label by its name.

        Raises
        ------
        SegPaintError
            If the model has none of this name.
        """
        (index,) = self.document.table.parse([name])
        return index

    def mark(self) -> object:
        """Something that differs as soon as somebody has changed what the story works on."""
        session, document = self._session, self._session.document
        if document is None:
            return None
        branch = session.branches.current
        # The signs of objects tell them apart, for all of them live as long as the document does.
        return (
            id(document), document.undo_stack.index(), document.settings, document.used,
            id(document.reference), branch.run if branch is not None else None,
        )  # fmt: skip

    # ---- what is waited for

    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        return self._session.is_ready

    def is_done(self) -> bool:
        """Whether no image is being made."""
        return not self._session.state.is_active

    # ---- what is done

    def open(self, checkpoint: Checkpoint, holding: Collection[str], rather: str = "") -> None:
        """Open a model with the first of its examples in which these labels are, or rather with this one."""
        self.compare(Mode.OFF)
        wanted = checkpoint.table.parse(list(holding))
        size = checkpoint.description.size
        for path in sorted(example_masks(checkpoint.folder), key=lambda path: path.stem != rather):
            values = read_mask(path, checkpoint.table, size)
            if np.isin(wanted, values).all():
                self._session.open_checkpoint(checkpoint, values)
                return
        names = " and ".join(holding)
        raise SegPaintError(f"{checkpoint.folder.name} has no example mask with {names}.")

    def set(self, **changes: Any) -> None:
        """Change settings by name, see `segpaint.studio.document.document.Settings`."""
        self.document.change_settings(replace(self.document.settings, **changes))

    def generate(self) -> None:
        """Start a run."""
        self._session.generate()

    def go_on(self) -> None:
        """Go on with a run that was paused while the story waited."""
        self._session.go_on()

    def point_out(self, label: int) -> None:
        """Choose a label in the list, and have it seen there."""
        self.document.paint_value = label
        self._window.labels.show_row(label)

    def paint(self, label: int, inside: NDArray[np.bool_]) -> None:
        """Paint a region with a label, as one stroke."""
        self.point_out(label)
        self.document.begin_stroke()
        self.document.paint(Footprint(0, 0, inside))
        self.document.end_stroke("Paint")

    def erase(self, inside: NDArray[np.bool_]) -> None:
        """Give a region to what surrounds its labels, as one stroke."""
        self.document.begin_stroke()
        self.document.paint(Footprint(0, 0, inside), erase=True)
        self.document.end_stroke("Erase")

    def use(self, label: int, *, used: bool) -> None:
        """Tick a label, or leave it to the model."""
        self.document.set_label(label, used=used)

    def pin(self) -> None:
        """Pin the image that is shown."""
        self._window.comparison.pin()

    def compare(self, mode: Mode) -> None:
        """Compare in this way, or not at all."""
        self._window.comparison.set_mode(mode)
        self._window.commands[mode.value].setChecked(True)

    def swipe_to(self, share: float) -> None:
        """Put the border of a swipe at a share of the width, 0 to 1."""
        self._window.comparison.swipe_to(share * self.document.mask.shape[1])

    def take_as_reference(self, name: str) -> None:
        """Make the finished image the reference, to come near to."""
        mask = self.document.mask.snapshot()
        self._session.take_reference(Reference(name, self.result, mask, self.document.used))
        self.set(purpose=Purpose.NEAR)
