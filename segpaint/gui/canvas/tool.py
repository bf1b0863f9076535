"""The base of all tools, which turn pointer events into edits of the mask."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainterPath

from segpaint.core.masks.paint import Footprint
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.commands.command import COMMANDS, Toggle
from segpaint.gui.commands.shell import Shell
from segpaint.studio.base.tool_settings import ToolSettings
from segpaint.studio.document.document import Document
from segpaint.studio.document.locks import locked_sentence, locks_against
from segpaint.studio.studio import Studio

LAST = 900
"""Default place of a tool."""


@dataclass(frozen=True)
class Pointer:
    """The pointer's position and state.

    Attributes
    ----------
    row, column : float
        In mask pixels; the first one extends from 0 to 1. May lie outside the mask.
    erases : bool
        Whether the right button, Ctrl, or the eraser end of a pen is used.
    constrained : bool
        Whether Shift is held.
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
        """Find row and column of the pixel under it; None outside a mask of this shape."""
        row, column = int(self.row // 1), int(self.column // 1)
        return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None


class Tool(QObject):
    """Base of all tools: each class is one tool, with its command and its place in the strip.

    Parameters
    ----------
    sketch : Sketch
        Shows unfinished work.
    """

    told = Signal(str)
    """A sentence for the status line; an empty one clears it."""
    outlined = Signal()
    """A press would change something else than before, although the pointer rests."""

    row: ClassVar[Toggle]
    """Its command, see `tool_row`; the command's text names the tool's edits."""
    usage: ClassVar[str] = ""
    """How to use it, in a sentence for the status line."""
    options: ClassVar[tuple[str, ...]] = ()
    """Names of its options; `segpaint.gui.tools.tool_options_bar` has a field for each."""
    place: ClassVar[int] = LAST
    """Its order in the strip, which has two tools in a row."""
    cursor: ClassVar[Qt.CursorShape] = Qt.CursorShape.CrossCursor
    erases: ClassVar[bool] = False
    """Whether it always erases."""

    def __init__(self, studio: Studio, sketch: Sketch) -> None:
        super().__init__(sketch)
        self.studio, self.sketch = studio, sketch

    @property
    def name(self) -> str:
        """The name of its edits."""
        return self.row.text

    @classmethod
    def offered(cls, _settings: ToolSettings) -> tuple[str, ...]:
        """Return the options that apply with the current settings."""
        return cls.options

    @property
    def settings(self) -> ToolSettings:
        """The settings of all tools."""
        return self.studio.view.tools.settings

    @property
    def size(self) -> int:
        """Diameter of the brush in mask pixels, at the zoom of now."""
        return self.studio.view.tools.diameter

    @property
    def document(self) -> Document:
        """The document to paint on."""
        return self.studio.document

    @property
    def intensities(self) -> NDArray[np.uint8] | None:
        """Of the reference, 0 to 255, shape of the mask; None if there is no reference."""
        reference = self.document.reference
        return reference.intensities if reference is not None else None

    def look_at_reference(self) -> NDArray[np.uint8] | None:
        """Return the reference's intensities; if there is none, show that it is needed."""
        intensities = self.intensities
        if intensities is None:
            self.told.emit("There is no reference to look at: open a real image with File > Open reference.")
        return intensities

    def choose(self) -> None:
        """Prepare to be used."""

    def leave(self) -> str | None:
        """Finish or cancel; a tool that drags ends its stroke here, too.

        Returns
        -------
        str or None
            A sentence on what becomes of unfinished work, for somebody who takes another tool.
        """
        return None

    def press(self, _pointer: Pointer) -> None:
        """Handle a press of a button."""

    def drag(self, _pointer: Pointer) -> None:
        """Follow the pointer with the button down."""

    def release(self, _pointer: Pointer) -> None:
        """Handle the release of a button."""

    def hover(self, _pointer: Pointer) -> None:
        """Follow the pointer with no button down."""

    def double_click(self, pointer: Pointer) -> None:
        """Handle a double click, by default as a press."""
        self.press(pointer)

    def wants(self, _event: QKeyEvent) -> bool:
        """Return whether a key is meant for it, even if it is some command's."""
        return False

    def key(self, _event: QKeyEvent) -> None:
        """Handle a key that it wanted."""

    def take_back(self) -> bool:
        """Undo the last part of unfinished work; False if there is none, so that an edit is undone."""
        return False

    def footprint(self, _pointer: Pointer) -> QPainterPath:
        """Return the outline of what a press would change, in mask pixels."""
        return QPainterPath()

    def holds(self, pointer: Pointer) -> bool:
        """Return whether a press keeps the pixel there; see `Document.holds`."""
        document = self.document
        pixel = pointer.pixel(document.mask.shape)
        value = int(document.mask.values[pixel]) if pixel is not None else document.paint_value
        return document.holds(value, erase=self.erases or pointer.erases)

    def stamp(self, footprint: Footprint, *, erase: bool) -> None:
        """Paint some pixels as one stroke."""
        self.document.strokes.begin()
        self.document.paint(footprint, erase=erase)
        self.end_stroke(erase=erase)

    def end_stroke(self, *, erase: bool = False) -> None:
        """End a stroke, and name the edit after the painted label."""
        document = self.document
        painted = "erased" if erase else document.name_of(document.paint_value)
        document.strokes.end(f"{self.name}, {painted}")
        self.report_kept(erase=erase)

    def report_kept(self, *, erase: bool = False, label: int | None = None) -> bool:
        """Report why the stroke that ended last changed nothing; False if no lock or rule has a part in it."""
        document = self.document
        kept = document.strokes.kept
        words = locked_sentence(document, locks_against(document, kept, erase=erase, label=label))
        asked = {label} & kept if erase and label is not None else kept
        if not words and any(document.holds(value, erase=erase, label=label) for value in asked):
            words = f"{self.studio.view.coverage.sentence}. Nothing changes here."
        if words:
            self.told.emit(words)
        return bool(words)


TOOLS: dict[str, type[Tool]] = {}
"""All tool classes by the keys of their commands, in the order of the menu."""


def register_tool(kind: type[Tool]) -> None:
    """Add a tool to `TOOLS` and its command to `COMMANDS`, so that every window built later has it.

    Raises
    ------
    ValueError
        If a command with its key exists.
    """
    COMMANDS.add(kind.row)
    TOOLS[kind.row.key] = kind


def tool_row(
    key: str,
    text: str,
    *keys: str,
    icon: str = "",
    hint: str = "",
    default: bool = False,
    also: tuple[str, int] | None = None,
) -> Toggle:
    """Return the row of the command that selects a tool.

    Parameters
    ----------
    *keys : str
        Default keys in Qt's notation.
    default : bool
        Whether it is in use at first.
    key, text, icon, hint, also
        See `Command`.
    """

    def take(studio: Studio, _shell: Shell, _on: bool) -> None:
        studio.view.tools.take(key)
        studio.anatomy.apply()  # as in Krita, choosing a tool ends pending changes

    return Toggle(
        key=key, text=text, keys=keys, icon=icon, hint=hint, menu="Edit/Tool", group="Paint", choice="tool",
        remembered=True, default=default, also=also, run=take,
        is_on=lambda studio: studio.view.tools.tool == key,
    )  # fmt: skip
