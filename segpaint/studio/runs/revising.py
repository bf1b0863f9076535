"""What is painted on a made image changes it there, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.origins import Revision, way_of
from segpaint.core.requests.request import Precision, Request
from segpaint.core.requests.sampling import FEW_STEPS
from segpaint.core.runs.branches import Branch, Branches
from segpaint.studio.document.open_document import OpenDocument

SAME = ("fingerprint", "sampler", "seed", "guidance", "attributes")
"""What a request must ask for as a made image's did, to be a revision of it."""


@dataclass(frozen=True, eq=False)
class _Made:
    """A made image.

    Attributes
    ----------
    request : Request
        What the document has to ask for, but for the mask, to revise the image.
    makes_it : bool
        Whether the request makes the image, whose mask was not found in it afterwards.
    lineage : int
        That of the mask, see `Strokes.lineage`.
    """

    request: Request
    makes_it: bool
    pixels: NDArray[np.uint8]
    lineage: int

    def revised(self, asked: Request, *, quick: bool = False) -> Request:
        """Make a request for the same image with another mask; see `Revision.quick`."""
        stage = self.request.final
        origin = Revision(image=self.pixels, mask=stage.mask, used=stage.used, quick=quick, close=True)
        return asked.model_copy(update={"origin": origin})


class Revising(QObject):
    """Turns the document's requests into revisions of the made image that was finished last.

    An image is made from noise if another seed or other settings are asked for, or if the whole mask was
    replaced, as by opening one. Lives on the window's thread.
    """

    changed = Signal()
    """It was turned on or off."""

    def __init__(self, opened: OpenDocument, branches: Branches) -> None:
        super().__init__()
        self._opened, self._branches = opened, branches
        self.lets_everything_change = False
        """Whether every image is made from noise."""
        self._made: _Made | None = None
        self._draft: _Made | None = None  # revised by other drafts, while no image is finished
        self._lineage = 0

    @Slot(bool)
    def let_everything_change(self, on: bool) -> None:
        """Make every image from noise, or revise the one before."""
        self.lets_everything_change = on
        self.changed.emit()

    def request(self, precision: Precision) -> Request:
        """Make the document's request, as a revision if it can be; without a change, it is the earlier one.

        The precision may be another by now, and affects the last digit alone.
        """
        asked, made = self._opened.document.request(precision), self._made
        if made is None or asked.steps != made.request.steps or not self._is_like(made, asked):
            return asked
        is_same = made.makes_it and made.request.final.asks_like(asked.final)
        if not is_same:
            return made.revised(asked)
        is_as_made = made.request.precision == precision
        return made.request if is_as_made else made.request.model_copy(update={"precision": precision})

    def draft(self, precision: Precision, most: int) -> Request:
        """Make the document's request with so many steps at most, as a revision if it can be."""
        asked = self._opened.document.request(precision, most)
        # What takes few steps stands for every sampler.
        names = [name for name in SAME if name != "sampler" or asked.sampler != FEW_STEPS.name]
        for made in (self._made, self._draft):
            if made is not None and self._is_like(made, asked, names):
                return made.revised(asked, quick=True)
        return asked

    def _is_like(self, made: _Made, asked: Request, names: Sequence[str] = SAME) -> bool:
        """Check whether a request differs from that of an image by what was painted alone."""
        document = self._opened.document
        if self.lets_everything_change or asked.origin is not None:
            return False
        if document.strokes.lineage != made.lineage or document.checkpoint.description.ignores_mask:
            return False
        alike = all(getattr(asked, name) == getattr(made.request, name) for name in names)
        return alike and asked.used == made.request.final.used

    @Slot()
    def look(self) -> None:
        """Take note of a branch that was begun, chosen, or shown."""
        branch = self._branches.current
        if branch is None:
            self._made = self._draft = None
        elif not branch.is_draft:
            self._lineage = self._opened.document.strokes.lineage
            self.take(branch)

    @Slot(object)
    def take(self, branch: Branch) -> None:
        """Take the image of a branch to revise, if it is finished; none if it begins with a reference."""
        result, request = branch.trajectory.result, branch.request
        if result is None:
            return
        if way_of(request.origin) is not None:
            self._made = self._draft = None
            return
        document = self._opened.document
        if branch.found is not None:
            asked = document.draft(request.precision)
            signed = {"fingerprint": request.fingerprint, "few_steps": request.few_steps}
            request = asked.model_copy(update={**signed, "mask": branch.found})
        makes_it = branch.found is None
        if not branch.is_draft:
            self._made = _Made(request, makes_it, result.noisy, self._lineage)
        elif request.origin is None:  # a revised draft does not count: drafts would drift with each stroke
            self._draft = _Made(request, makes_it, result.noisy, document.strokes.lineage)
