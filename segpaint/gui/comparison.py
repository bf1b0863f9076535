"""Comparing the image with another one at the same zoom: swipe, blink, difference."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Slot
from PySide6.QtWidgets import QLabel

from segpaint.core.compare import FULL, difference_colors, swiped
from segpaint.gui.image_pane import ImagePane
from segpaint.gui.theme import SPACE
from segpaint.session.session import Session

BLINK = 700
"""Milliseconds that each image is seen."""


class Mode(Enum):
    """How two images are shown in one pane; the values are keys of commands."""

    OFF = "compare_off"
    SWIPE = "swipe"
    BLINK = "blink"
    DIFFERENCE = "difference"
    OUTSIDE = "difference_outside"


class Comparison(QObject):
    """Compares what the image pane shows with a pinned image, the reference, or the parent branch.

    Parameters
    ----------
    session : Session
    pane : ImagePane
    """

    def __init__(self, session: Session, pane: ImagePane) -> None:
        super().__init__(pane)
        self._session, self._pane = session, pane
        self._pinned: NDArray[np.uint8] | None = None
        self.mode = Mode.OFF
        self._column = 0.5 * pane.width()
        self._shows_other = False
        self._timer = QTimer(self, interval=BLINK)
        self._timer.timeout.connect(self._blink)
        self.note = QLabel(pane, objectName="badge")
        self.note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.note.hide()
        pane.hovered.connect(self._on_hover)
        session.document_changed.connect(self._forget)

    @property
    def other(self) -> tuple[str, NDArray[np.uint8]] | None:
        """Name and pixels of what the image is compared with, if there is anything."""
        if self._pinned is not None:
            return "pinned", self._pinned
        branch, document = self._session.branches.current, self._session.document
        if branch is not None and branch.parent is not None:
            frame = branch.parent.trajectory.result or branch.parent.trajectory.newest
            if frame is not None:
                return f"branch {branch.parent.name}", frame.picture
        if document is not None and document.reference is not None:
            return "reference", document.reference.image
        return None

    def pin(self) -> bool:
        """Compare later images with the one looked at; False where there is none."""
        frame = self._session.trajectory.current
        self._pinned = frame.picture if frame is not None else None
        self._refresh()
        return frame is not None

    def set_mode(self, mode: Mode) -> None:
        """Compare in another way, or not at all."""
        self.mode = mode
        self._shows_other = False
        if mode is Mode.BLINK:
            self._timer.start()
        else:
            self._timer.stop()
        self._refresh()

    @Slot()
    def _forget(self) -> None:
        self._pinned = None
        self._refresh()

    def _refresh(self) -> None:
        self._pane.set_composer(self._compose if self.mode is not Mode.OFF else None)
        if self.mode is Mode.OFF:
            self.note.hide()

    def _compose(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        other = self.other
        if other is None or other[1].shape != pixels.shape:
            self._say("Nothing to compare with: pin an image, branch off, or open a reference")
            return pixels
        name, against = other
        match self.mode:
            case Mode.SWIPE:
                self._say(f"this image  |  {name}")
                return swiped(pixels, against, self._column)
            case Mode.BLINK:
                self._say(name if self._shows_other else "this image")
                return against if self._shows_other else pixels
            case _:
                outside = self._outside() if self.mode is Mode.OUTSIDE else None
                place = " outside the edit" if self.mode is Mode.OUTSIDE else ""
                scale = f"blue darker, black alike, orange brighter, full at {FULL} levels"
                self._say(f"this image − {name}{place}: {scale}")
                return difference_colors(pixels, against, outside)

    def _outside(self) -> NDArray[np.bool_] | None:
        """Where the mask and that of the parent, or of the reference, agree; None where there is neither."""
        branch, document = self._session.branches.current, self._session.document
        if branch is None or document is None:
            return None
        mask = branch.request.final.mask
        if branch.parent is not None:
            return mask == branch.parent.request.final.mask
        if document.reference is not None:
            return mask == document.reference.mask
        return None

    def _say(self, words: str) -> None:
        self.note.setText(words)
        self.note.adjustSize()
        self.note.move(SPACE, self._pane.height() - self.note.height() - SPACE)
        self.note.show()

    @Slot()
    def _blink(self) -> None:
        self._shows_other = not self._shows_other
        self._refresh()

    @Slot(object)
    def _on_hover(self, point: QPointF | None) -> None:
        if point is not None and self.mode is Mode.SWIPE:
            self._column = point.x()
            self._refresh()
