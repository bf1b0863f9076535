"""The settings of the tools."""

from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from segpaint.studio.base.tool_settings import LARGEST_BRUSH, ToolSettings
from segpaint.studio.view.viewpoint import Viewpoint


class Pending(Protocol):
    """An unfinished action of a tool."""

    def take_back(self) -> bool:
        """Undo the last part of the unfinished action; False if there is none."""


class ToolOptions(QObject):
    """The tool in use, and the settings of all tools.

    Parameters
    ----------
    viewpoint : Viewpoint
        Of the canvas, whose zoom a brush goes by that has its size on the screen.

    Attributes
    ----------
    tool : str
        The key of the tool in use.
    pending : Pending or None
        The tool itself, once there is a canvas.
    """

    changed = Signal()
    taken = Signal(str)
    """A tool was chosen, perhaps the one already in use."""

    def __init__(self, viewpoint: Viewpoint) -> None:
        super().__init__()
        self._viewpoint = viewpoint
        self._zoom: float | None = None
        self.settings = ToolSettings()
        self.tool = ""
        self.pending: Pending | None = None

    def take(self, tool: str) -> None:
        """Use this tool from now on, by its key."""
        self.tool = tool
        self.taken.emit(tool)
        self.changed.emit()

    def take_back(self) -> bool:
        """Remove the last point set by the tool in use; False if there is none."""
        return self.pending is not None and self.pending.take_back()

    def change(self, **changes: Any) -> None:
        """Change settings by name; the size is limited to the valid range."""
        settings = replace(self.settings, **changes)
        settings = replace(settings, size=min(max(settings.size, 1), LARGEST_BRUSH))
        if settings != self.settings:
            self.settings = settings
            self.changed.emit()

    @property
    def diameter(self) -> int:
        """The diameter of the brush in mask pixels, at the zoom of now."""
        return self.settings.diameter(self._seen_at)

    @property
    def _seen_at(self) -> float:
        return self._viewpoint.zoom if self._zoom is None else self._zoom

    def see_at(self, zoom: float | None) -> None:
        """Note at which zoom the mask lies under the pointer; None for that of the canvas."""
        if zoom != self._zoom:
            self._zoom = zoom
            if self.settings.on_screen:
                self.changed.emit()

    def set_on_screen(self, on: bool) -> None:
        """Give the size in pixels of the screen or of the mask; the brush stays as it is at this zoom."""
        if on is not self.settings.on_screen:
            self.settings = self.settings.switched(self._seen_at)
            self.changed.emit()

    def set_size(self, size: int) -> None:
        """Set the diameter of the brush, in the unit that is set."""
        self.change(size=size)

    def resize_by(self, turns: int) -> None:
        """Resize the brush by steps, which are wider for a large brush; negative ones make it smaller."""
        size = self.settings.size
        self.set_size(size + turns * max(1, size // 10))
