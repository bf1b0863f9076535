"""The settings of the tools, as they are used and saved."""

from __future__ import annotations

from dataclasses import dataclass, replace

LARGEST_BRUSH = 200


@dataclass(frozen=True)
class ToolSettings:
    """The settings of the tools.

    Attributes
    ----------
    size : int
        Diameter of the brush in pixels of the mask, or of the screen; 1 to `LARGEST_BRUSH`.
    on_screen : bool
        Whether the size is in pixels of the screen, so that the brush paints finer where one zooms in.
    square : bool
        Whether the brush is square rather than round.
    pressure : bool
        Whether the pressure of a pen scales the brush.
    fills_loops : bool
        Whether a stroke that closes a loop paints what it encloses, too.
    sphere : bool
        Whether the brush is a ball, which paints on the slices beside the one shown, too.
    contiguous : bool
        Whether fill and wand stay within the region connected to the clicked pixel.
    with_enclosed : bool
        Whether everything that a label encloses moves along with it.
    lowest, highest : int
        Intensities of the reference that the threshold brush paints on, 0 to 255.
    takes_range : bool
        Whether a press sets that range from around the pixel under it.
    tolerance : int
        How far a range extends from the clicked intensity, 0 to 255.
    """

    size: int = 9
    on_screen: bool = False
    square: bool = False
    pressure: bool = False
    fills_loops: bool = False
    sphere: bool = False
    contiguous: bool = True
    lowest: int = 0
    highest: int = 255
    with_enclosed: bool = True
    takes_range: bool = True
    tolerance: int = 16

    def diameter(self, zoom: float) -> int:
        """Compute the diameter of the brush in mask pixels, 1 to `LARGEST_BRUSH`.

        Parameters
        ----------
        zoom : float
            Screen pixels per mask pixel.
        """
        return _bounded(self.size / zoom) if self.on_screen else self.size

    def switched(self, zoom: float) -> ToolSettings:
        """Return the settings with the size in the other unit, for the same brush at this zoom."""
        size = self.size / zoom if self.on_screen else self.size * zoom
        return replace(self, on_screen=not self.on_screen, size=_bounded(size))


def _bounded(size: float) -> int:
    return min(max(round(size), 1), LARGEST_BRUSH)
