"""A tool, defined here alone, stands in the strip, the menu and the sheet of keys, and paints."""

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton

from segpaint.core.masks.paint import Footprint
from segpaint.gui.canvas.tool import TOOLS, Pointer, Tool, register_tool, tool_row
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_sheet import sheet
from segpaint.gui.commands.keymap import Keymap


class CrossTool(Tool):
    """Stamps a cross of the brush's size."""

    row = tool_row("cross", "Cross", "Ctrl+Alt+X", hint="Stamp a cross")
    usage = "Click to stamp a cross"
    options = ("size", "on_screen")

    def press(self, pointer: Pointer) -> None:
        rows, columns = np.indices(self.document.mask.shape)
        down, right = np.abs(rows + 0.5 - pointer.row), np.abs(columns + 0.5 - pointer.column)
        inside = (np.minimum(down, right) < 1) & (np.maximum(down, right) < self.size / 2)
        self.stamp(Footprint(0, 0, inside), erase=pointer.erases)


@pytest.fixture
def cross_window(open_window, qtbot):
    register_tool(CrossTool)
    yield open_window()
    del TOOLS["cross"], COMMANDS["cross"]


def test_it_is_offered_where_tools_are(cross_window):
    action = cross_window.commands["cross"]
    assert action in [button.defaultAction() for button in cross_window.tools.findChildren(QToolButton)]
    edit = next(action.menu() for action in cross_window.menuBar().actions() if action.text() == "&Edit")
    tools = next(entry.menu() for entry in edit.actions() if entry.text() == "Tool")
    assert action in tools.actions()
    assert ("Ctrl+Alt+X", "Cross") in dict(sheet(Keymap()))["Paint"]


def test_it_paints_undoably_and_shows_its_options(cross_window, hand):
    document = cross_window.studio.document
    document.strokes.replace(document.mask.values * 0, "Blank")
    cross_window.commands["cross"].trigger()
    cross_window.studio.view.tools.set_size(7)
    assert cross_window.options_bar.size_box.isVisible()
    hand(cross_window, (10, 12))
    assert document.mask.values[12, 10] == document.mask.values[12, 12] == document.paint_value
    assert document.mask.values[14, 12] == 0
    assert document.strokes.stack.undoText() == f"Cross, {document.name_of(document.paint_value)}"
    cross_window.commands["undo"].trigger()
    assert not document.mask.values.any()
