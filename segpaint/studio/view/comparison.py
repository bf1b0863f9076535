"""The comparison of the image looked at with another one."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.pictures.compare import mask_over
from segpaint.core.requests.origins import Revision, digest_of
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs
from segpaint.studio.view.overlay import Overlay
from segpaint.studio.view.patients import mixes, patient_of
from segpaint.studio.view.windowing import Windowing

KEPT = 8
"""Finished images whose requests are kept, since one of them may be revised next."""
PATIENCE = 40
"""Milliseconds during which changes of the mask or its display are gathered before it is drawn again."""


class Mode(Enum):
    """How two images are shown; the values are keys of commands."""

    OFF = "compare_off"
    SIDE = "side_by_side"
    SWIPE = "swipe"
    BLINK = "blink"
    DIFFERENCE = "difference"
    OUTSIDE = "difference_outside"

    @property
    def is_difference(self) -> bool:
        """Whether it is made of the original intensities, not of the displayed ones."""
        return self in (Mode.DIFFERENCE, Mode.OUTSIDE)

    @property
    def composes(self) -> bool:
        """Whether it combines two images into one."""
        return self not in (Mode.OFF, Mode.SIDE)


class Against(Enum):
    """The other image; the values are keys of commands."""

    AUTOMATIC = "compare_auto"
    """The first that exists: the pinned image, the parent branch, the reference, for a reference its mask."""
    PINNED = "compare_pinned"
    PARENT = "compare_parent"
    REFERENCE = "compare_reference"
    MASK = "compare_mask"


@dataclass(frozen=True)
class Other:
    """The other image of a comparison.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    mask : ndarray of uint8, shape (height, width)
        The one it was made from, or that describes it.
    is_mask : bool
        Whether the pixels are the mask itself in the colours of its labels, not intensities.
    patient : str or None
        Digest of the real image that it was made from, or that it is. Two patients are never compared.
    request : Request or None
        What it was made by; None for a real image, a mask, or if that is not known.
    is_finished : bool
        Whether the request makes these pixels; else they are a step of its run.
    """

    name: str
    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    is_mask: bool = False
    patient: str | None = None
    request: Request | None = None
    is_finished: bool = True


class Comparison(QObject):
    """Compares the image looked at with a pinned image, the parent branch, the reference, or the mask."""

    changed = Signal()
    """The mode or the other image has changed."""
    pinned_changed = Signal(bool)
    """Whether an image is pinned."""

    def __init__(self, opened: OpenDocument, runs: Runs, overlay: Overlay, windowing: Windowing) -> None:
        super().__init__()
        self._opened, self._runs = opened, runs
        self._overlay, self._windowing = overlay, windowing
        self._pinned: Other | None = None
        self._painted: Other | None = None  # the mask, kept until it changes
        self._made: deque[tuple[Request, NDArray[np.uint8]]] = deque(maxlen=KEPT)
        self.mode = Mode.OFF
        self.against = Against.AUTOMATIC
        self._soon = QTimer(self, interval=PATIENCE, singleShot=True)
        self._soon.timeout.connect(self.changed)
        opened.switched.connect(self._on_document)
        runs.run_finished.connect(self._on_finished)
        for change in (
            opened.mask_changed, opened.labels_changed, opened.reference_changed,
            overlay.changed, windowing.changed,
        ):  # fmt: skip
            change.connect(self._on_look)

    # ---- the images

    @property
    def other(self) -> Other | None:
        """The other image, if there is any of the same patient."""
        found = self._found
        return None if found is not None and mixes(found.patient, self._patient) else found

    @property
    def before(self) -> Other | None:
        """The image before the one looked at: the other one, or for a revision what it has changed; no mask."""
        if self._runs.looked_at is None:
            return None
        other = self.other
        if self.against is Against.AUTOMATIC and self._pinned is None and self._parent() is None:
            other = self._revised() or other
        return None if other is None or other.is_mask else other

    @property
    def mixes_patients(self) -> bool:
        """Whether the other image is of another patient than the one looked at."""
        found = self._found
        return found is not None and mixes(found.patient, self._patient)

    @property
    def _patient(self) -> str | None:
        """Whose image is looked at, if it is not made from a mask alone."""
        reference = self._opened.document.reference
        if self.shows_reference and reference is not None:
            return digest_of(reference.image)
        return patient_of(self._request)

    @property
    def _request(self) -> Request | None:
        """What the image looked at was made by."""
        return self._runs.looked_at[0] if self._runs.looked_at is not None else None

    @property
    def _found(self) -> Other | None:
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
        return self._mask() if found is None and self.shows_reference else found

    @property
    def is_pinned(self) -> bool:
        """Whether an image is pinned."""
        return self._pinned is not None

    @property
    def shows_reference(self) -> bool:
        """Whether the reference is looked at, because nothing was generated."""
        return self._opened.document.reference is not None and self._runs.looked_at is None

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Where the masks of the two agree; shape (height, width). There must be another image."""
        other, reference, request = self.other, self._opened.document.reference, self._request
        if other is None:
            raise ValueError("there is nothing to compare with")
        own = request.final.mask if request is not None else other.mask
        if reference is not None and self.shows_reference:
            own = reference.mask
        agree: NDArray[np.bool_] = other.mask == own
        return agree

    def _parent(self) -> Other | None:
        branch = self._runs.branches.current
        parent = branch.parent if branch is not None else None
        frame = (parent.trajectory.result or parent.trajectory.newest) if parent is not None else None
        if parent is None or frame is None:
            return None
        mask, patient = parent.request.final.mask, patient_of(parent.request)
        return Other(
            f"branch {parent.name}", frame.picture, mask, patient=patient, request=parent.request,
            is_finished=frame.is_last,
        )  # fmt: skip

    def _revised(self) -> Other | None:
        """Return the image that was changed where its mask was."""
        origin = self._request.origin if self._request is not None else None
        if not isinstance(origin, Revision):
            return None
        made = (request for request, pixels in self._made if np.array_equal(pixels, origin.image))
        return Other("image before", origin.image, origin.mask, request=next(made, None))

    def _reference(self) -> Other | None:
        reference = self._opened.document.reference
        if reference is None or self.shows_reference:
            return None
        return Other("reference", reference.image, reference.mask, patient=digest_of(reference.image))

    def _mask(self) -> Other:
        if self._painted is None:
            document = self._opened.document
            mask, reference = document.mask.snapshot(), document.reference
            ground = self._windowing.window.applied(reference.image) if reference is not None else None
            pixels = mask_over(mask, self._overlay.colors(document), ground)
            patient = digest_of(reference.image) if reference is not None else None
            self._painted = Other("mask", pixels, mask, is_mask=True, patient=patient)
        return self._painted

    @Slot(object)
    def _on_finished(self, branch: Branch) -> None:
        """Keep what an image was made by, for the one that may revise it."""
        result = branch.trajectory.result
        if result is not None:
            self._made.append((branch.request, result.noisy))

    @Slot()
    def _on_document(self) -> None:
        self._painted = None
        self.unpin()

    @Slot()
    def _on_look(self) -> None:
        """Follow a change of the mask, or of how it or intensities are shown."""
        self._painted = None
        if self.mode is not Mode.OFF and not self._soon.isActive():
            self._soon.start()

    # ---- what is chosen

    def set_mode(self, mode: Mode) -> None:
        """Change how images are compared, or end the comparison."""
        self.mode = mode
        self.changed.emit()

    def compare_with(self, against: Against) -> None:
        """Change what the image is compared with."""
        self.against = against
        self.changed.emit()

    def pin(self, other: Other | None = None) -> bool:
        """Compare later images with this one, or the one looked at; False if there is none."""
        if other is None and self._runs.looked_at is not None:
            request, frame = self._runs.looked_at
            other = Other(
                "pinned", frame.picture, request.final.mask, patient=patient_of(request), request=request,
                is_finished=frame.is_last,
            )  # fmt: skip
        if other is not None:
            self._set_pinned(other)
        return other is not None

    @Slot()
    def unpin(self) -> None:
        """Remove the pinned image."""
        self._set_pinned(None)

    def _set_pinned(self, pinned: Other | None) -> None:
        self._pinned = pinned
        self.pinned_changed.emit(pinned is not None)
        self.changed.emit()
