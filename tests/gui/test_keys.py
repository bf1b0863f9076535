"""The keymap in force in a window, and the dialog that changes it."""

import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QWidget

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_editor import KeyEditor
from segpaint.gui.commands.key_presets import PRESETS
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.commands.keys_dialog import KeysDialog

Key = Qt.Key


@pytest.fixture
def active(window, qtbot):
    """A window that has the keyboard."""
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def edit(active, qtbot):
    """Open the dialog; it has the keyboard."""

    def open_():
        active.commands["edit_keys"].trigger()
        editor = active.findChildren(KeyEditor)[-1]
        editor.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is editor)
        return editor

    return open_


def shortcuts(window, command):
    return [key.toString() for key in window.commands[command].shortcuts()]


def menu_line(window, command):
    """What stands in the menu, with its key."""
    for menu in window.findChildren(QMenu):
        if window.commands[command] in menu.actions():
            text, _, key = window.commands[command].text().partition("\t")
            return text, key or window.commands[command].shortcut().toString()
    raise KeyError(command)


def sheet_lines(window):
    window.commands["keys"].trigger()
    (dialog,) = window.findChildren(KeysDialog)
    said = {label.text() for label in dialog.findChildren(QLabel)}
    dialog.close()
    return said


def test_a_change_is_said_in_menus_tooltips_and_the_sheet(window):
    keymap = Keymap().change("brush", ("U",)).change("generate", ("F5",)).change("dice", ("Ctrl+Alt+S",))
    window.keys.set_keymap(keymap.change("larger", ("F6",)).change("open_reference", ()))
    assert shortcuts(window, "brush") == ["U"]
    assert menu_line(window, "generate") == ("Generate", "F5")
    assert window.commands["brush"].toolTip() == "Paint with the chosen label (U)"
    assert "(F5)" in window.transport.generate.toolTip()
    assert "(Ctrl+Alt+S)" in window.request.dice.toolTip()
    assert window.reference.open.toolTip() == COMMANDS["open_reference"].hint
    assert "[ and F6, or Shift + wheel" in window.options_bar.slider.toolTip()
    said = sheet_lines(window)
    assert {"U", "F5", "F6", "Ctrl+Alt+S"} <= said
    assert not {"B", "Ctrl+Return", "]", "Ctrl+R"} & said


def test_nothing_in_the_window_names_a_key_that_was_taken_away(window):
    key = re.compile(r"(?:Ctrl|Shift|Alt)\+\w|\((?:\S|F\d+|Space|Esc|key .*)\)|\[ and \]")
    named = [text for text in said(window) if key.search(text)]
    assert len(named) > 20
    window.keys.set_keymap(Keymap(own=dict.fromkeys(COMMANDS, ())))
    gestures = {"Paint with the label under the pointer; also Ctrl+Alt+click"}
    assert {text for text in said(window) if key.search(text)} <= gestures


def said(window):
    """All texts and tooltips."""
    widgets, actions = window.findChildren(QWidget), window.findChildren(QAction)
    texts = [widget.text() for widget in widgets if isinstance(widget, QLabel | QAbstractButton)]
    return [
        *texts,
        *(about.toolTip() for about in (*widgets, *actions)),
        *(action.text() for action in actions),
    ]


def test_every_command_can_be_given_another_key_and_has_it_after_a_restart(window, open_window):
    modifiers = ("Alt+", "Ctrl+Alt+", "Meta+", "Meta+Alt+", "Meta+Ctrl+")
    keys = (f"{modifier}F{number}" for modifier in modifiers for number in range(1, 36))
    keymap = Keymap("Krita", {command: (next(keys),) for command in COMMANDS})
    assert set(keymap.own) == set(COMMANDS)
    window.keys.set_keymap(keymap)
    window.close()
    again = open_window()
    assert again.keys.keymap == keymap
    assert {command: tuple(shortcuts(again, command)) for command in COMMANDS} == keymap.own


