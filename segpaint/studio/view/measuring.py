"""What is being measured: by the ruler that lies over mask and image, and in the table of sizes."""

from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

Point: TypeAlias = tuple[float, float]
"""Row and column in pixels."""


class Measuring(QObject):
    """Knows what is being measured, so that it is saved with an image.

    Attributes
    ----------
    ends : tuple of two tuples of float, or None
        Of the ruler, while it lies there.
    shows_sizes : bool
        Whether the sizes of labels are shown.
    """

    changed = Signal()
    """The ruler was laid down, moved, or taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: tuple[Point, Point] | None = None
        self.shows_sizes = False

    def lay_ruler(self, ends: tuple[Point, Point] | None) -> None:
        """Lay the ruler between two points; None takes it away."""
        self.ends = ends
        self.changed.emit()

    def words(self, spacing: float | None) -> str:
        """Write the length of the ruler; empty where it does not lie.

        Parameters
        ----------
        spacing : float or None
            Millimetres per pixel; None if they are unknown.
        """
        from segpaint.core.masks.measures import distance_text

        return "" if self.ends is None else distance_text(*self.ends, spacing)

    def ruler(self, spacing: float | None) -> dict[str, object]:
        """Return the ends and the length of the ruler for a file; nothing where it does not lie.

        Parameters
        ----------
        spacing : float or None
            Millimetres per pixel; None if they are unknown.
        """
        if self.ends is None:
            return {}
        from segpaint.core.masks.measures import distance

        ends = [[round(part, 2) for part in end] for end in self.ends]
        unit = "px" if spacing is None else "mm"
        return {
            "ruler": {"ends": ends, "length": round(distance(*self.ends) * (spacing or 1.0), 2), "unit": unit}
        }
