"""The width of a picture from a length that is known in it, such as the ruler of an ultrasound."""

from __future__ import annotations

from math import hypot

from segpaint.core.errors import SegPaintError

LEAST_WIDTH, MOST_WIDTH = 1, 3000
"""Millimetres that the picture of a patient may be wide."""
End = tuple[float, float]
"""Row and column on a slice; (0, 0) is the middle of the first pixel."""


def width_by_scale(
    ends: tuple[End, End], millimetres: float, spacing: tuple[float, float], columns: int
) -> float:
    """Compute how many millimetres wide a picture is.

    Parameters
    ----------
    ends : tuple
        Of the length that is known.
    millimetres : float
        Between the ends.
    spacing : tuple of float
        Between rows and between columns, in any unit; the two differ where pixels are not square.
    columns : int
        Of the picture.

    Raises
    ------
    SegPaintError
        If both ends lie on the same pixel, or no patient is as wide or as narrow.
    """
    (top, left), (bottom, right) = ends
    if (round(top), round(left)) == (round(bottom), round(right)):
        raise SegPaintError("Both ends lie on the same pixel; drag one of them away.")
    length = hypot((bottom - top) * spacing[0], (right - left) * spacing[1])
    width = millimetres * columns * spacing[1] / length
    if not LEAST_WIDTH <= width <= MOST_WIDTH:
        shown = f"{width:,.0f}" if width > 1 else f"{width:.2g}"
        raise SegPaintError(f"The picture would be {shown} mm wide, unlike any patient; check ends and length.")
    return width
