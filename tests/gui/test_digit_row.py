"""Keys bound to a digit work by their place, whatever the keyboard types there without Shift."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from segpaint.gui.commands.digit_row import digit_at
from segpaint.gui.commands.keymap import Keymap

SHIFT, CTRL, PLAIN = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier(0),
)
AZERTY = "&é\"'(-è_çà"
BELGIAN = "&é\"'(§è!çà"
CZECH = "+ěščřžýáíé"
FIRST = 10
"""Scan code of the first key of the row, under X11 and Wayland, and in the tests."""


@pytest.fixture
def active(window, qtbot):
    """A window that has the keyboard, on its canvas."""
    with qtbot.waitActive(window):
        window.activateWindow()
    window.canvas.setFocus()
    return window


def type_key(widget, character, place, modifiers=PLAIN):
    """Send what Qt makes of a key at a place of the row, counted from 1."""
    key = Qt.Key(ord(character.upper()))
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, FIRST - 1 + place, 0, 0, character)
    asked.ignore()
    QApplication.sendEvent(widget, asked)
    QTest.keyClick(widget, key, modifiers)  # looks for a command, as Qt does after that


@pytest.mark.parametrize("row", [AZERTY, BELGIAN, CZECH])
def test_labels_are_chosen_by_the_place_of_their_digit(active, row):
    document = active.studio.document
    for place in (2, 1, 3):
        type_key(active.canvas, row[place - 1], place)
        assert document.paint_value == document.paintable[place - 1]


def test_a_digit_with_other_modifiers_is_found_at_its_place(active):
    active.keys.set_keymap(Keymap().change("brush", ("Ctrl+5",)).change("eraser", ("0",)))
    type_key(active.canvas, "(", 5, CTRL)
    assert active.studio.view.tools.tool == "brush"
    type_key(active.canvas, "à", 10)
    assert active.studio.view.tools.tool == "eraser"


def test_a_digit_typed_with_shift_is_that_digit_and_nothing_else(active):
    active.keys.set_keymap(Keymap().change("eraser", ("Shift+3",)))
    type_key(active.canvas, '"', 3)
    chosen = active.studio.document.paint_value
    assert chosen == active.studio.document.paintable[2]
    active.studio.document.paint_value = active.studio.document.paintable[0]
    type_key(active.canvas, "3", 3, SHIFT)
    assert active.studio.view.tools.tool == "eraser"
    assert active.studio.document.paint_value == active.studio.document.paintable[0]


@pytest.mark.parametrize("character", ["&", "("])
def test_a_command_that_has_the_character_itself_keeps_it(active, character):
    place = AZERTY.index(character) + 1
    before = active.studio.document.paint_value
    active.keys.set_keymap(Keymap().change("eraser", (character,)))
    type_key(active.canvas, character, place)
    assert active.studio.view.tools.tool == "eraser"
    assert active.studio.document.paint_value == before


def test_the_same_character_from_another_place_is_no_digit(active):
    document = active.studio.document
    type_key(active.canvas, "&", 1)
    assert document.paint_value == document.paintable[0]
    type_key(active.canvas, "é", 2)
    type_key(active.canvas, "&", 7, SHIFT)  # of an American keyboard
    assert document.paint_value == document.paintable[1]
    type_key(active.canvas, "'", 39)
    assert document.paint_value == document.paintable[1]


def test_what_is_typed_into_a_field_stays_there(active):
    document = active.studio.document
    type_key(active.canvas, "é", 2)
    chosen = document.paint_value
    active.commands["find_label"].trigger()
    field = active.focusWidget()
    type_key(field, "&", 1)
    assert document.paint_value == chosen


@pytest.mark.parametrize(
    ("platform", "scan", "virtual"),
    [("xcb", 19, 0xE0), ("wayland", 19, 0xE0), ("windows", 11, 0x30), ("cocoa", 1, 29)],
)
def test_every_platform_tells_the_place_in_its_own_way(platform, scan, virtual):
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key(ord("À")), PLAIN, scan, virtual, 0, "à")
    assert digit_at(event, platform) == ord("0")
    elsewhere = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_A, PLAIN, 38 if platform != "cocoa" else 1, 0, 0, "a"
    )
    assert digit_at(elsewhere, platform) is None
