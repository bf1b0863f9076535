"""Comparing the image with another one at the same zoom: side by side, swipe, blink, difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QTimer, Signal, Slot
from PySide6.QtGui import QPainterPath

from segpaint.core.compare import difference_colors, swiped
from segpaint.gui.comparison_note import ComparisonNote
from segpaint.gui.image_pane import ImagePane
from segpaint.gui.side_pane import SidePane
from segpaint.gui.theme_colors import SWIPE
from segpaint.session.session import Session

BLINK = 700
"""Milliseconds that each image is seen."""


class Mode(Enum):
    """How two images are shown; the values are keys of commands."""

    OFF = "compare_off"
    SIDE = "side_by_side"
    SWIPE = "swipe"
    BLINK = "blink"
    DIFFERENCE = "difference"
    OUTSIDE = "difference_outside"


@dataclass(frozen=True)
class Other:
    """What the image is compared with.

    Attributes
    ----------
    name : str
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    mask : ndarray of uint8, shape (height, width)
        Under which it was made, or is understood.
    """

    name: str
    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]


class Comparison(QObject):
    """Compares what the image pane shows with a pinned image, the parent branch, or the reference.

    Parameters
    ----------
    session : Session
    pane : ImagePane
    side : SidePane
        Where the other one is shown, side by side.
    """

    pinned_changed = Signal(bool)
    """Whether an image is pinned."""

    def __init__(self, session: Session, pane: ImagePane, side: SidePane) -> None:
        super().__init__(pane)
        self._session, self._pane, self._side = session, pane, side
        self._pinned: Other | None = None
        self.mode = Mode.OFF
        self._column: float | None = None  # under the pointer; the middle until it has been on the image
        self._shows_other = False
        self._timer = QTimer(self, interval=BLINK)
        self._timer.timeout.connect(self._blink)
        self.note = ComparisonNote(pane)
        self._border = pane.add_outline(SWIPE)
        pane.hovered.connect(self._on_hover)
        session.document_changed.connect(self.unpin)
        session.frame_changed.connect(self._show_beside)

    @property
    def other(self) -> Other | None:
        """What the image is compared with, if there is anything."""
        if self._pinned is not None:
            return self._pinned
        branch, document = self._session.branches.current, self._session.document
        parent = branch.parent if branch is not None else None
        if parent is not None:
            frame = parent.trajectory.result or parent.trajectory.newest
            if frame is not None:
                return Other(f"branch {parent.name}", frame.picture, parent.request.final.mask)
        if document is not None and document.reference is not None:
            return Other("reference", document.reference.image, document.reference.mask)
        return None

    def pin(self) -> bool:
        """Compare later images with the one looked at; False where there is none."""
        frame, request = self._session.trajectory.current, self._session.request
        if frame is None or request is None:
            return False
        self.pin_other(Other("pinned", frame.picture, request.final.mask))
        return True

    def pin_other(self, other: Other) -> None:
        """Compare with this one from now on."""
        self._set_pinned(other)

    @Slot()
    def unpin(self) -> None:
        """Put the pinned image away."""
        self._set_pinned(None)

    def _set_pinned(self, pinned: Other | None) -> None:
        self._pinned = pinned
        self.pinned_changed.emit(pinned is not None)
        self._refresh()

    def set_mode(self, mode: Mode) -> None:
        """Compare in another way, or not at all."""
        self.mode = mode
        self._shows_other = False
        self._side.setVisible(mode is Mode.SIDE)
        if mode is Mode.BLINK:
            self._timer.start()
        else:
            self._timer.stop()
        self._refresh()

    def _refresh(self) -> None:
        composes = self.mode not in (Mode.OFF, Mode.SIDE)
        self._pane.set_composer(self._compose if composes else None)
        if not composes:
            self.note.hide()
        if self.mode is not Mode.SWIPE:
            self._border.setPath(QPainterPath())
        self._show_beside()

    @Slot()
    def _show_beside(self) -> None:
        if self.mode is Mode.SIDE:
            other = self.other
            self._side.show_image(
                other.name[0].upper() + other.name[1:] if other else "", other.pixels if other else None
            )

    def _compose(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        other = self.other
        if other is None or other.pixels.shape != pixels.shape:
            self.note.say("Nothing to compare with: pin an image, branch off, or open a reference")
            return pixels
        match self.mode:
            case Mode.SWIPE:
                self.note.say(f"this image  |  {other.name}")
                column = pixels.shape[1] / 2 if self._column is None else self._column
                self._draw_border(column, pixels.shape[0])
                return swiped(pixels, other.pixels, column)
            case Mode.BLINK:
                self.note.say(other.name if self._shows_other else "this image")
                return other.pixels if self._shows_other else pixels
            case Mode.OUTSIDE:
                self.note.say(f"this image − {other.name}, outside the edit", with_colors=True)
                return difference_colors(pixels, other.pixels, self._outside(other))
            case _:
                self.note.say(f"this image − {other.name}", with_colors=True)
                return difference_colors(pixels, other.pixels)

    def _draw_border(self, column: float, height: int) -> None:
        path = QPainterPath(QPointF(round(column), 0))
        path.lineTo(round(column), height)
        self._border.setPath(path)

    def _outside(self, other: Other) -> NDArray[np.bool_]:
        """Where the masks of the two agree."""
        request = self._session.request
        return other.mask == (request.final.mask if request is not None else other.mask)

    @Slot()
    def _blink(self) -> None:
        self._shows_other = not self._shows_other
        self._refresh()

    def swipe_to(self, column: float) -> None:
        """Put the border of a swipe before a column."""
        self._column = column
        if self.mode is Mode.SWIPE:
            self._refresh()

    @Slot(object)
    def _on_hover(self, point: QPointF | None) -> None:
        if point is not None:
            self.swipe_to(point.x())
