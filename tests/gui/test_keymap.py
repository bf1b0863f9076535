"""Keymaps and presets, without a window."""

import json
import runpy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_presets import PRESETS
from segpaint.gui.commands.key_sheet import POINTER_HINTS, sheet
from segpaint.gui.commands.key_text import clash, portable, tidy
from segpaint.gui.commands.keymap import DEFAULT, Keymap
from segpaint.paths import resources

GUIDE = resources() / "guide"

KEYS = st.sampled_from(
    ["A", "B", "Shift+B", "Ctrl+K", "Ctrl+K, Ctrl+S", "?", "Shift+/", "Space", "Esc", "Return", "7"]
)
KEYMAPS = st.builds(
    Keymap,
    st.sampled_from(list(PRESETS)),
    st.dictionaries(st.sampled_from(list(COMMANDS)), st.lists(KEYS, max_size=3).map(tuple), max_size=6),
)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_gives_a_key_to_two_commands(preset):
    keymap = Keymap(preset)
    assert keymap.conflicts == {}
    assert all(keymap.keys(command) == keymap.preset_keys(command) for command in COMMANDS)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_name_commands_and_keys_that_exist(preset):
    for keys in (PRESETS[preset].keys, PRESETS[preset].moved):
        assert set(keys) <= set(COMMANDS)
        for command, given_keys in keys.items():
            assert tidy(given_keys) == given_keys, command
    assert not set(PRESETS[preset].keys) & set(PRESETS[preset].moved)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_takes_no_key_away_without_giving_another(preset):
    for command, settings in COMMANDS.items():
        assert bool(Keymap(preset).keys(command)) >= bool(settings.keys), command


def test_a_preset_moves_only_what_stands_in_the_way():
    for preset in PRESETS.values():
        given_keys = [key for keys in preset.keys.values() for key in keys]
        for command in preset.moved:
            own = COMMANDS[command].keys
            in_the_way = any(clash(key, other) for key in own for other in given_keys)
            assert in_the_way or COMMANDS[command].together, command


def test_what_qt_cannot_tell_apart_clashes():
    for first, second in (
        ("B", "B"), ("Ctrl+Z", "ctrl+z"), ("?", "Shift+/"), ("Ctrl++", "Ctrl+Shift+="), ("Enter", "Return"),
        ("Num+5", "5"), ("Backtab", "Shift+Tab"), ("Escape", "Esc"), ("Ctrl+K", "Ctrl+K, Ctrl+S"),
    ):  # fmt: skip
        assert clash(first, second), (first, second)
        assert clash(second, first), (first, second)
    for first, second in (("B", "Shift+B"), ("Ctrl+S", "Ctrl+K, Ctrl+S"), ("1", "Alt+1"), ("-", "=")):
        assert not clash(first, second), (first, second)


def test_what_is_no_key_is_none():
    assert tidy(["", "Nonsense", "Ctrl+", "b", "B", "Ctrl+K, Nonsense"]) == ("B",)
    assert portable("escape") == "Esc"


def test_a_key_that_was_given_twice_goes_to_whom_the_user_gave_it():
    keymap = Keymap().change("eraser", ("B",))
    assert keymap.keys("eraser") == ("B",)
    assert keymap.keys("brush") == ()
    (mine,), (theirs,) = keymap.conflicts["eraser"], keymap.conflicts["brush"]
    assert mine.sentence == "B is also wanted by “Brush”, which goes without."
    assert theirs.sentence == "B is also wanted by “Eraser”, which keeps it."
    assert set(keymap.conflicts) == {"eraser", "brush"}


def test_conflicts_say_how_keys_are_alike():
    keymap = Keymap().change("eraser", ("Shift+/",)).change("fit", ("Ctrl+S, A",))
    assert "Shift+/ is the same key as ?" in keymap.conflicts["eraser"][0].sentence
    assert "Ctrl+S, A begins like Ctrl+S" in keymap.conflicts["fit"][0].sentence
    assert keymap.keys("keys") == ("F1",)


@given(keymap=KEYMAPS)
def test_no_two_commands_have_the_same_key_in_force(keymap):
    given_keys = [key for command in COMMANDS for key in keymap.keys(command)]
    for place, key in enumerate(given_keys):
        assert not any(clash(key, other) for other in given_keys[:place])


@given(keymap=KEYMAPS)
def test_conflicts_are_told_of_both_and_explain_every_key_that_is_missing(keymap):
    for command, conflicts in keymap.conflicts.items():
        for conflict in conflicts:
            (other,) = [
                back
                for back in keymap.conflicts[conflict.other]
                if (back.other, back.key, back.other_key) == (command, conflict.other_key, conflict.key)
            ]
            assert other.wins != conflict.wins
    for command in COMMANDS:
        missing = set(keymap.wanted(command)) - set(keymap.keys(command))
        assert missing == {c.key for c in keymap.conflicts.get(command, ()) if not c.wins}


@given(keymap=KEYMAPS, command=st.sampled_from(list(COMMANDS)), keys=st.lists(KEYS, max_size=3).map(tuple))
def test_a_change_holds_until_it_is_reset(keymap, command, keys):
    changed = keymap.change(command, keys)
    assert changed.wanted(command) == tidy(keys)
    assert {c: changed.wanted(c) for c in COMMANDS if c != command} == {
        c: keymap.wanted(c) for c in COMMANDS if c != command
    }
    assert changed.reset(command) == keymap.reset(command)
    assert changed.reset(command).wanted(command) == keymap.preset_keys(command)


@given(keymap=KEYMAPS)
def test_a_keymap_comes_back_from_what_was_kept(keymap):
    kept = json.loads(json.dumps({command: list(keys) for command, keys in keymap.own.items()}))
    assert Keymap.restored(keymap.preset, kept) == keymap


@given(KEYMAPS, KEYMAPS)
def test_the_changes_between_two_keymaps_lead_from_one_to_the_other(before, new):
    assert before.after(before, new) == new
    assert new.after(before, before) == new


def test_what_was_kept_and_makes_no_sense_is_left_out():
    kept = {"gone": ["B"], "brush": "B", "eraser": [1, "U", None, "Nonsense"], "fit": []}
    keymap = Keymap.restored("Another program", kept)
    assert keymap.preset == DEFAULT
    assert keymap.own == {"eraser": ("U",), "fit": ()}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_sheet_lists_every_command_that_has_a_key_once(preset):
    keymap = Keymap(preset)
    listed = [(group, *line) for group, lines in sheet(keymap) for line in lines]
    assert set(POINTER_HINTS) <= set(listed)
    texts = [text for group, keys, text in listed if (group, keys, text) not in POINTER_HINTS]
    for name, command in COMMANDS.items():
        assert texts.count(command.together or command.text) == bool(keymap.keys(name)), name


def test_the_sheet_says_the_keys_of_labels_in_short():
    def line(keymap):
        (keys,) = [keys for _, lines in sheet(keymap) for keys, text in lines if text == "Choose a label"]
        return keys

    assert line(Keymap()) == "1 – 9"
    assert line(Keymap("napari")) == "Alt+1 – Alt+9"
    assert line(Keymap().change("label_2", ("F2",)).change("label_9", ())) == "1, F2, 3, 4, 5, 6, 7, 8"


def test_the_guide_lists_the_keys_as_they_are():
    """If not: python resources/guide/keys.py."""
    written = runpy.run_path(str(GUIDE / "keys.py"))["page"]()
    assert (GUIDE / "keys.md").read_text(encoding="utf-8") == written
