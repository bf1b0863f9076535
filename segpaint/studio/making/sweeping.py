"""What a sweep can begin with: the open reference, and the made image that is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.masks.doses import DosedGesture
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.kinds import Kind, kind_of
from segpaint.core.requests.origins import WARPS, Counterfactual
from segpaint.core.requests.request import Precision, Request
from segpaint.paired.sweep import Spread, Sweep, sweep_made, sweep_reference
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.settings import Settings
from segpaint.studio.runs.runs import Runs


@dataclass(frozen=True, eq=False)
class Before:
    """An image that a sweep can begin with.

    Attributes
    ----------
    words : str
        Names it for the user.
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
    mask : ndarray of uint8, shape (height, width)
        What describes it.
    """

    words: str
    checkpoint: Checkpoint
    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]

    @property
    def is_patient(self) -> bool:
        """Whether it is a patient's image."""
        return False

    @property
    def spacing(self) -> float | None:
        """Millimetres of its pixels; None if unknown."""
        return self.checkpoint.description.pixel_spacing

    def sweep(self, precision: Precision, gesture: DosedGesture, spread: Spread) -> Sweep:
        """Make the sweep of it; may take a while.

        Raises
        ------
        SegPaintError
            If it cannot be swept so.
        """
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class ReferenceBefore(Before):
    """The open reference, with the settings of its edits."""

    reference: Reference
    used: tuple[int, ...]
    settings: Settings
    width: float | None

    @property
    def is_patient(self) -> bool:
        """Whether it is to be treated as a patient's image."""
        return not self.reference.made_by

    @property
    def spacing(self) -> float | None:
        """Millimetres of its pixels; None if unknown."""
        return self.width

    def sweep(self, precision: Precision, gesture: DosedGesture, spread: Spread) -> Sweep:
        """Make the sweep of the reference."""
        reference, settings = self.reference, self.settings
        origin = Counterfactual(
            image=reference.image, mask=reference.mask, used=reference.used, margin=settings.margin,
            way=settings.way, made_by=reference.made_by,
        )  # fmt: skip
        inverts = settings.way not in WARPS
        request = Request.ask(
            self.checkpoint, reference.mask, precision, self.used, origin, seed=settings.seed,
            guidance=settings.guidance, attributes=settings.attributes,
            sampler="ddim" if inverts else settings.sampler,
            steps=settings.edit_steps if inverts else settings.steps,
        )  # fmt: skip
        return sweep_reference(self.checkpoint, request, gesture, spread)


@dataclass(frozen=True, eq=False)
class MadeBefore(Before):
    """The made image that is shown."""

    request: Request
    found: NDArray[np.uint8] | None

    def sweep(self, precision: Precision, gesture: DosedGesture, spread: Spread) -> Sweep:
        """Make the sweep of the image, with the precision in which it was made."""
        del precision
        return sweep_made(self.checkpoint, self.request, self.image, gesture, spread, self.found)


def befores(document: Document, runs: Runs) -> list[Before]:
    """List what a sweep can begin with, the reference first."""
    found: list[Before] = []
    reference, checkpoint, branch = document.reference, document.checkpoint, runs.branches.current
    if reference is not None:
        words = f"The reference, {reference.name}"
        found.append(
            ReferenceBefore(
                words,
                checkpoint,
                reference.image,
                reference.mask,
                reference,
                document.used,
                document.settings,
                document.pixel_spacing,
            )
        )
    result = branch.trajectory.result if branch is not None else None
    if branch is not None and result is not None and kind_of(branch.request) is Kind.MADE:
        mask = branch.request.final.mask if branch.found is None else branch.found
        words = f"The image shown, seed {branch.request.seed}"
        found.append(MadeBefore(words, checkpoint, result.noisy, mask, branch.request, branch.found))
    return found
