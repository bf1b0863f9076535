"""The frames that were chosen for each series, and the widths of pictures without a size."""

from contextlib import suppress
from itertools import islice

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.studio.base.preferences import Preferences

FRAMES, WIDTHS = "scans/frames", "scans/widths"
MOST = 200
"""Entries that are remembered of each."""


class FrameMemory:
    """Remembers frames by the key of a series, its plane, and the side of the model's images."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def recall(self, key: str, plane: Plane, side: int) -> Frame | None:
        """Find the frame that was chosen last."""
        kept = self._preferences.chosen.scans.frames.get(_name(key, plane, side))
        if kept is None:
            return None
        row, column, tall, wide = kept
        with suppress(SegPaintError):  # somebody has changed the file
            return Frame((row, column), side, (tall, wide))
        return None

    def keep(self, key: str, plane: Plane, frame: Frame) -> None:
        """Remember a frame."""
        name, others = _name(key, plane, frame.side), self._preferences.fresh.scans.frames
        newest = {name: (*frame.centre, *frame.step), **{k: v for k, v in others.items() if k != name}}
        self._preferences.set(FRAMES, {k: list(v) for k, v in islice(newest.items(), MOST)})

    def width(self, key: str) -> float | None:
        """Find how many millimetres wide the pictures of a series are, if the user gave it."""
        return self._preferences.chosen.scans.widths.get(key)

    def keep_width(self, key: str, millimetres: float) -> None:
        """Remember the width that the user gave."""
        others = self._preferences.fresh.scans.widths
        newest = {key: millimetres, **{k: v for k, v in others.items() if k != key}}
        self._preferences.set(WIDTHS, dict(islice(newest.items(), MOST)))


def _name(key: str, plane: Plane, side: int) -> str:
    return f"{key} {plane.value} {side}"
