"""How many denoising steps a draft may take on this machine."""

from __future__ import annotations

from collections import deque
from statistics import median

AIM = 0.5
"""Seconds that a draft should take: about as long as a hand needs to lift and set down again."""
FEWEST = 4
"""With fewer steps the image no longer resembles what all of them make, however slow the machine."""
AT_FIRST = 8
"""Steps while nothing has been measured yet."""
SLACK = 1.25
"""The number changes only when it is off by more, for each number of steps gives a slightly other image."""
WORTH_SHOWING = 500
"""The timestep below which a draft is more than noise: its estimates are within 30 dB of its last image."""


class DraftPace:
    """Learns how long steps take, and says how many make about half a second."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=5)
        self._steps = AT_FIRST

    def took(self, seconds: float) -> None:
        """Learn how long a step took, on average over a run or a part of one."""
        self._seconds.append(seconds)
        affordable = AIM / max(self.seconds, 1e-6)
        if not self._steps / SLACK < affordable < self._steps * SLACK:
            self._steps = max(FEWEST, round(affordable))

    @property
    def seconds(self) -> float:
        """That a step takes; 0 as long as nothing is known."""
        return median(self._seconds) if self._seconds else 0.0

    def steps(self, most: int) -> int:
        """So many steps make a draft, of a run that would take `most`."""
        return min(self._steps, most)

    @property
    def keeps_up(self) -> bool:
        """Whether drafts are quick enough to be made while a stroke is still being painted."""
        return self._steps * self.seconds < 2 * AIM
