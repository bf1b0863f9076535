"""The list of keys, for the window and the guide."""

from collections.abc import Sequence

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_text import native
from segpaint.gui.commands.keymap import Keymap

POINTER_HINTS = (
    ("Paint", "Right drag, Ctrl + drag", "Erase"),
    ("Paint", "Ctrl + Alt + click", "Pick a label with any tool"),
    ("Paint", "Shift + wheel", "Brush size"),
    ("Paint", "Arrow keys on the mask", "Move by a pixel, with Shift by ten"),
    ("Paint", "Return on the mask", "Press there; held while moving, a stroke"),
    ("View", "Wheel", "Zoom at the pointer"),
    ("View", "Middle drag, Space + drag", "Pan"),
    ("View", "Right drag on the image", "Window, sideways, and level, up and down"),
    ("View", "Right double click on the image", "Reset window and level"),
)
"""Mouse gestures, and keys in their place, whatever the keymap: group, gesture, effect."""
GROUPS = "File", "Edit", "Paint", "View", "Anatomy", "Run", "Explore", "Help"
"""The first groups in order; others follow."""


def groups() -> dict[str, dict[str, list[str]]]:
    """Gather the commands of every line, by group and text, in the order of the menus."""
    found: dict[str, dict[str, list[str]]] = {group: {} for group in GROUPS}
    within = {submenu.path: submenu.place for submenu in COMMANDS.submenus}
    for name, command in sorted(COMMANDS.items(), key=lambda row: within.get(row[1].menu, row[1].place)):
        found.setdefault(command.sheet_group, {}).setdefault(command.together or command.text, []).append(name)
    return {group: lines for group, lines in found.items() if lines}


def sheet(keymap: Keymap) -> list[tuple[str, list[tuple[str, str]]]]:
    """List all groups with their lines: keys or gesture, and effect. Commands without keys are left out."""
    listed = []
    for group, lines in groups().items():
        keys = {text: span([keys_text(keymap, command) for command in lines[text]]) for text in lines}
        gestures = [(gesture, text) for place, gesture, text in POINTER_HINTS if place == group]
        listed.append((group, [(keys[text], text) for text in lines if keys[text]] + gestures))
    return [(group, lines) for group, lines in listed if lines]


def keys_text(keymap: Keymap, command: str) -> str:
    """Format all keys of a command for display."""
    return " or ".join(map(native, keymap.keys(command)))


def span(keys: Sequence[str]) -> str:
    """Format the keys of several commands in short: ``1 – 9`` if they are consecutive."""
    stem = keys[0][:-1]
    if len(keys) > 1 and list(keys) == [f"{stem}{number}" for number in range(1, len(keys) + 1)]:
        return f"{keys[0]} – {keys[-1]}"
    return ", ".join(key for key in keys if key)