@pytest.mark.parametrize("preset", PRESETS)
def test_qt_finds_no_key_ambiguous_in_any_preset(window, preset):
    window.keys.set_keymap(Keymap(preset))
    given_keys = [key for command in COMMANDS for key in shortcuts(window, command)]
    assert len(given_keys) == len(set(given_keys))


def test_keys_of_labels_follow_the_keymap(active, qtbot):
    window, document = active, active.studio.document
    assert "<p>Paint bone (value 4, key 3)</p>" in window.labels.rows[4].toolTip()
    window.keys.set_keymap(Keymap("napari"))
    assert "<p>Paint bone (value 4, key Alt+3)</p>" in window.labels.rows[4].toolTip()
    qtbot.keyClick(window, Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert document.paint_value == 4
    qtbot.keyClick(window, Key.Key_1)  # napari's eraser
    assert window.commands["eraser"].isChecked()
    assert document.paint_value == 4
    window.keys.set_keymap(Keymap().change("label_3", ()))
    assert "<p>Paint bone (value 4)</p>" in window.labels.rows[4].toolTip()


def test_a_key_that_is_typed_into_a_field_types(active, qtbot):
    window, steps = active, active.request.steps
    window.keys.set_keymap(Keymap("napari"))
    steps.setFocus()
    steps.selectAll()
    qtbot.keyClicks(steps, "12")
    qtbot.keyClick(steps, Key.Key_Return)
    assert window.studio.document.settings.steps == 12
    assert not window.commands["eraser"].isChecked()


def test_a_key_that_opens_a_menu_may_be_given_to_a_command(active, qtbot):
    window, alt = active, Qt.KeyboardModifier.AltModifier
    titles = [action.text() for action in window.menuBar().actions()]
    window.keys.set_keymap(Keymap().change("noisy", ("Alt+V",)))
    qtbot.keyClick(window, Key.Key_V, alt)
    assert window.commands["noisy"].isChecked()
    assert QApplication.activePopupWidget() is None
    window.keys.set_keymap(Keymap())
    assert [action.text() for action in window.menuBar().actions()] == titles


def test_a_tap_on_space_does_what_space_is_given_to(active, qtbot):
    window = active
    assert menu_line(window, "play") == ("Play", "Space")
    window.keys.set_keymap(Keymap().change("play", ("F8",)).change("noisy", ("Space",)))
    assert menu_line(window, "play") == ("Play", "F8")
    assert menu_line(window, "noisy") == (COMMANDS["noisy"].text, "Space")
    assert window.commands["noisy"].toolTip().endswith("(Space)")
    before = window.commands["noisy"].isChecked()
    qtbot.keyClick(window, Key.Key_Space)
    assert window.commands["noisy"].isChecked() != before
    # Held, it still pans.
    viewport, centre = window.canvas.viewport(), window.studio.view.viewpoint.centre.x()
    qtbot.keyPress(window, Key.Key_Space)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(viewport, QPoint(130, 100))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(130, 100))
    qtbot.keyRelease(window, Key.Key_Space)
    assert window.studio.view.viewpoint.centre.x() < centre
    assert window.commands["noisy"].isChecked() != before


def test_the_name_of_play_keeps_its_key_while_running(window, finish):
    window.keys.set_keymap(Keymap().change("play", ("Space", "F8")))
    window.commands["generate"].trigger()
    assert menu_line(window, "play")[1] == "Space"
    finish(window)
    assert menu_line(window, "play") == ("Play", "Space")


# ---- the dialog


