"""The settings of the tools."""

from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from segpaint.studio.base.tool_settings import LARGEST_BRUSH, ToolSettings


class Pending(Protocol):
    """An unfinished action of a tool."""

    def take_back(self) -> bool:
        """Undo the last part of the unfinished action; False if there is none."""


class ToolOptions(QObject):
    """The tool in use, and the settings of all tools.

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

    def __init__(self) -> None:
        super().__init__()
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

    def set_size(self, size: int) -> None:
        """Set the diameter of the brush."""
        self.change(size=size)

    def resize_by(self, turns: int) -> None:
        """Resize the brush by steps, which are wider for a large brush; negative ones make it smaller."""
        size = self.settings.size
        self.set_size(size + turns * max(1, size // 10))
