"""What the window is like after a restart."""

import shutil

import pytest
from PySide6.QtWidgets import QFileDialog

from segpaint.gui.commands.command import COMMANDS, Toggle
from segpaint.gui.files.opening import open_folder
from segpaint.gui.window import rows  # noqa: F401 - fills the table of commands
from segpaint.gui.window.window_state import last_checkpoint

SWITCHES = [
    row.key for row in COMMANDS.values() if isinstance(row, Toggle) and row.remembered and not row.choice
]


def test_the_window_is_as_large_as_before(open_window):
    first = open_window(size=None)
    first.resize(first.width(), 650)
    first.close()
    assert open_window(size=None).height() == 650


@pytest.mark.parametrize("key", SWITCHES)
def test_a_switch_is_as_before_and_has_its_effect(open_window, key):
    first = open_window()
    before = first.commands[key].isChecked()
    first.commands[key].trigger()
    first.close()
    again = open_window()
    assert again.commands[key].isChecked() is not before
    if key == "history":
        assert again.history.isVisible()
    if key == "follow":
        assert not again.studio.runs.follows_edits


def test_tool_options_and_rule_are_as_before(open_window):
    first = open_window()
    first.commands["polygon"].trigger()
    first.commands["paint_background"].trigger()
    first.studio.view.tools.change(size=23, square=True, tolerance=40)
    first.studio.view.overlay.set_opacity(0.8)
    first.close()
    again = open_window()
    assert again.commands["polygon"].isChecked()
    assert again.canvas.tool.name == "Polygon"
    assert again.commands["paint_background"].isChecked()
    assert again.studio.view.tools.settings == first.studio.view.tools.settings
    assert again.studio.view.overlay.opacity == 0.8


def test_the_list_of_edits_is_shown_again(open_window, qtbot):
    first = open_window()
    first.commands["history_list"].trigger()
    assert first.edits.isVisible()
    first.close()
    again = open_window()
    assert again.edits.isVisible()
    assert again.commands["history_list"].isChecked()


def test_neither_live_painting_nor_a_comparison_is_taken_up_again(open_window):
    first = open_window()
    first.commands["live"].trigger()
    first.commands["swipe"].trigger()
    first.close()
    again = open_window()
    assert not again.commands["live"].isChecked()
    assert again.commands["compare_off"].isChecked()


def test_preferences_that_make_no_sense_do_no_harm(open_window):
    first = open_window()
    for name in ("window/geometry", "window/docks", "choices/tool", "choices/paint_over", "window/checkpoint"):
        first.studio.preferences.set(name, "nonsense")
    first.studio.preferences.set("tools/size", 10**9)
    first.studio.preferences.set("toggles/smooth", "perhaps")
    again = open_window()
    assert again.commands["brush"].isChecked()
    assert again.commands["smooth"].isChecked()
    assert again.studio.view.tools.settings.size == 200
    assert last_checkpoint(first.studio.preferences) is None


def test_the_model_that_was_open_last_is_opened_first(open_window, other_checkpoint, tmp_path):
    folder = shutil.copytree(other_checkpoint, tmp_path / "mine")
    first = open_window()
    open_folder(first.studio, first.shell, folder)
    first.close()
    assert last_checkpoint(first.studio.preferences).folder == folder
    shutil.rmtree(folder)
    assert last_checkpoint(first.studio.preferences) is None


def test_dialogs_begin_in_the_folder_of_the_last_file(open_window, mask_file, monkeypatch):
    asked = []

    def choose(_parent, _title, start, _kinds):
        asked.append(start)
        return str(mask_file), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    first = open_window()
    first.commands["open"].trigger()
    first.commands["open_reference"].trigger()
    first.close()
    open_window().commands["open"].trigger()
    assert asked[1:] == [str(mask_file.parent)] * 2
