"""Comparing the image with another one at the same zoom: side by side, swipe, blink, difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QTimer, Signal, Slot
from PySide6.QtGui import QPainterPath

from segpaint.core.pictures.compare import alike, difference_colors, mask_over, swiped
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.side_pane import SidePane
from segpaint.gui.looking.comparison_note import ComparisonNote
from segpaint.gui.style.theme_colors import SWIPE
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session
from segpaint.studio.view.overlay import Overlay
from segpaint.studio.view.windowing import Windowing

BLINK = 700
"""Milliseconds that each image is seen."""
PATIENCE = 40
"""Milliseconds in which changes of the mask, or of how it is shown, are gathered before it is drawn again."""


class Mode(Enum):
    """How two images are shown; the values are keys of commands."""

    OFF = "compare_off"
    SIDE = "side_by_side"
    SWIPE = "swipe"
    BLINK = "blink"
    DIFFERENCE = "difference"
    OUTSIDE = "difference_outside"


DIFFERENCES = (Mode.DIFFERENCE, Mode.OUTSIDE)
"""Made of intensities as they are, whatever the window that they are looked at through."""


class Against(Enum):
    """What the image is compared with; the values are keys of commands."""

    AUTOMATIC = "compare_auto"
    """The first there is: the pinned image, the parent branch, the reference, for a reference its mask."""
    PINNED = "compare_pinned"
    PARENT = "compare_parent"
    REFERENCE = "compare_reference"
    MASK = "compare_mask"


MISSING = {
    Against.AUTOMATIC: "Nothing to compare with: pin an image, branch off, or open a reference",
    Against.PINNED: "Nothing is pinned to compare with",
    Against.PARENT: "This image comes from no other branch to compare with",
    Against.REFERENCE: "There is no reference beside this image to compare with",
    Against.MASK: "There is no mask to compare with",
}


@dataclass(frozen=True)
class Other:
    """What the image is compared with.

    Attributes
    ----------
    name : str
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    mask : ndarray of uint8, shape (height, width)
        Under which it was made, or is understood.
    is_mask : bool
        The pixels are the mask itself, in the colours of its labels, and no intensities.
    """

    name: str
    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    is_mask: bool = False


class Comparison(QObject):
    """Compares what the image pane shows with a pinned image, the parent branch, the reference, or the mask.

    Parameters
    ----------
    session : Session
    pane : ImagePane
    side : SidePane
        Where the other one is shown, side by side.
    overlay : Overlay
        How a mask lies over the reference.
    windowing : Windowing
        How intensities are shown; differences are taken from those that are there.
    """

    pinned_changed = Signal(bool)
    """Whether an image is pinned."""

    def __init__(
        self, session: Session, pane: ImagePane, side: SidePane, overlay: Overlay, windowing: Windowing
    ) -> None:
        super().__init__(pane)
        self._session, self._pane, self._side = session, pane, side
        self._overlay, self._windowing = overlay, windowing
        self._document: Document | None = None
        self._heard = Connections()
        self._pinned: Other | None = None
        self._painted: Other | None = None  # the mask, kept until it changes
        self.mode = Mode.OFF
        self.against = Against.AUTOMATIC
        self._column: float | None = None  # under the pointer; the middle until it has been on the image
        self._shows_other = False
        self._timer = QTimer(self, interval=BLINK)
        self._timer.timeout.connect(self._blink)
        self._soon = QTimer(self, interval=PATIENCE, singleShot=True)
        self._soon.timeout.connect(self._refresh)
        self.note = ComparisonNote(pane)
        self._border = pane.add_outline(SWIPE)
        pane.hovered.connect(self._on_hover)
        session.document_changed.connect(self._on_document)
        session.frame_changed.connect(self._show_beside)
        session.frame_changed.connect(self._say_what_is_missing)
        overlay.changed.connect(self._on_look)
        windowing.changed.connect(self._on_look)

    # ---- what the image is compared with

    @property
    def other(self) -> Other | None:
        """What the image is compared with, if there is anything."""
        match self.against:
            case Against.PINNED:
                return self._pinned
            case Against.PARENT:
                return self._parent()
            case Against.REFERENCE:
                return self._reference()
            case Against.MASK:
                return self._mask()
        found = self._pinned or self._parent() or self._reference()
        return self._mask() if found is None and self._shows_reference else found

    @property
    def _shows_reference(self) -> bool:
        """Whether the image pane shows the reference, for want of anything generated."""
        document = self._document
        return (
            document is not None and document.reference is not None and self._session.trajectory.current is None
        )

    def _parent(self) -> Other | None:
        branch = self._session.branches.current
        parent = branch.parent if branch is not None else None
        frame = (parent.trajectory.result or parent.trajectory.newest) if parent is not None else None
        if parent is None or frame is None:
            return None
        return Other(f"branch {parent.name}", frame.picture, parent.request.final.mask)

    def _reference(self) -> Other | None:
        reference = self._document.reference if self._document is not None else None
        if reference is None or self._shows_reference:
            return None
        return Other("reference", reference.image, reference.mask)

    def _mask(self) -> Other | None:
        document = self._document
        if self._painted is None and document is not None:
            mask, reference = document.mask.snapshot(), document.reference
            ground = self._windowing.window.applied(reference.image) if reference is not None else None
            pixels = mask_over(mask, self._overlay.colors(document), ground)
            self._painted = Other("mask", pixels, mask, is_mask=True)
        return self._painted

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._document = document
        changes = document.mask_changed, document.labels_changed, document.reference_changed
        self._heard.renew(*((change, self._on_look) for change in changes))
        self._painted = None
        self.unpin()

    @Slot()
    def _on_look(self) -> None:
        """Something has changed about the mask, or about how it or intensities are shown."""
        self._painted = None
        if self.mode is not Mode.OFF and not self._soon.isActive():
            self._soon.start()

    def compare_with(self, against: Against) -> None:
        """Compare with another thing."""
        self.against = against
        self._refresh()

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
        self._pane.set_composer(self._compose if self._composes else None)
        if not self._composes:
            self.note.hide()
        self._say_what_is_missing()
        if self.mode is not Mode.SWIPE:
            self._border.setPath(QPainterPath())
        self._show_beside()

    @property
    def _composes(self) -> bool:
        return self.mode not in (Mode.OFF, Mode.SIDE)

    @Slot()
    def _say_what_is_missing(self) -> None:
        """Before there is an image nothing is composed, which would else be passed over in silence."""
        if self._composes and self._session.trajectory.current is None and not self._shows_reference:
            self.note.say("Compares as soon as there is an image")

    @Slot()
    def _show_beside(self) -> None:
        if self.mode is Mode.SIDE:
            other = self.other
            if other is None:
                self._side.show_nothing(MISSING[self.against] + ".")
            else:
                self._side.show_image(other.name[0].upper() + other.name[1:], self._shown(other))

    def _shown(self, other: Other) -> NDArray[np.uint8]:
        return other.pixels if other.is_mask else self._windowing.window.applied(other.pixels)

    def _compose(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Both images in one, of the image pane's pixels as they are, not as they are shown."""
        other = self.other
        shown = pixels if self.mode in DIFFERENCES else self._windowing.window.applied(pixels)
        if other is None or other.pixels.shape[:2] != pixels.shape[:2]:
            self.note.say(MISSING[self.against])
            self._border.setPath(QPainterPath())
            return shown
        this = "reference" if self._shows_reference else "this image"
        match self.mode:
            case Mode.SWIPE:
                self.note.say(f"{this}  |  {other.name}")
                column = pixels.shape[1] / 2 if self._column is None else self._column
                self._draw_border(column, pixels.shape[0])
                return swiped(*alike(shown, self._shown(other)), column)
            case Mode.BLINK:
                self.note.say(other.name if self._shows_other else this)
                return self._shown(other) if self._shows_other else shown
            case _ if other.is_mask:
                self.note.say("A mask has no intensities, and so no difference from an image")
                return shown
            case Mode.OUTSIDE:
                self.note.say(f"{this} − {other.name}, outside the edit", with_colors=True)
                return difference_colors(*alike(pixels, other.pixels), self._outside(other))
            case _:
                self.note.say(f"{this} − {other.name}", with_colors=True)
                return difference_colors(*alike(pixels, other.pixels))

    def _draw_border(self, column: float, height: int) -> None:
        path = QPainterPath(QPointF(round(column), 0))
        path.lineTo(round(column), height)
        self._border.setPath(path)

    def _outside(self, other: Other) -> NDArray[np.bool_]:
        """Where the masks of the two agree."""
        document, request = self._document, self._session.request
        if document is not None and document.reference is not None and self._shows_reference:
            return other.mask == document.reference.mask
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
