"""The command palette: commands are found by their words, listed as they are now, and run."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_editor import KeyEditor
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.commands.palette import LINE, Palette

Key = Qt.Key


@pytest.fixture
def open_palette(window, qtbot):
    """Open it over the window, with some words typed."""

    def open_(words=""):
        window.commands["palette"].trigger()
        palette = window.findChild(Palette)
        qtbot.waitUntil(palette.isVisible)
        QTest.keyClicks(palette.search, words)
        return palette

    return open_


def listed(palette):
    return [palette.list.item(row).data(LINE) for row in range(palette.list.count())]


def commands(palette):
    return [line.command for line in listed(palette)]


def test_all_visible_commands_are_listed(window, open_palette):
    window.commands["tour"].setVisible(False)
    assert set(commands(open_palette())) == set(COMMANDS) - {"tour"}


def test_it_lies_near_the_top_of_the_window(window, open_palette):
    palette, frame = open_palette(), window.geometry()
    assert frame.contains(palette.geometry())
    assert abs(palette.geometry().center().x() - frame.center().x()) < 8
    assert palette.y() - frame.y() < frame.height() / 4
    assert palette.focusWidget() is palette.search


@pytest.mark.parametrize(
    ("words", "first"),
    [("side", "side_by_side"), ("CONTEXT find", None), ("outside difference", "difference_outside")],
)
def test_commands_are_found_by_all_words_typed(open_palette, words, first):
    found = commands(open_palette(words))
    assert found[:1] == ([first] if first else [])
    for key in found:
        there = f"{COMMANDS[key].sheet_group} {COMMANDS[key].title} {COMMANDS[key].hint}".casefold()
        assert all(word in there for word in words.casefold().split())


def test_titles_that_begin_with_what_is_typed_come_first(open_palette):
    begins = [COMMANDS[key].title.casefold().startswith("s") for key in commands(open_palette("s"))]
    assert any(begins)
    assert not all(begins)
    assert begins == sorted(begins, reverse=True)


def test_a_line_shows_the_key_in_force(window, open_palette):
    window.keys.set_keymap(Keymap().change("brush", ("Ctrl+Alt+U",)))
    (line,) = [line for line in listed(open_palette("brush")) if line.command == "brush"]
    assert (line.group, line.shortcut) == ("Paint", "Ctrl+Alt+U")


def test_return_runs_the_first_command_and_closes(window, open_palette):
    before = window.studio.view.switches.is_on("noisy")
    palette = open_palette("noisy")
    assert commands(palette)[0] == "noisy"
    QTest.keyClick(palette.search, Key.Key_Return)
    assert not palette.isVisible()
    assert window.studio.view.switches.is_on("noisy") is not before


def test_a_click_runs_a_command(window, open_palette):
    palette = open_palette("eraser")
    row = commands(palette).index("eraser")
    spot = palette.list.visualItemRect(palette.list.item(row)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.commands["eraser"].isChecked()
    assert not palette.isVisible()


def test_a_command_that_opens_a_dialog_has_the_keyboard(window, open_palette):
    palette = open_palette("keys")
    palette.list.setCurrentRow(commands(palette).index("edit_keys"))
    QTest.keyClick(palette.search, Key.Key_Return)
    assert window.findChild(KeyEditor).isVisible()
    assert QApplication.activePopupWidget() is None


def test_arrows_move_while_the_field_keeps_the_keyboard(open_palette):
    palette = open_palette("o")
    QTest.keyClick(palette.search, Key.Key_Up)
    assert palette.list.currentRow() == 0
    for _ in range(3):
        QTest.keyClick(palette.search, Key.Key_Down)
    QTest.keyClick(palette.search, Key.Key_Up)
    assert palette.list.currentRow() == 2
    for _ in range(palette.list.count()):
        QTest.keyClick(palette.search, Key.Key_PageDown)
    assert palette.list.currentRow() == palette.list.count() - 1
    assert isinstance(palette.focusWidget(), QLineEdit)


def test_escape_closes_and_runs_nothing(window, open_palette):
    tool = window.studio.view.tools.tool
    palette = open_palette("eraser")
    QTest.keyClick(palette.search, Key.Key_Escape)
    assert not palette.isVisible()
    assert window.studio.view.tools.tool == tool
    assert open_palette().search.text() == ""


def test_a_command_that_cannot_be_run_shows_why_and_is_not_run(window, open_palette):
    palette = open_palette("undo")
    (line,) = [line for line in listed(palette) if line.command == "undo"]
    assert line.reason == window.bound.reason("undo") != ""
    palette.list.setCurrentRow(commands(palette).index("undo"))
    QTest.keyClick(palette.search, Key.Key_Return)
    assert palette.isVisible()


def test_return_on_an_empty_list_does_nothing(open_palette):
    palette = open_palette("zzz")
    assert listed(palette) == []
    for key in (Key.Key_Down, Key.Key_Return):
        QTest.keyClick(palette.search, key)
    assert palette.isVisible()


def test_what_was_used_last_comes_first_until_something_is_typed(open_palette):
    for key in ("eraser", "fill"):
        palette = open_palette(COMMANDS[key].title)
        assert commands(palette)[0] == key
        QTest.keyClick(palette.search, Key.Key_Return)
    assert commands(open_palette())[:2] == ["fill", "eraser"]
    assert commands(open_palette("grow"))[0] == "grow"


def test_toggles_show_whether_they_are_on(window, open_palette):
    def text(key):
        return next(line.text for line in listed(open_palette()) if line.command == key)

    window.commands["outlines"].setChecked(False)
    assert text("outlines").endswith(": off")
    window.findChild(Palette).reject()
    window.commands["outlines"].setChecked(True)
    assert text("outlines").endswith(": on")
    window.findChild(Palette).reject()
    window.commands["brush"].trigger()
    assert text("brush") == "Tool › Brush: on"
    assert text("eraser") == "Tool › Eraser"
    assert text("generate") == COMMANDS["generate"].title


def test_a_window_closes_with_its_palette_open(window, open_palette):
    open_palette("brush")
    window.close()
    assert not any(dialog.isVisible() for dialog in window.findChildren(QDialog))
