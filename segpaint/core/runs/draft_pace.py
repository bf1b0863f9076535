"""Chooses the denoising steps of a draft for the speed of the machine."""

from collections import deque
from statistics import median

AIM = 0.5
"""Seconds for a draft: about the time to lift the hand and set it down again."""
AIM_LONG = 0.1
"""Seconds for a draft in long steps, of which two are enough: too short to be felt as a wait."""
FEWEST = 4
"""Fewest steps of a draft, unless they are long ones; with less, the image does not resemble the final one."""
FEWEST_LONG = 2
"""Fewest long steps of a draft, see `segpaint.core.requests.sampling.FEW_STEPS`; one alone is blurred."""
AT_FIRST = 8
"""Steps before the first measurement."""
SLACK = 1.25
"""The factor by which the steps may be off, since another number gives a slightly different image."""
WORTH_SHOWING = 500
"""The timestep below which a draft is shown: its estimates are within 30 dB of its last image."""


class DraftPace:
    """Measures how long steps take, and finds how many fit in about half a second."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=5)
        self._steps = self._chosen = AT_FIRST

    def took(self, seconds: float) -> None:
        """Record how long a step took, on average over a run or a part of it."""
        self._seconds.append(seconds)
        affordable = AIM / max(self.seconds, 1e-6)
        if not self._steps / SLACK < affordable < self._steps * SLACK:
            self._steps = max(1, round(affordable))

    @property
    def seconds(self) -> float:
        """Seconds of a step; 0 if unknown."""
        return median(self._seconds) if self._seconds else 0.0

    def steps(self, most: int) -> int:
        """Choose the steps of a draft, at most `most` and otherwise at least `FEWEST`."""
        self._chosen = min(max(self._steps, FEWEST), most)
        return self._chosen

    def long_steps(self, most: int) -> int:
        """Choose the steps of a draft in long steps, at most `most`: more than the fewest if hardly felt."""
        is_quick = 0 < 2 * FEWEST_LONG * self.seconds <= AIM_LONG
        self._chosen = min(2 * FEWEST_LONG if is_quick else FEWEST_LONG, most)
        return self._chosen

    @property
    def keeps_up(self) -> bool:
        """Whether drafts are quick enough to be made during a stroke."""
        return self._chosen * self.seconds < 2 * AIM
