"""The frames of a run, one per step, with a cursor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.runs.thinning import ThinningList

BUDGET = 128 * 2**20
"""Bytes of frames per run: 4,000 steps of 128 x 128 pixels, or 1,000 of 256 x 256."""


@dataclass(frozen=True)
class Frame:
    """The pictures of a step.

    Attributes
    ----------
    run : int
        Number of the run.
    index, count, timestep : int
        See `segpaint.core.diffusion.sampler.Step`.
    denoised, noisy : ndarray of uint8, shape (height, width) or (height, width, 3)
        The estimate of the finished image, and the sample itself; read-only.
    seconds : float
        Duration of the step.
    preparation : float
        Seconds of the inversion of a reference before the step.
    """

    run: int
    index: int
    count: int
    timestep: int
    denoised: NDArray[np.uint8]
    noisy: NDArray[np.uint8]
    seconds: float
    preparation: float = 0.0

    @property
    def is_last(self) -> bool:
        """Whether `noisy` is the finished image."""
        return self.index == self.count - 1

    @property
    def nbytes(self) -> int:
        """Bytes of its pictures."""
        return self.denoised.nbytes + self.noisy.nbytes

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The finished image after the last step, else the estimate of it."""
        return self.noisy if self.is_last else self.denoised


class Trajectory:
    """The frames of a run in order, with a cursor that follows the newest until it is moved.

    Parameters
    ----------
    budget : int
        Bytes; beyond it, frames are thinned out evenly.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._kept: ThinningList[Frame] = ThinningList(budget)
        self._current: Frame | None = None
        self.taken = 0
        """Steps added, kept or not, without those shared with a parent."""
        self.seconds = 0.0
        """Seconds of these steps."""
        self.preparation = 0.0
        """Seconds of the preparation before them."""

    def extend(self, frames: tuple[Frame, ...]) -> None:
        """Add frames; a cursor at the end follows to the newest."""
        following = not self.is_looking_back
        for frame in frames:
            self._kept.add(frame)
            self.taken += 1
            self.seconds += frame.seconds
            self.preparation += frame.preparation
        if following:
            self._current = self._kept.newest
        elif self._current is not None:
            self.move_to(self._current.index)  # it may be thinned out

    def move_to(self, index: int) -> None:
        """Move to the frame of a step, or the one kept before it, within the ends."""
        self._current = self._kept.at(max(index, 0))

    def move_by(self, frames: int) -> None:
        """Move by some kept frames, back if negative."""
        kept = self.frames
        if self._current is not None:
            place = kept.index(self._current) + frames
            self._current = kept[max(0, min(place, len(kept) - 1))]

    def fit(self, budget: int) -> None:
        """Change the budget in bytes."""
        self._kept.fit(budget)
        if self._current is not None:
            self.move_to(self._current.index)

    def branch(self) -> Trajectory:
        """Copy the trajectory up to the cursor; the frames are shared."""
        branch = Trajectory(self._kept.budget)
        if self._current is not None:
            branch._kept = self._kept.until(self._current.index)
            branch._current = self._current
        return branch

    @property
    def duration(self) -> float:
        """Seconds of the run, without pauses."""
        return self.preparation + self.seconds

    @property
    def frames(self) -> list[Frame]:
        """The kept frames, oldest first."""
        return list(self._kept)

    @property
    def newest(self) -> Frame | None:
        """The last frame."""
        return self._kept.newest

    @property
    def cursor(self) -> int:
        """Index of the step at the cursor; -1 if there is none."""
        return self._current.index if self._current is not None else -1

    @property
    def is_looking_back(self) -> bool:
        """Whether there are newer frames than that at the cursor."""
        return self._current is not self._kept.newest

    @property
    def current(self) -> Frame | None:
        """The frame at the cursor."""
        return self._current

    @property
    def result(self) -> Frame | None:
        """The last frame of a finished run; None before that."""
        newest = self._kept.newest
        return newest if newest is not None and newest.is_last else None
