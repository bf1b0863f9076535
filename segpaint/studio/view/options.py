"""What is set about the tools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

LARGEST_BRUSH = 200


@dataclass(frozen=True)
class ToolSettings:
    """What is set about the tools.

    Attributes
    ----------
    size : int
        Diameter of the brush in mask pixels, 1 to `LARGEST_BRUSH`.
    square : bool
        Whether the brush is square rather than round.
    pressure : bool
        Whether the pressure of a pen scales the brush.
    contiguous : bool
        Whether fill and wand stay within what is joined to the pixel clicked on.
    with_enclosed : bool
        Whether what a label encloses is moved along with it.
    lowest, highest : int
        Intensities of the reference that the threshold brush paints on, 0 to 255.
    takes_range : bool
        Whether a press takes that range from around the pixel under it.
    tolerance : int
        How far from the intensity clicked on a range reaches, 0 to 255.
    """

    size: int = 9
    square: bool = False
    pressure: bool = False
    contiguous: bool = True
    lowest: int = 0
    highest: int = 255
    with_enclosed: bool = True
    takes_range: bool = True
    tolerance: int = 16


class ToolOptions(QObject):
    """The settings in force."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.settings = ToolSettings()

    def change(self, **changes: Any) -> None:
        """Set some of them, by name; a size beyond what there is is cut off."""
        settings = replace(self.settings, **changes)
        settings = replace(settings, size=min(max(settings.size, 1), LARGEST_BRUSH))
        if settings != self.settings:
            self.settings = settings
            self.changed.emit()

    def set_size(self, size: int) -> None:
        """Set the diameter of the brush."""
        self.change(size=size)

    def resize_by(self, turns: int) -> None:
        """Make the brush larger or smaller by so many steps; a large one faster."""
        size = self.settings.size
        self.set_size(size + turns * max(1, size // 10))
