"""Describes in a sentence what a gesture changes in its label, or why it changes nothing."""

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.areas import with_inside
from segpaint.core.labels.counting import count_values
from segpaint.studio.document.document import Document
from segpaint.studio.document.locks import locked_sentence


def describe_change(
    document: Document, before: NDArray[np.uint8], spacing: float | None, hindrance: str, *, is_whole: bool
) -> str:
    """Describe the change of the label that is painted.

    Parameters
    ----------
    before : ndarray of uint8, shape (height, width)
        The mask before the gesture.
    spacing : float or None
        Millimetres of a pixel, for areas; None for areas in pixels.
    hindrance : str
        Why the gesture could do nothing, with ``{label}`` in it; may be empty.
    is_whole : bool
        Whether it takes an island of a label that has none.
    """
    values, label = document.mask.values, document.paint_value
    name = document.name_of(label)
    if label not in document.table:
        return f"Choose a label in the list: {name} has no shape of its own."
    if label in document.locked:
        return locked_sentence(document, [label])
    first, then = (int(with_inside(count_values(one), document.table)[label]) for one in (before, values))
    if not first:
        return f"{name} has no pixels yet; paint it first."
    if is_whole:
        return f"{name} is in one piece, so there is no island to take."
    if np.array_equal(before, values):
        if hindrance:
            return hindrance.format(label=name)
        locked = ", ".join(document.name_of(other) for other in document.locked)
        return f"Nothing changes; locked: {locked}." if locked else "Nothing changes."
    area = f"{first:,} → {then:,} px"
    if spacing is not None:
        area = f"{first * spacing**2:,.0f} → {then * spacing**2:,.0f} mm²"
    return f"{name}: {area}, {100 * (then - first) / first:+.0f} %"
