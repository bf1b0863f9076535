"""What is kept of a run to look at: a frame per step, and a cursor."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Frame:
    """What a step looks like.

    Attributes
    ----------
    run : int
        Which run it belongs to.
    index, count, timestep : int
        See `segpaint.core.sampler.Step`.
    denoised, noisy : ndarray of uint8, shape (height, width) or (height, width, 3)
        The estimate of the finished image, and the sample itself; read-only.
    seconds : float
        That the step took.
    """

    run: int
    index: int
    count: int
    timestep: int
    denoised: NDArray[np.uint8]
    noisy: NDArray[np.uint8]
    seconds: float

    @property
    def is_last(self) -> bool:
        """Whether `noisy` is the finished image."""
        return self.index == self.count - 1


@dataclass
class Trajectory:
    """The frames of a run, in order, with a cursor that follows the newest until it is moved.

    Attributes
    ----------
    frames : list of Frame
    cursor : int
        Position of the frame looked at; -1 where there is none.
    """

    frames: list[Frame] = field(default_factory=list)
    cursor: int = -1

    def extend(self, frames: tuple[Frame, ...]) -> None:
        """Add new frames; a cursor on the newest moves on to the newest."""
        following = not self.is_looking_back
        self.frames.extend(frames)
        if following:
            self.cursor = len(self.frames) - 1

    def move_to(self, position: int) -> None:
        """Look at another frame; positions beyond the ends mean the ends."""
        self.cursor = max(min(position, len(self.frames) - 1), min(0, len(self.frames) - 1))

    @property
    def is_looking_back(self) -> bool:
        """Whether there are newer frames than the one looked at."""
        return self.cursor < len(self.frames) - 1

    @property
    def current(self) -> Frame | None:
        """The frame looked at."""
        return self.frames[self.cursor] if self.frames else None

    @property
    def result(self) -> Frame | None:
        """The last frame of a run that went to its end."""
        return self.frames[-1] if self.frames and self.frames[-1].is_last else None
