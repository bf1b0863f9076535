"""What a figure for a page or a slide consists of."""

import math
from dataclasses import dataclass

from segpaint.core.pictures.film import Panel
from segpaint.core.requests.kinds import NOTES, About

PATIENT = "PATIENT IMAGE"
"""Is written on a patient's image of which no pixel was changed."""


@dataclass(frozen=True, eq=False)
class Figure:
    """Panels in rows, with captions below, and what explains them.

    Attributes
    ----------
    panels : tuple of Panel
        From left to right, all of one shape; a panel's name is its caption.
    columns : int
        Panels in a row, at most.
    key : tuple of tuple
        Names and colours of labels.
    spacing : float or None
        Millimetres per pixel, for a scale bar; None draws none.
    marks : bool
        Whether to write on images what they are.
    """

    panels: tuple[Panel, ...]
    columns: int = 4
    key: tuple[tuple[str, str], ...] = ()
    spacing: float | None = None
    marks: bool = True


def mark_of(about: About | None) -> str:
    """Return what is written on an image; empty for a mask, or a difference."""
    if about is None:
        return ""
    return PATIENT if about.is_unchanged else NOTES[about.kind]


def panels_in_words(figure: Figure) -> str:
    """Name what each image of a figure is, and how many of its pixels are a patient's, by its caption."""
    unknown = "not known"
    return ". ".join(
        f"Panel {number} ({panel.name}): {panel.about.word}; patient pixels: {panel.about.counted or unknown}"
        for number, panel in enumerate(figure.panels, start=1)
        if panel.about is not None
    )


def bar_length(width: float) -> float:
    """Choose the length of a scale bar: the longest of 1, 2, or 5 times a power of ten in a third of a width.

    Parameters
    ----------
    width : float
        Of the picture, in millimetres, above 0.
    """
    power = 10.0 ** math.floor(math.log10(width / 3))
    return max(times * power for times in (1, 2, 5) if times * power <= width / 3)
