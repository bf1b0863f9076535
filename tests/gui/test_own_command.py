"""A command, defined here alone, stands in menu, key sheet and palette; its handler needs no window."""

import numpy as np
import pytest

from segpaint.gui.commands.command import COMMANDS, Command
from segpaint.gui.commands.key_sheet import sheet
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.commands.palette import Palette


def flip(studio, shell):
    """Turn the mask upside down."""
    studio.document.strokes.replace(np.flipud(studio.document.mask.values), "Flip")
    shell.say("Turned upside down")


def _blank(studio):
    return "" if studio.document.mask.values.any() else "There is nothing to flip"


FLIP = Command(
    key="flip", text="Flip upside down", run=flip, menu="Anatomy", keys=("Ctrl+Alt+F",), enabled=_blank,
)  # fmt: skip


@pytest.fixture
def flip_window(open_window):
    COMMANDS.add(FLIP)
    yield open_window()
    del COMMANDS["flip"]


def test_its_handler_needs_no_window(studio, shell, drawn_mask):
    studio.document.strokes.replace(drawn_mask, "Draw")
    flip(studio, shell)
    np.testing.assert_array_equal(studio.document.mask.values, np.flipud(drawn_mask))
    assert shell.said == ["Turned upside down"]


def test_it_is_offered_where_commands_are(flip_window):
    action = flip_window.commands["flip"]
    anatomy = next(entry.menu() for entry in flip_window.menuBar().actions() if entry.text() == "&Anatomy")
    assert action in anatomy.actions()
    assert ("Ctrl+Alt+F", "Flip upside down") in dict(sheet(Keymap()))["Anatomy"]
    flip_window.commands["palette"].trigger()
    palette = flip_window.findChild(Palette)
    palette.search.setText("upside")
    assert "Flip upside down" in palette.list.item(0).text()


def test_it_runs_and_is_greyed_with_its_reason(flip_window, drawn_mask):
    document = flip_window.studio.document
    document.strokes.replace(drawn_mask * 0, "Blank")
    assert not flip_window.commands["flip"].isEnabled()
    assert flip_window.bound.reason("flip") == "There is nothing to flip"
    document.strokes.replace(drawn_mask, "Draw")
    flip_window.commands["flip"].trigger()
    np.testing.assert_array_equal(document.mask.values, np.flipud(drawn_mask))
