"""Rows and columns of widgets."""

from typing import TypeAlias, TypeVar

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Part: TypeAlias = QWidget | QLayout | int | None
"""A widget, a layout, a space of that many pixels, or None for a space that takes what room is left."""
Margins: TypeAlias = int | tuple[int, int, int, int]
"""Of all four sides in pixels, or of left, top, right, and bottom."""
Box = TypeVar("Box", bound=QBoxLayout)
OF_STYLE = -1
"""The spacing of the layout around or, if there is none, the spacing and margins of Qt's style."""


def in_row(
    *parts: Part,
    of: QWidget | None = None,
    stretched: Part = None,
    spacing: int = OF_STYLE,
    margins: Margins = 0,
) -> QHBoxLayout:
    """Lay parts out from left to right.

    Parameters
    ----------
    of : QWidget, optional
        The widget to fill; without it, the row is for another layout.
    stretched : QWidget or QLayout, optional
        The part that takes what room is left.
    """
    return _fill(QHBoxLayout(), parts, of, stretched, spacing, margins)


def in_column(
    *parts: Part,
    of: QWidget | None = None,
    stretched: Part = None,
    spacing: int = OF_STYLE,
    margins: Margins = 0,
) -> QVBoxLayout:
    """Lay parts out from top to bottom, see `in_row`."""
    return _fill(QVBoxLayout(), parts, of, stretched, spacing, margins)


def _fill(
    layout: Box, parts: tuple[Part, ...], of: QWidget | None, stretched: Part, spacing: int, margins: Margins
) -> Box:
    if of is not None:
        of.setLayout(layout)
    layout.setSpacing(spacing)
    layout.setContentsMargins(*(margins if isinstance(margins, tuple) else 4 * (margins,)))
    for part in parts:
        match part:
            case QWidget():
                layout.addWidget(part, int(part is stretched))
            case QLayout():
                layout.addLayout(part, int(part is stretched))
            case None:
                layout.addStretch(1)
            case _:
                layout.addSpacing(part)
    return layout