def test_a_key_is_changed_by_keyboard_alone(edit, active, qtbot):
    editor = edit()
    qtbot.keyClicks(editor.focusWidget(), "brush")
    press_tab_until(editor, editor.tree, qtbot)
    for _ in range(10):
        if editor.tree.currentItem() is editor.rows["smaller"]:
            break
        qtbot.keyClick(editor.focusWidget(), Key.Key_Down)
    qtbot.keyClick(editor.focusWidget(), Key.Key_Return)
    qtbot.keyClick(editor.focusWidget(), Key.Key_U)
    assert editor.panel.recorded == "U"
    press_tab_until(editor, editor.panel.use, qtbot)
    qtbot.keyClick(editor.focusWidget(), Key.Key_Return)
    assert editor.isVisible()
    assert editor.rows["smaller"].text(1) == "U"
    assert shortcuts(active, "smaller") == ["["]  # not before it is closed
    press_tab_until(editor, editor.ok, qtbot)
    qtbot.keyClick(editor.focusWidget(), Key.Key_Return)
    assert shortcuts(active, "smaller") == ["U"]


def press_tab_until(editor, widget, qtbot):
    for _ in range(30):
        if editor.focusWidget() is widget:
            return
        qtbot.keyClick(editor.focusWidget(), Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {widget}")


def press(editor, command, key, modifier=Qt.KeyboardModifier.NoModifier):
    editor.tree.setCurrentItem(editor.rows[command])
    editor.record()
    QTest.keyClick(editor.focusWidget(), key, modifier)


def test_keys_are_added_taken_away_and_reset(edit, qtbot):
    editor = edit()
    panel = editor.panel
    press(editor, "redo", Key.Key_U)
    panel.add.click()
    assert editor.keymap.wanted("redo") == ("Ctrl+Shift+Z", "Ctrl+Y", "U")
    panel.removers[1].click()
    assert editor.keymap.wanted("redo") == ("Ctrl+Shift+Z", "U")
    panel.reset.click()
    assert editor.keymap == Keymap()
    assert not panel.reset.isEnabled()
    press(editor, "stop", Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier)
    panel.use.click()
    assert editor.keymap.wanted("stop") == ("Shift+Esc",)
    editor.reset.click()
    assert editor.keymap == Keymap()


def test_conflicts_stand_beside_both_commands(edit, active):
    editor = edit()
    assert editor.twice.isHidden()
    press(editor, "eraser", Key.Key_B)
    assert "wanted by “Brush”, which goes without" in editor.panel.warning.text()
    assert editor.panel.warning.isVisible()
    editor.panel.use.click()
    assert "“Brush”, which goes without" in editor.rows["eraser"].text(2)
    assert "“Eraser”, which keeps it" in editor.rows["brush"].text(2)
    assert editor.twice.text() == "Want the same keys: Brush, Eraser"
    editor.ok.click()
    assert shortcuts(active, "eraser") == ["B"]
    assert shortcuts(active, "brush") == []


def test_a_preset_is_chosen_and_cancel_leaves_all_as_it_was(edit, active):
    for close, brush in (("cancel", "B"), ("ok", "4")):
        editor = edit()
        editor.preset.setCurrentText("ITK-SNAP")
        editor.preset.activated.emit(editor.preset.currentIndex())
        assert editor.rows["brush"].text(1) == "4"
        assert editor.note.text() == PRESETS["ITK-SNAP"].note
        getattr(editor, close).click()
        assert shortcuts(active, "brush") == [brush]


def test_the_search_finds_names_keys_and_groups(edit):
    editor = edit()

    def found(words):
        editor.search.setText(words)
        return {name for name, row in editor.rows.items() if not row.isHidden()}

    assert found("ctrl+shift+z") == {"redo"}
    assert found("BRUSH smaller") == {"smaller"}
    assert {"play", "stop"} <= found("run")
    assert found("nothing like it") == set()
    assert not editor.panel.isEnabled()
    assert found("") == set(COMMANDS)
    assert editor.panel.isEnabled()
    editor.tree.setCurrentItem(editor.groups["Run"])
    editor.record()
    assert not editor.panel.recorder.hasFocus()


def test_a_key_with_a_name_of_its_own_is_written_as_qt_does(window):
    window.keys.set_keymap(Keymap().change("fit", ("escape", "ctrl+shift+f")).change("stop", ()))
    assert window.commands["fit"].shortcuts() == [QKeySequence("Esc"), QKeySequence("Ctrl+Shift+F")]
