"""Writes the guide's page of keys, from the table that the window itself goes by.

python resources/guide/keys.py
"""

from __future__ import annotations

from pathlib import Path

from segpaint.gui.commands.key_presets import PRESETS
from segpaint.gui.commands.key_sheet import POINTER_HINTS, groups, span
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.window import rows as _rows  # noqa: F401 - fills the table of commands

PAGE = Path(__file__).with_name("keys.md")
HEAD = """# Keys

**Edit > Keys…** gives any command other keys, or takes over those of another program, a *preset*. Below, a
program's column shows where its preset differs from SegPaint's own keys. Commands without any key are left out.
This page is written from the table that the window uses.
"""


def page() -> str:
    """The page in Markdown."""
    keymaps = [Keymap(preset) for preset in PRESETS]
    lines = [HEAD, *(f"- {preset}: {PRESETS[preset].note}" for preset in PRESETS), ""]
    for group, rows in groups().items():
        lines += [f"## {group}", "", f"| | {' | '.join(PRESETS)} |", "|---" * (len(PRESETS) + 1) + "|"]
        for text, commands in rows.items():
            own, *others = [_cell(keymap, commands) for keymap in keymaps]
            if {own, *others} != {"none"}:
                differing = ["" if other == own else other for other in others]
                lines.append(f"| {text.rstrip('…')} | {' | '.join([own, *differing])} |")
        lines.append("")
    lines += [
        "## Mouse, and keys in its place",
        "",
        "| | |",
        "|---|---|",
        *(f"| {text} | {gesture} |" for _, gesture, text in POINTER_HINTS),
    ]
    return "\n".join(lines) + "\n"


def _cell(keymap: Keymap, commands: list[str]) -> str:
    """The keys of a line as Qt writes them on every system."""
    keys = span([" or ".join(keymap.keys(command)) for command in commands])
    return " or ".join(f"`{key}`" for key in keys.split(" or ")) if keys else "none"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
