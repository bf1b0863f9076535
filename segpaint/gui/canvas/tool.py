"""What a tool is: it turns what the pointer does into edits of the mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainterPath

from segpaint.core.masks.paint import Footprint
from segpaint.studio.document.document import Document
from segpaint.studio.view.options import ToolOptions, ToolSettings

if TYPE_CHECKING:
    from segpaint.gui.canvas.canvas import Canvas


@dataclass(frozen=True)
class Pointer:
    """Where the pointer is, and how it is held.

    Attributes
    ----------
    row, column : float
        In mask pixels; the first reaches from 0 to 1. May lie outside the mask.
    erases : bool
        By the right button, Ctrl, or the other end of a pen.
    constrained : bool
        Shift is held.
    pressure : float
        Of a pen, 0 to 1; 1 for a mouse.
    """

    row: float
    column: float
    erases: bool = False
    constrained: bool = False
    pressure: float = 1.0

    @property
    def point(self) -> tuple[float, float]:
        """Row and column."""
        return self.row, self.column

    def pixel(self, shape: tuple[int, int]) -> tuple[int, int] | None:
        """Row and column of the pixel under it; None beside a mask of this shape."""
        row, column = int(self.row // 1), int(self.column // 1)
        return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None


class Tool(QObject):
    """Base of all tools.

    Parameters
    ----------
    canvas : Canvas
        On which it is used, while it has a document.
    options : ToolOptions
    """

    name = ""
    """What the list of edits calls what it does."""
    hint = ""
    """How it is used, in a sentence for the status line."""
    cursor = Qt.CursorShape.CrossCursor
    erases = False
    """Whether it takes away, whatever the pointer."""

    def __init__(self, canvas: Canvas, options: ToolOptions) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.options = options

    @property
    def settings(self) -> ToolSettings:
        """What is set about the tools."""
        return self.options.settings

    @property
    def document(self) -> Document:
        """What is painted on."""
        document = self.canvas.document
        if document is None:
            raise RuntimeError("a tool was used before there was a document")
        return document

    def choose(self) -> None:
        """Be the tool in use from now on."""

    def leave(self) -> None:
        """Another tool comes into use, or another document: finish, or give up, what is under way."""

    def press(self, _pointer: Pointer) -> None:
        """A button went down."""

    def drag(self, _pointer: Pointer) -> None:
        """The pointer moved with the button down."""

    def release(self, _pointer: Pointer) -> None:
        """The button went up."""

    def hover(self, _pointer: Pointer) -> None:
        """The pointer moved with no button down."""

    def double_click(self, pointer: Pointer) -> None:
        """A button went down for the second time in short; that is a press for most."""
        self.press(pointer)

    def wants(self, _event: QKeyEvent) -> bool:
        """Whether a key is meant for it now, even if it is some command's."""
        return False

    def key(self, _event: QKeyEvent) -> None:
        """A key that it wanted went down."""

    def take_back(self) -> bool:
        """Take back the last thing of what is under way; False if that is nothing, and an edit is meant."""
        return False

    def footprint(self, _pointer: Pointer) -> QPainterPath:
        """The outline of what a press would touch, in mask pixels."""
        return QPainterPath()

    def stamp(self, footprint: Footprint, *, erase: bool) -> None:
        """Paint some pixels as one stroke."""
        self.document.begin_stroke()
        self.document.paint(footprint, erase=erase)
        self.end_stroke(erase=erase)

    def end_stroke(self, *, erase: bool = False) -> None:
        """End a stroke, and say in the list of edits what it painted."""
        document = self.document
        painted = "erased" if erase else document.name_of(document.paint_value)
        document.end_stroke(f"{self.name}, {painted}")
