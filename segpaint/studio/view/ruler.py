"""The ruler that lies over mask and image."""

from typing import TypeAlias

from segpaint.core.masks.measures import distance

Point: TypeAlias = tuple[float, float]
"""Row and column in pixels."""


class Ruler:
    """Holds the two ends of the ruler while it lies there."""

    def __init__(self) -> None:
        self.ends: tuple[Point, Point] | None = None

    def measured(self, spacing: float | None) -> dict[str, object]:
        """Return its ends and length for a file; nothing where it does not lie.

        Parameters
        ----------
        spacing : float or None
            Millimetres per pixel; None if they are unknown.
        """
        if self.ends is None:
            return {}
        ends = [[round(part, 2) for part in end] for end in self.ends]
        unit = "px" if spacing is None else "mm"
        return {
            "ruler": {"ends": ends, "length": round(distance(*self.ends) * (spacing or 1.0), 2), "unit": unit}
        }
