"""The lines in which keys are listed, in the window and in the guide."""

from __future__ import annotations

from collections.abc import Sequence

from segpaint.gui.commands.commands import COMMANDS, POINTER_HINTS
from segpaint.gui.commands.key_text import native
from segpaint.gui.commands.keymap import Keymap


def groups() -> dict[str, dict[str, list[str]]]:
    """By group and text, the commands of every line."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, command in COMMANDS.items():
        found.setdefault(command.group, {}).setdefault(command.together or command.text, []).append(name)
    return found


def sheet(keymap: Keymap) -> list[tuple[str, list[tuple[str, str]]]]:
    """All groups, each with its lines: keys or gesture, and what they do. What has no key is left out."""
    listed = []
    for group, lines in groups().items():
        keys = {text: span([keys_text(keymap, command) for command in lines[text]]) for text in lines}
        gestures = [(gesture, text) for place, gesture, text in POINTER_HINTS if place == group]
        listed.append((group, [(keys[text], text) for text in lines if keys[text]] + gestures))
    return [(group, lines) for group, lines in listed if lines]


def keys_text(keymap: Keymap, command: str) -> str:
    """All keys of a command as people read them."""
    return " or ".join(map(native, keymap.keys(command)))


def span(keys: Sequence[str]) -> str:
    """The keys of several commands in short: ``1 – 9`` where they count up."""
    stem = keys[0][:-1]
    if len(keys) > 1 and list(keys) == [f"{stem}{number}" for number in range(1, len(keys) + 1)]:
        return f"{keys[0]} – {keys[-1]}"
    return ", ".join(key for key in keys if key)
