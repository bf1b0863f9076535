"""Amounts in words, such as ``3 mm`` or ``-20 %``, and what was done by them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from segpaint.core.errors import SegPaintError

AMOUNT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*(mm|px|%)?", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """How a gesture has changed a mask.

    Attributes
    ----------
    gesture, label : str
        By name.
    amount : float or None
        How much, in `unit`; None if the gesture has no amount.
    unit : str
        As `parse_amount` reads it.
    """

    gesture: str
    label: str
    amount: float | None = None
    unit: str = ""


def parse_amount(text: str) -> tuple[float, str] | None:
    """Read an amount and its unit: "mm", "px", "%", or empty if none is given. None if it is no amount."""
    match = AMOUNT.fullmatch(text.strip())
    return None if match is None else (float(match[1].replace(",", ".")), (match[2] or "").lower())


def in_pixels(millimetres: float, spacing: float | None, instead: str) -> float:
    """Convert a length.

    Parameters
    ----------
    millimetres : float
    spacing : float or None
        Millimetres of a pixel; None if unknown.
    instead : str
        What to give in place of millimetres where these are unknown, such as ``3 px``.

    Raises
    ------
    SegPaintError
        If the spacing is not known.
    """
    if spacing is None:
        raise SegPaintError(f"How wide the image's pixels are is not known; give {instead} in place of mm.")
    return millimetres / spacing
