"""Anatomy gestures written in words, such as ``thicken:LV myocardium:3mm:outward``."""

from __future__ import annotations

import math
from dataclasses import dataclass

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.amounts import in_pixels, parse_amount
from segpaint.core.masks.anatomy import Anatomy, Values
from segpaint.core.masks.operations import GESTURES, Gesture, Unit

WORDS = {
    gesture.name.lower().replace(" ", "-"): gesture
    for gesture in GESTURES.values()
    if gesture.unit is Unit.LENGTH
}
"""The gestures that one line can ask for, by their names."""


@dataclass(frozen=True)
class WordedGesture:
    """A gesture with its label, amount, and way.

    Attributes
    ----------
    amount : float
        Millimetres or pixels; 0 if the gesture has none.
    in_millimetres : bool
        The unit of the amount.
    way : object
        A value of the gesture's ways, or None.
    """

    gesture: Gesture
    label: int
    amount: float
    in_millimetres: bool
    way: object

    def run(self, values: Values, table: LabelTable, spacing: float | None) -> Values:
        """Change a mask.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
        spacing : float or None
            Millimetres of its pixels; None if unknown.

        Raises
        ------
        SegPaintError
            If millimetres are asked for and the spacing is not known, or the label cannot be changed so.
        """
        amount = self.amount
        if self.in_millimetres and amount:
            amount = in_pixels(amount, spacing, f"{amount:g} px")
        anatomy = Anatomy(values, table, self.label)
        hindrance = self.gesture.hindrance(anatomy, self.way) if anatomy.shape.any() else ""
        if hindrance:
            raise SegPaintError(hindrance.format(label=table[self.label].name))
        return self.gesture.run(anatomy, amount, self.way)


def parse_gesture(text: str, table: LabelTable) -> WordedGesture:
    """Read ``GESTURE:LABEL:AMOUNT:WAY``; what a gesture does not need is left out.

    Parameters
    ----------
    text : str
        The label is a name or an index. The amount has a unit, mm or px.

    Raises
    ------
    SegPaintError
        If a part is unknown, missing, or too much.
    """
    name, *parts = [part.strip() for part in text.split(":")]
    gesture = WORDS.get(name.lower())
    if gesture is None:
        raise SegPaintError(f"There is no gesture {name!r}; give one of {', '.join(WORDS)}.")
    form = _form(name.lower(), gesture)
    if not parts:
        raise SegPaintError(f"{text!r} names no label; write it as {form}.")
    (label,) = table.parse([parts.pop(0)])
    amount, unit = 0.0, "px"
    if gesture.largest:
        given = parts.pop(0) if parts else ""
        amount, unit = parse_amount(given) or (0.0, "")
        if unit not in ("mm", "px") or amount < 0:
            raise SegPaintError(f"{text!r} gives no amount with its unit; write it as {form}.")
        if not math.isfinite(amount) or amount > 1000:
            raise SegPaintError(f"{text!r}: {given} is too much.")
    way = next(iter(gesture.ways.values()), None)
    if parts and gesture.ways:
        chosen = parts.pop(0).lower()
        if chosen not in gesture.ways:
            raise SegPaintError(f"{text!r}: {chosen!r} is not one of {', '.join(gesture.ways)}.")
        way = gesture.ways[chosen]
    if parts:
        raise SegPaintError(f"{text!r}: {':'.join(parts)!r} is too much; write it as {form}.")
    return WordedGesture(gesture, label, amount, unit == "mm", way)


def _form(name: str, gesture: Gesture) -> str:
    """Describe what a gesture takes."""
    way = f":{'|'.join(gesture.ways)}" if gesture.ways else ""
    return f"{name}:LABEL{':3mm' if gesture.largest else ''}{way}"
